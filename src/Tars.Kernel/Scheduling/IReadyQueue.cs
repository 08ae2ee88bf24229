using Tars.Kernel.Processes;

namespace Tars.Kernel.Scheduling;

/// <summary>A scheduling policy: those who are ready, and who of them is next.</summary>
/// <remarks>
/// Invariants:
///   I1  Who was added is taken once, and until then is not added again.
///   I2  A decision of a built-in policy allocates nothing and takes at most the logarithm of how many are ready.
/// </remarks>
internal interface IReadyQueue
{
    int Count { get; }

    /// <summary>A process is ready; its <see cref="TurnRecord"/> says since when.</summary>
    void Add(Process process);

    /// <summary>The turn that is next; null when that is not decided. Somebody is ready.</summary>
    Turn? Take();

    /// <summary>A process has burnt fuel, in a turn that ended or goes on.</summary>
    void Ran(Process process, long fuel);
}

/// <summary>What a policy decides.</summary>
/// <param name="Process">Who runs.</param>
/// <param name="EventsMax">How many events it gets at most.</param>
internal readonly record struct Turn(Process Process, int EventsMax);
