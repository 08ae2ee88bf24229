using Tars.Host.Journal.Recent;
using Tars.Kernel.Ports;

namespace Tars.Host.Sharding;

/// <summary>What the thread of the run has it do; it is done on its own thread, and kept before it is answered.
/// </summary>
internal sealed partial class ShardWorker
{
    /// <summary>Why nothing more of it is written down; null as long as all is well.</summary>
    public string? JournalError => _journal?.Error;

    /// <summary>Why nothing more of it is written down, as the log says it; null as long as all is well.
    /// </summary>
    public string? JournalTold => _journal?.Told;

    /// <summary>Whether all that it did is written, whatever the error.</summary>
    public bool KeepsAll => _journal is null or { KeepsAll: true };

    /// <summary>Its kernel stands still from now on, or goes on.</summary>
    public void Pause(bool stands) =>
        Take(Arrival.Commanded(new ShardCommand(at => new KernelEvent.Pause(at, stands))));

    /// <summary>A step of a move; <see cref="MoveAnswer"/> is what came of it.</summary>
    public void Tell(Func<Moment, KernelEvent?> what)
    {
        _moveAnswer = null;
        Take(Arrival.Commanded(new ShardCommand(what, () =>
        {
            _moveAnswer = _moving;
            _wakeRun();
        })));
    }

    /// <summary>The swap that waits for all to stand still, once.</summary>
    public SwapReadiness? TakeReady() => _ready.Take();

    /// <summary>Has an event happen; the answer is there when it was stepped.</summary>
    /// <param name="bundle">Of the version that it names, if it names one.</param>
    public ShardAnswer<bool> Step(Func<Moment, KernelEvent> what, ReadOnlyMemory<byte>? bundle = null)
    {
        var answer = new ShardAnswer<bool>(none: false);
        Take(Arrival.Commanded(new ShardCommand(
            at =>
            {
                LastSwap = null;
                return what(at);
            },
            () =>
            {
                answer.Give(value: true);
                _wakeRun();
            },
            bundle)));
        return answer;
    }

    /// <summary>It is to look at what its processes have burnt.</summary>
    public void Look() => Take(Arrival.Commanded(new ShardCommand(_ =>
    {
        LookAtFuel();
        return null;
    })));

    // It looks at all its processes, so seldom.
    private void LookAtFuel()
    {
        var sums = _kernel.Status().GroupBy(one => one.Module, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Sum(one => one.Fuel), StringComparer.Ordinal);
        for (int module = 0; module < _fuel.Length; module++)
        {
            string name = _kernel.System.Modules[module].Manifest.Name;
            Volatile.Write(ref _fuel[module], sums.GetValueOrDefault(name));
        }
    }

    /// <summary>Looks at its kernel between two Steps.</summary>
    public ShardAnswer<T?> Look<T>(Func<Kernel.Kernel, T> look)
    {
        var answer = new ShardAnswer<T?>(default);
        Take(Arrival.Commanded(new ShardCommand(_ =>
        {
            answer.Give(look(_kernel));
            _wakeRun();
            return null;
        })));
        return answer;
    }

    /// <summary>What it has of its newest events; null for a run that keeps none.</summary>
    public ShardAnswer<RecentCopy?> CopyRecent() => Look(_ => Copied());

    private RecentCopy? Copied() => _recent is null ? null
        : _recent.Copy(_clock.Now.Monotonic, out string whyNot) is { } copy ? new RecentCopy([copy], "")
        : new RecentCopy([], $"shard {_number}: {whyNot}");

    /// <summary>Has an event of an operator happen; the answer is what came of it.</summary>
    /// <param name="tells">Whether the log says it.</param>
    public ShardAnswer<OperatorAct?> Act(Func<Moment, KernelEvent> what, bool tells)
    {
        var answer = new ShardAnswer<OperatorAct?>(null);
        Take(Arrival.Commanded(new ShardCommand(
            at =>
            {
                _outside.TellsActs = tells;
                return what(at);
            },
            () =>
            {
                _outside.TellsActs = true;
                answer.Give(_outside.LastAct);
                _wakeRun();
            })));
        return answer;
    }
}
