using Tars.Kernel.Ports;

namespace Tars.Engine.Vm;

/// <summary>What a call in a machine may ask for while it runs.</summary>
/// <param name="GrowthCountMax">How often it may ask for memory; then it counts as out of fuel, which such a loop runs
/// out of on every engine, only later.</param>
/// <param name="HostCallsMax">How often it may ask for anything; more is a storm.</param>
/// <param name="StackFault">What it is when the machine's stack ends before the depth does, which the code of a
/// compiler that can be believed never meets.</param>
/// <param name="Answer">Answers what else it asks for, by number; null when there is nothing.</param>
internal readonly record struct VmCallTerms(
    int GrowthCountMax, int HostCallsMax, FaultKind StackFault, Func<int, VmAnswer>? Answer)
{
    /// <summary>Of a guest under the ABI, which asks for nothing but memory.</summary>
    /// <remarks>Depth ends calls on every engine, and the machine's stack has room for all of it (see
    /// <see cref="Loading.StackNeed"/>). Code whose compiler lied about that meets the stack's end: another engine
    /// would go on there, so it must not count as the code's fault.</remarks>
    public static VmCallTerms OfGuest(int growthCountMax) =>
        new(growthCountMax, Limits.HostCallsPerRunMax, FaultKind.Deadline, Answer: null);

    /// <summary>Of a command, which is not replayed and may call its host as often as its fuel allows.</summary>
    public static VmCallTerms OfCommand(Func<int, VmAnswer> answer) =>
        new(int.MaxValue, int.MaxValue, FaultKind.StackExhausted, answer);
}

/// <summary>How a call goes on behind something that it asked for.</summary>
internal enum VmAnswer : byte
{
    /// <summary>It has its answer.</summary>
    GoesOn,

    /// <summary>It is over, as the host wants it.</summary>
    Stops,

    /// <summary>No correct code asks for that.</summary>
    Unknown,
}
