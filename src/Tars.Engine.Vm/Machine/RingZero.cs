using System.Buffers.Binary;
using Tars.Engine.Vm.Kvm;

namespace Tars.Engine.Vm.Machine;

/// <summary>What runs and stands in ring 0: descriptor tables, the ports allowed, a stub for each fault.</summary>
/// <remarks>
/// A stub is an `out` and nothing else: which one it was says the instruction pointer, and what happened stands in the
/// frame that the processor wrote. Where ring 0 is emulated each of its instructions costs about a microsecond.
/// Ring 3 reaches the ports by the bitmap of the task state and not by IOPL, which some hypervisors do not look at.
/// Invariants:
///   I1  Ring 3 can neither read nor write any of it.
///   I2  Every gate leads to a stub here and cannot be called by `int`; there are no gates beyond the exceptions.
/// </remarks>
internal static class RingZero
{
    /// <summary>Octets from the first page on that never change; behind them lies the stack.</summary>
    public const int FixedSize = StackPage;

    private const int UserCode = 0x20 | 3;
    private const int TablesPage = 0;
    private const int GatesPage = GuestMap.PageSize;
    private const int StubsPage = 2 * GuestMap.PageSize;
    private const int StackPage = 3 * GuestMap.PageSize;
    private const int Size = 4 * GuestMap.PageSize;

    private const int KernelCode = 0x08;
    private const int UserData = 0x18 | 3;
    private const int TaskState = 0x28;

    private const int TaskStateAt = 0x100;
    private const int TaskStateSize = 0x68;
    private const int BitmapSize = 4;
    private const int VectorCount = 32;
    private const int GateSize = 16;
    private const int StubSize = 16;

    private const ulong ControlProtection = 0x8005_0033; // PG, AM, WP, NE, ET, MP, PE
    private const ulong ControlMode = 0x20 | 0x600 | 0x4 | 0x4_0000; // PAE; SSE; TSD; OSXSAVE
    private const ulong DescriptorFence = 0x800; // UMIP: ring 3 does not learn where descriptor tables lie.
    private const ulong LongModeNoExecute = 0x500 | 0x800; // LME, LMA; NXE. Without SCE `syscall` is no instruction.

    /// <summary>Writes all of it into the pages at <see cref="GuestMap.SupervisorBase"/>.</summary>
    public static void Write(Span<byte> pages)
    {
        WriteSegments(pages);
        WriteTaskState(pages[TaskStateAt..]);
        for (int vector = 0; vector < VectorCount; vector++)
        {
            WriteGate(pages[(GatesPage + (vector * GateSize))..], StubOf(vector));
            ReadOnlySpan<byte> stub = [0xE7, GuestMap.Port.Fault, 0xF4]; // out Fault, eax; hlt
            stub.CopyTo(pages[(StubsPage + (vector * StubSize))..]);
        }
    }

    /// <summary>Maps the pages, each with the least it needs.</summary>
    public static void Map(PageTables tables, long physical)
    {
        Page(TablesPage, PageRights.RingZeroReadOnly);
        Page(GatesPage, PageRights.RingZeroReadOnly);
        Page(StubsPage, PageRights.RingZeroCode);
        Page(StackPage, PageRights.RingZeroReadWrite);

        void Page(int at, PageRights rights) =>
            tables.Map(GuestMap.SupervisorBase + at, physical + at, GuestMap.PageSize, rights);
    }

    /// <summary>System registers with which code of ring 3 starts.</summary>
    public static KvmSregs Registers(KvmSregs start, long pageTables, bool hasDescriptorFence)
    {
        var code = new KvmSegment
        {
            Limit = uint.MaxValue,
            Selector = UserCode,
            Type = 11,
            Present = 1,
            Dpl = 3,
            S = 1,
            L = 1,
            G = 1,
        };
        var data = code with { Selector = UserData, Type = 3, L = 0, Db = 1 };
        var task = new KvmSegment
        {
            Base = GuestMap.SupervisorBase + TaskStateAt,
            Limit = TaskStateSize + BitmapSize - 1,
            Selector = TaskState,
            Type = 11,
            Present = 1,
        };
        return start with
        {
            Cs = code,
            Ds = data,
            Es = data,
            Fs = data,
            Gs = data,
            Ss = data,
            Tr = task,
            Gdt = new KvmTable { Base = GuestMap.SupervisorBase, Limit = TaskState + GateSize - 1 },
            Idt = new KvmTable { Base = GuestMap.SupervisorBase + GatesPage, Limit = (VectorCount * GateSize) - 1 },
            Cr0 = ControlProtection,
            Cr2 = 0,
            Cr3 = (ulong)pageTables,
            Cr4 = ControlMode | (hasDescriptorFence ? DescriptorFence : 0),
            Efer = LongModeNoExecute,
        };
    }

    /// <summary>Reads the frame of a fault whose stub has just left the machine.</summary>
    /// <param name="pages">The pages of ring 0.</param>
    /// <param name="instruction">The instruction pointer of the stub.</param>
    /// <returns>False when it was no fault of ring 3.</returns>
    public static bool Read(ReadOnlySpan<byte> pages, ulong instruction, out VmFault fault)
    {
        const int Words = sizeof(ulong);
        long stub = (long)instruction - GuestMap.SupervisorBase - StubsPage;
        int vector = (int)(stub / StubSize);
        if (stub is < 0 or >= VectorCount * StubSize)
        {
            fault = default;
            return false;
        }

        // From the top of the stack downwards: ss, rsp, rflags, cs, rip, and of some vectors an error code.
        ulong place = Word(pages, Size - (5 * Words));
        ulong selector = Word(pages, Size - (4 * Words));
        uint error = HasErrorCode(vector) ? (uint)Word(pages, Size - (6 * Words)) : 0;
        fault = new VmFault(
            (FaultVector)vector, error, Address: 0, (long)place, Trap: 0, VmFaultKind.Unforeseen);
        return (selector & 3) == 3;
    }

    private static bool HasErrorCode(int vector) => vector is 8 or (>= 10 and <= 14) or 17 or 21;

    private static ulong StubOf(int vector) =>
        (ulong)(GuestMap.SupervisorBase + StubsPage + (vector * StubSize));

    private static void WriteSegments(Span<byte> to)
    {
        const ulong TaskStateDescriptor = 0x0000_8900_0000_0000 | (TaskStateSize + BitmapSize - 1);
        ulong task = (ulong)(GuestMap.SupervisorBase + TaskStateAt);
        ReadOnlySpan<ulong> descriptors =
        [
            0,
            0x00AF_9B00_0000_FFFF, // 08: code of ring 0
            0x00CF_9300_0000_FFFF, // 10: data of ring 0
            0x00CF_F300_0000_FFFF, // 18: data of ring 3
            0x00AF_FB00_0000_FFFF, // 20: code of ring 3
            TaskStateDescriptor | ((task & 0xFF_FFFF) << 16) | ((task >> 24 & 0xFF) << 56),
            task >> 32,
        ];
        for (int at = 0; at < descriptors.Length; at++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(to[(at * sizeof(ulong))..], descriptors[at]);
        }
    }

    private static void WriteTaskState(Span<byte> to)
    {
        const int StackOfRingZero = 4;
        const int BitmapPointer = 0x66;
        BinaryPrimitives.WriteUInt64LittleEndian(to[StackOfRingZero..], (ulong)(GuestMap.SupervisorBase + Size));
        BinaryPrimitives.WriteUInt16LittleEndian(to[BitmapPointer..], TaskStateSize);

        // A clear bit allows a port. `out imm8, eax` asks for four: the two doors of ring 3 are 10h-13h and 14h-17h.
        ReadOnlySpan<byte> bitmap = [0xFF, 0xFF, 0x00, 0xFF];
        bitmap.CopyTo(to[TaskStateSize..]);
    }

    private static void WriteGate(Span<byte> to, ulong stub)
    {
        const ulong InterruptGateOfRingZero = 0x8E00UL << 32; // I2
        ulong low = (stub & 0xFFFF) | (KernelCode << 16) | InterruptGateOfRingZero | ((stub >> 16 & 0xFFFF) << 48);
        BinaryPrimitives.WriteUInt64LittleEndian(to, low);
        BinaryPrimitives.WriteUInt64LittleEndian(to[sizeof(ulong)..], stub >> 32);
    }

    private static ulong Word(ReadOnlySpan<byte> pages, int at) =>
        BinaryPrimitives.ReadUInt64LittleEndian(pages[at..]);
}
