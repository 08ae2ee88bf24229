using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal;

/// <summary>What writes down a run while it goes on: a recording to be replayed, or a journal to go on from.</summary>
internal interface IRunJournal : IDisposable
{
    /// <summary>Why nothing more is written; null as long as all is well.</summary>
    string? Error { get; }

    /// <summary>With an error: true where all that the run did is written all the same, and nothing more can be.
    /// </summary>
    bool KeepsAll { get; }

    /// <summary>What the log says of an error; null as long as all is well.</summary>
    string? Told => Error is null ? null
        : !IsLeft ? $"record: {Error}; the recording ends here and the run goes on"
        : KeepsAll ? $"journal: {Error}; the run ends, and all that it did is kept"
        : $"journal: {Error}; the run ends, and what it did since is as if it had not been";

    /// <summary>True when a run that ends is left, to go on at the next start, and its processes are not stopped.
    /// </summary>
    bool IsLeft { get; }

    /// <summary>How far an input was read with the lines of the next event.</summary>
    void Note(InputPlace input);

    /// <summary>The same where there is one.</summary>
    void Note(InputPlace? input)
    {
        if (input is { } known)
        {
            Note(known);
        }
    }

    /// <summary>The bundle of the new version that the next event swaps in.</summary>
    void Note(ReadOnlyMemory<byte> bundle);

    StepResult Step(Kernel.Kernel kernel, KernelEvent happened);

    /// <summary>As Step of a <see cref="KernelEvent.Turn"/>, and nothing is allocated for it.</summary>
    StepResult Turn(Kernel.Kernel kernel, Moment at);

    /// <summary>Whoever calls is about to wait: what has happened is written, and what waited for it leaves.</summary>
    void Flush();

    /// <summary>The run is over.</summary>
    void End(Kernel.Kernel kernel);
}
