namespace Tars.Engine.Vm.Machine;

/// <summary>Why a machine stopped.</summary>
/// <param name="Number">Of a host call its number; of a preemption a <see cref="VmStop"/>; of a breach an errno or what
/// KVM called it.</param>
/// <param name="Fault">What the processor said, when <paramref name="Kind"/> is <see cref="VmExitKind.Fault"/>.</param>
/// <param name="Breach">What was not foreseen, when it is <see cref="VmExitKind.Broken"/>.</param>
internal readonly record struct VmExit(VmExitKind Kind, int Number, VmFault Fault, VmBreach Breach)
{
    public static VmExit Done => new(VmExitKind.Done, Number: 0, default, VmBreach.None);

    public static VmExit HostCall(int number) => new(VmExitKind.HostCall, number, default, VmBreach.None);

    public static VmExit Faulted(VmFault fault) => new(VmExitKind.Fault, Number: 0, fault, VmBreach.None);

    public static VmExit Preempted(VmStop why) => new(VmExitKind.Preempted, (int)why, default, VmBreach.None);

    public static VmExit Broken(VmBreach breach, int number) => new(VmExitKind.Broken, number, default, breach);

    /// <summary>Whether correct code never stops so.</summary>
    public bool IsBreach => Kind == VmExitKind.Broken
        || (Kind == VmExitKind.Fault && Fault.Kind == VmFaultKind.Unforeseen);

    /// <summary>Why it was preempted.</summary>
    public VmStop Stop => (VmStop)Number;
}

/// <summary>The ways in which a run stops.</summary>
internal enum VmExitKind
{
    /// <summary>The call has ended; its results stand in the call block.</summary>
    Done,

    /// <summary>The code asks for something and can be resumed.</summary>
    HostCall,

    /// <summary>The processor refused an instruction.</summary>
    Fault,

    /// <summary>The host stopped it; it can be resumed.</summary>
    Preempted,

    /// <summary>Something that correct code never does; the machine is poisoned.</summary>
    Broken,
}

/// <summary>Why the host stopped a machine.</summary>
internal enum VmStop
{
    Asked,
    WallDeadline,
    CpuDeadline,
}

/// <summary>An exception of the processor in ring 3.</summary>
/// <param name="Error">The error code, where the vector has one.</param>
/// <param name="Address">The address that was touched, when <paramref name="Vector"/> is a page fault.</param>
/// <param name="Instruction">The instruction that faulted.</param>
/// <param name="Trap">What the code wrote into its trap cell; 0 when it did not stop itself.</param>
internal readonly record struct VmFault(
    FaultVector Vector, uint Error, long Address, long Instruction, int Trap, VmFaultKind Kind);

/// <summary>What a fault means.</summary>
internal enum VmFaultKind
{
    /// <summary>Correct code never does that. The machine is poisoned.</summary>
    Unforeseen,

    /// <summary>The code stopped itself by `ud2`, with the reason in its trap cell.</summary>
    Trap,

    /// <summary>An access beyond the size of a linear memory.</summary>
    OutOfMemoryBounds,

    /// <summary>The machine stack is used up.</summary>
    StackExhausted,
}

/// <summary>Exceptions of the processor.</summary>
internal enum FaultVector
{
    DivideError = 0,
    Debug = 1,
    NonMaskable = 2,
    Breakpoint = 3,
    Overflow = 4,
    Bound = 5,
    InvalidOpcode = 6,
    NoDevice = 7,
    DoubleFault = 8,
    InvalidTaskState = 10,
    SegmentNotPresent = 11,
    StackSegment = 12,
    GeneralProtection = 13,
    PageFault = 14,
    FloatingPoint = 16,
    Alignment = 17,
    MachineCheck = 18,
    Simd = 19,
}

/// <summary>What ends a machine for good.</summary>
internal enum VmBreach
{
    None,

    /// <summary>A port that is not a door, or a door used in a wrong way.</summary>
    Port,

    /// <summary>An address that is mapped and has no memory behind it.</summary>
    UnbackedAddress,

    /// <summary>A model-specific register was named.</summary>
    ModelSpecificRegister,

    /// <summary>A fault inside the handling of a fault.</summary>
    TripleFault,

    /// <summary>A fault that does not come from ring 3.</summary>
    RingZero,

    /// <summary>An instruction that KVM could not carry out.</summary>
    Emulation,

    /// <summary>KVM could not enter the guest.</summary>
    Entry,

    /// <summary>More host calls in one run than any program has.</summary>
    ExitStorm,

    /// <summary>The machine was poisoned before; nothing ran.</summary>
    Poisoned,

    /// <summary>Another exit of KVM; its number is in the exit.</summary>
    Unknown,

    /// <summary>KVM_RUN itself was refused; the errno is in the exit.</summary>
    Refused,
}
