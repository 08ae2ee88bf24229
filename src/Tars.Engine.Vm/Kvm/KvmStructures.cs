using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tars.Engine.Vm.Kvm;

/// <summary>kvm_regs.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmRegs
{
    public ulong Rax, Rbx, Rcx, Rdx, Rsi, Rdi, Rsp, Rbp;
    public ulong R8, R9, R10, R11, R12, R13, R14, R15;
    public ulong Rip, Rflags;
}

/// <summary>kvm_segment.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmSegment
{
    public ulong Base;
    public uint Limit;
    public ushort Selector;
    public byte Type, Present, Dpl, Db, S, L, G, Avl, Unusable, Padding;
}

/// <summary>kvm_dtable.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmTable
{
    public ulong Base;
    public ushort Limit, Padding0, Padding1, Padding2;
}

/// <summary>kvm_sregs.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmSregs
{
    public KvmSegment Cs, Ds, Es, Fs, Gs, Ss, Tr, Ldt;
    public KvmTable Gdt, Idt;
    public ulong Cr0, Cr2, Cr3, Cr4, Cr8, Efer, ApicBase;
    public ulong Interrupts0, Interrupts1, Interrupts2, Interrupts3;
}

/// <summary>kvm_userspace_memory_region.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmMemoryRegion
{
    public uint Slot, Flags;
    public ulong GuestAddress, Size, HostAddress;

    public const uint LogDirtyPages = 1;
}

/// <summary>kvm_dirty_log.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmDirtyLog
{
    public uint Slot, Padding;
    public nint Bitmap;
}

/// <summary>kvm_clear_dirty_log.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmClearDirtyLog
{
    public uint Slot, PageCount;
    public ulong FirstPage;
    public nint Bitmap;
}

/// <summary>kvm_enable_cap.</summary>
[StructLayout(LayoutKind.Sequential, Size = 104)]
internal struct KvmEnableCapability
{
    public uint Capability, Flags;
    public ulong Argument;
}

/// <summary>kvm_msr_filter with one range.</summary>
[StructLayout(LayoutKind.Sequential, Size = 392)]
internal struct KvmMsrFilter
{
    public uint Flags, Padding;
    public uint RangeFlags, RangeCount, RangeBase, RangePadding;
    public nint RangeBitmap;

    public const uint DefaultDeny = 1;
    public const uint ReadAndWrite = 3;
}

/// <summary>kvm_xcrs with one register.</summary>
[StructLayout(LayoutKind.Sequential, Size = 392)]
internal struct KvmXcrs
{
    public uint Count, Flags;
    public uint Number, Reserved;
    public ulong Value;
}

/// <summary>kvm_cpuid_entry2.</summary>
[StructLayout(LayoutKind.Sequential, Size = 40)]
internal struct KvmCpuidEntry
{
    public uint Function, Index, Flags, Eax, Ebx, Ecx, Edx;
}

/// <summary>kvm_cpuid2 with room for as many leaves as processors have.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmCpuid
{
    public const int EntryCountMax = 256;

    public uint Count, Padding;
    public CpuidEntries Entries;

    /// <summary>The leaves.</summary>
    [InlineArray(EntryCountMax)]
    internal struct CpuidEntries
    {
        private KvmCpuidEntry _first;
    }
}

/// <summary>kvm_signal_mask with the eight octets of the kernel's set.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct KvmSignalMask
{
    public uint Length;
    public ulong Blocked;
}

/// <summary>The first octets of an XSAVE area: the state in which a processor starts.</summary>
[StructLayout(LayoutKind.Explicit, Size = 4096)]
internal struct KvmXsave
{
    [FieldOffset(0)]
    public ushort ControlWord;

    [FieldOffset(24)]
    public uint Mxcsr;

    [FieldOffset(512)]
    public ulong StateComponents;

    /// <summary>Protection keys: 0 denies nothing. Stands where CPUID says, on every processor that has it.</summary>
    [FieldOffset(2688)]
    public uint ProtectionKeys;

    /// <summary>x87 and SSE.</summary>
    public const ulong LegacyComponents = 0b11;

    public const ulong ProtectionKeysComponent = 1 << 9;
}

/// <summary>kvm_run as far as this engine reads it.</summary>
[StructLayout(LayoutKind.Explicit, Size = KvmRunArea.Size)]
internal struct KvmRunArea
{
    public const int Size = 2352;
    public const ulong SyncRegs = 1;
    public const ulong SyncSregs = 2;

    /// <summary>Events that wait for delivery (64 octets behind the system registers). Nobody asks for them, so they
    /// stay zero: to say that they are new takes back what waits.</summary>
    public const ulong SyncEvents = 4;

    [FieldOffset(1)]
    public byte ImmediateExit;

    [FieldOffset(8)]
    public uint ExitReason;

    [FieldOffset(32)]
    public byte IoDirection;

    [FieldOffset(33)]
    public byte IoSize;

    [FieldOffset(34)]
    public ushort IoPort;

    [FieldOffset(36)]
    public uint IoCount;

    [FieldOffset(40)]
    public ulong IoDataOffset;

    [FieldOffset(32)]
    public ulong MmioAddress;

    [FieldOffset(32)]
    public uint SubError;

    [FieldOffset(44)]
    public uint MsrIndex;

    [FieldOffset(288)]
    public ulong ValidRegs;

    [FieldOffset(296)]
    public ulong DirtyRegs;

    [FieldOffset(304)]
    public KvmRegs Regs;

    [FieldOffset(448)]
    public KvmSregs Sregs;
}
