namespace Tars.Engine.Vm.Machine;

/// <summary>Where everything lies in the address space of a guest, and how its code and the host speak.</summary>
/// <remarks>
/// From below: the windows of linear memory, then one region of less than 2 GiB which code reaches relative to itself.
/// Text at <see cref="TextBase"/> and behind it, on the next page, the read-only data; far above them the stack, which
/// ends at <see cref="StackTop"/>; the pages of ring 0; the control area. What is not named here is not mapped.
/// Invariants:
///   I1  No page is writable and executable. Linear memory, stack and control area are not executable.
///   I2  What ring 0 needs cannot be reached from ring 3; the page tables have no address in the guest at all.
///   I3  What stands in the control area is the guest's word: the host checks it like any octet of a stranger.
/// </remarks>
internal static class GuestMap
{
    /// <summary>Pages of the processor.</summary>
    public const int PageSize = 4096;

    /// <summary>Pages of a linear memory.</summary>
    public const int WasmPageSize = 65_536;

    /// <summary>From one window to the next: index and offset together reach 8 GiB, and the rest stays empty.</summary>
    public const long WindowStride = 16L << 30;

    /// <summary>What an access can reach of a window. Never mapped beyond the size of its memory.</summary>
    public const long WindowSize = 8L << 30;

    /// <summary>Where code starts: above all windows.</summary>
    public const long TextBase = Limits.WindowCountMax * WindowStride;

    /// <summary>The first address above the stack. Below it lies the stack, below that what stays empty.</summary>
    public const long StackTop = TextBase + (1L << 30);

    /// <summary>Sixteen pages that only ring 0 reaches: descriptor tables, task state, its stack, the stubs.</summary>
    public const long SupervisorBase = StackTop;

    /// <summary>The control area: read and written by code and host, both in turn.</summary>
    public const long ControlBase = SupervisorBase + (16 * PageSize);

    /// <summary>Where linear memory <paramref name="index"/> starts.</summary>
    public static long WindowBase(int index) => index * WindowStride;

    /// <summary>Where the read-only data starts behind so many octets of text.</summary>
    public static long ReadOnlyBase(long textSize) => TextBase + PageAligned(textSize);

    /// <summary>The next multiple of a page.</summary>
    public static long PageAligned(long size) => (size + PageSize - 1) & -PageSize;

    /// <summary>Offsets in the control area. All numbers are little-endian.</summary>
    internal static class Control
    {
        /// <summary>i64: fuel that is left.</summary>
        /// <remarks>
        /// Exact at the end of a call, at a trap and at a fault of linear memory. Where the host stops the code or the
        /// machine stack ends it is what it was when the code last stored it, which may be what the call was given.
        /// </remarks>
        public const int Fuel = 0x00;

        /// <summary>i32: why the code stopped itself with `ud2`: 1 + a FaultKind; 0 when it did not.</summary>
        public const int Trap = 0x08;

        /// <summary>i64: slots of depth that are left.</summary>
        public const int Depth = 0x10;

        /// <summary>i64: what goes with <see cref="Trap"/>, as the compiler likes; the host only shows it.</summary>
        public const int TrapPlace = 0x18;

        /// <summary>i64 for each window: octets of its memory. The host writes it when a memory grows.</summary>
        public const int MemorySizes = 0x200;

        /// <summary>Slots of 16 octets: arguments in, results out, for calls in both directions.</summary>
        public const int CallBlock = 0x1000;

        /// <summary>A slot of the call block: a v128 fills it, a shorter value stands at its start.</summary>
        public const int CallSlotSize = 16;

        /// <summary>From here on the image says what lies where: globals, tables, dropped bits.</summary>
        public const int Module = CallBlock + (Limits.CallSlotCountMax * CallSlotSize);
    }

    /// <summary>Ports of the `out imm8, eax` with which code leaves the machine. Every other port is a fault.</summary>
    internal static class Port
    {
        /// <summary>A call from outside has ended; its results stand in the call block. Not resumed.</summary>
        public const byte Done = 0x10;

        /// <summary>Ring 0 only: a fault; eax is the vector.</summary>
        public const byte Fault = 0x18;

        /// <summary>Asks the host for something; eax is a number of <see cref="HostCall"/>. Resumed.</summary>
        public const byte HostCall = 0x14;
    }

    /// <summary>Numbers of host calls. Arguments and results stand in the call block.</summary>
    internal static class HostCall
    {
        /// <summary>(i32 window, i32 pages) gives i32: the old number of pages, or -1.</summary>
        public const int MemoryGrow = 1;

        /// <summary>The first number that is the image's own: imports, bulk operations, growth of tables.</summary>
        public const int FirstOfImage = 16;
    }
}
