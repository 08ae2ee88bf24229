using System.Collections.Concurrent;
using Tars.Host.Moving;

namespace Tars.Host.Journal.Recent;

/// <summary>Where another thread asks a run for its newest events, and tries a new version on them.</summary>
/// <param name="wake">Wakes the thread of the run.</param>
/// <param name="engines">Where the run's modules are: a version that is tried gets no less.</param>
internal sealed class RecentDesk(Action wake, EngineDesk? engines)
{
    private readonly ConcurrentQueue<TaskCompletionSource<(RecentJournal? Journal, string WhyNot)>> _asked = new();
    private volatile bool _isClosed;

    /// <summary>Tries a version on what the run had lately. Takes a while; not for the thread of the run.</summary>
    public TrialOutcome Try(ReadOnlyMemory<byte> bundle)
    {
        var asked = new TaskCompletionSource<(RecentJournal? Journal, string WhyNot)>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        _asked.Enqueue(asked);
        if (_isClosed)
        {
            Close();
        }

        wake();
        if (!asked.Task.Wait(Limits.RecentAnswerMilliseconds))
        {
            return new TrialOutcome.Refused(["the run is busy"]);
        }

        var (journal, whyNot) = asked.Task.Result;
        if (journal is null)
        {
            return new TrialOutcome.Refused([whyNot]);
        }

        byte[] octets = journal.ToOctets();
        using var within = new CancellationTokenSource(Limits.TrialMilliseconds);
        string? name = engines?.Engine.Name;
        return Compose.ForTrials(name, within.Token) is { } engine
            ? Trial.Run([() => new MemoryStream(octets, writable: false)], [bundle], engine, within.Token)
            : new TrialOutcome.Refused([Compose.WhyNot(name!)]); // There is always a default.
    }

    /// <summary>Answers whoever has asked; the thread of the run calls it between two events.</summary>
    public void Serve(RecentRun run)
    {
        while (_asked.TryDequeue(out var asked))
        {
            var copy = run.Copy(out string whyNot);
            asked.TrySetResult((copy, whyNot));
        }
    }

    /// <summary>The run is over.</summary>
    public void Close()
    {
        _isClosed = true;
        while (_asked.TryDequeue(out var asked))
        {
            asked.TrySetResult((null, "the run has ended"));
        }
    }
}
