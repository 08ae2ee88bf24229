using System.Collections.Concurrent;

namespace Tars.Host.Journal.Recent;

/// <summary>Where another thread asks a run for its newest events, and tries a new version on them.</summary>
/// <param name="wake">Wakes the thread of the run.</param>
internal sealed class RecentDesk(Action wake)
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
        return Trial.Run(() => new MemoryStream(octets, writable: false), [bundle], within.Token);
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
