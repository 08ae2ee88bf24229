using System.Collections.Concurrent;
using System.Collections.Immutable;
using Tars.Evolution.Trials;
using Tars.Host.Moving;

namespace Tars.Host.Journal.Recent;

/// <summary>Where another thread asks a run for its newest events, and tries a new version on them.</summary>
/// <param name="wake">Wakes the thread of the run.</param>
/// <param name="engines">Where the run's modules are: a version that is tried gets no less.</param>
internal sealed class RecentDesk(Action wake, EngineDesk? engines)
{
    private readonly ConcurrentQueue<TaskCompletionSource<RecentCopy>> _asked = new();
    private volatile bool _isClosed;

    /// <summary>True while somebody waits for the newest events.</summary>
    public bool IsAsked => !_asked.IsEmpty;

    /// <summary>Tries a version on what the run had lately. Takes a while; not for the thread of the run.</summary>
    public TrialOutcome Try(ReadOnlyMemory<byte> bundle)
    {
        var asked = new TaskCompletionSource<RecentCopy>(TaskCreationOptions.RunContinuationsAsynchronously);
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

        var copy = asked.Task.Result;
        if (copy.Shards.IsEmpty)
        {
            return new TrialOutcome.Refused([copy.WhyNot]);
        }

        var open = copy.Shards.Select(one => one.ToOctets())
            .Select(octets => new Func<Stream>(() => new MemoryStream(octets, writable: false)));
        using var within = new CancellationTokenSource(Limits.TrialMilliseconds);
        string? name = engines?.Engine.Name;
        return Compose.ForTrials(name, within.Token) is { } engine
            ? Trial.RunRecent([.. open], bundle, copy.Shards.Min(one => one.At), engine, within.Token)
            : new TrialOutcome.Refused([Compose.WhyNot(name!)]); // There is always a default.
    }

    /// <summary>Answers whoever has asked; the thread of the run calls it between two events.</summary>
    public void Serve(Func<RecentCopy> copy)
    {
        while (_asked.TryDequeue(out var asked))
        {
            asked.TrySetResult(copy());
        }
    }

    /// <summary>The run is over.</summary>
    public void Close()
    {
        _isClosed = true;
        while (_asked.TryDequeue(out var asked))
        {
            asked.TrySetResult(new RecentCopy([], "the run has ended"));
        }
    }
}

/// <summary>What a run has of its newest events.</summary>
/// <param name="Shards">Of each shard, or of the only kernel; empty where some has none.</param>
/// <param name="WhyNot">Why there is none.</param>
internal sealed record RecentCopy(ImmutableArray<RecentJournal> Shards, string WhyNot);
