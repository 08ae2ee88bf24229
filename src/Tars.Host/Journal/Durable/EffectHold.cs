using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Host.Sharding;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal.Durable;

/// <summary>Holds back what durable agents send outside until the event that made it is on the disk. Data
/// plane.</summary>
/// <remarks>
/// Invariants:
///   I1  What is held leaves in the order in which it came, and none of it before <see cref="Release"/> has named its
///       event.
///   I2  An event counts as <see cref="Left"/> when the outside has handed on all that it and those before it made. No
///       journal knows it from anybody else.
///   I3  While events are repeated after a crash, what had left before does not leave again, and no device is asked:
///       whoever still waits for one is found at the end (<see cref="Kernel.Kernel.AskAgain"/>).
/// </remarks>
internal sealed class EffectHold : IOutside
{
    private readonly IBufferedOutside _inner;
    private readonly HashSet<(string Module, string Agent)> _durable;
    private readonly Dictionary<ProcessId, (string Module, string Agent)> _alive = [];
    private readonly HashSet<ProcessId> _held = [];
    private readonly Queue<Group> _sealed = new();
    private readonly Stack<Group> _free = new();
    private Group _open = new();
    private long _leftBefore = long.MaxValue;
    private bool _repeats;
    private long _left;

    public EffectHold(IBufferedOutside inner, SystemImage system)
    {
        _inner = inner;
        _durable = [.. DurableOf(system)];
    }

    private enum Kind
    {
        Started,
        Ended,
        Published,
        Told,
        Asked,
        Answered,
        Measured,
        Logged,
        Audited,
        Trapped,
        Looked,
        Swapped,
        Released,
    }

    /// <summary>What puts mail for other shards by, whoever sent it; null for the only kernel.</summary>
    public OutgoingMail? Mail { get; init; }

    /// <summary>The event that is being handled, counted from one.</summary>
    public long Event { get; set; }

    /// <summary>Events whose effects have left this program. Any thread may ask.</summary>
    public long Left => Volatile.Read(ref _left);

    /// <summary>A mistake that the simulator puts in: an event counts as left while the outside has it still.</summary>
    public bool LeavesBeforeHandOn { get; set; }

    /// <summary>True when anything may ever be held.</summary>
    public bool Holds => 0 < _durable.Count || Mail is not null;

    /// <summary>True while something waits for the disk.</summary>
    public bool IsHolding => 0 < _sealed.Count || 0 < _open.Entries.Count;

    /// <summary>From here on events are repeated whose effects had left up to one of them.</summary>
    public void BeginRepeat(long leftBefore)
    {
        _repeats = true;
        _leftBefore = leftBefore;
    }

    /// <summary>All that is on the disk was repeated: what had not left waits for <see cref="Release"/>.</summary>
    /// <remarks>It is read, and not yet synced: who was killed had not done it, and the start may still be refused.
    /// </remarks>
    public void EndRepeat()
    {
        _repeats = false;
        Seal();
    }

    /// <summary>What came so far belongs to the group that is handed to the disk.</summary>
    public void Seal()
    {
        if (0 < _open.Entries.Count)
        {
            _open.Event = Event;
            _sealed.Enqueue(_open);
            _open = _free.TryPop(out var free) ? free : new Group();
        }
    }

    /// <summary>Lets out what events up to this one have made, and sees to it that it leaves.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Release(long synced)
    {
        while (_sealed.TryPeek(out var group) && group.Event <= synced)
        {
            _sealed.Dequeue();
            foreach (var entry in group.Entries)
            {
                LetOut(entry, group.Octets.Written);
            }

            group.Entries.Clear();
            group.Octets.Clear();
            _free.Push(group);
        }

        if (_left < synced)
        {
            if (!LeavesBeforeHandOn)
            {
                _inner.HandOn();
            }

            Volatile.Write(ref _left, synced); // I2
        }
    }

    public void Started(ProcessId process, string module, string agent)
    {
        _alive[process] = (module, agent);
        if (_durable.Contains((module, agent)))
        {
            _held.Add(process);
        }

        if (_repeats)
        {
            _inner.Started(process, module, agent); // Whoever shows effects knows processes by it.
        }
        else if (!Keep(Kind.Started, process, what: (module, agent)))
        {
            _inner.Started(process, module, agent);
        }
    }

    public void Ended(ProcessId process, EndReason reason, string detail)
    {
        if (_repeats && Event <= _leftBefore)
        {
            _inner.Ended(process, EndReason.Stopped, ""); // Whoever knows it forgets it, and tells nobody again. I3
        }
        else if (!Keep(Kind.Ended, process, first: (int)reason, what: detail))
        {
            _inner.Ended(process, reason, detail);
        }

        _held.Remove(process);
        _alive.Remove(process);
    }

    public void Published(
        ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
    {
        if (!Keep(Kind.Published, from, first: taken ? 1 : 0, what: type, head: channel, rest: value))
        {
            _inner.Published(from, channel, type, value, taken);
        }
    }

    public void Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments)
    {
        if (!Keep(Kind.Told, from, first: device.Value, second: operation, rest: arguments))
        {
            _inner.Told(from, device, operation, arguments);
        }
    }

    public void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
    {
        if (!_repeats // I3
            && !Keep(Kind.Asked, from, ask, device.Value, what: asked))
        {
            _inner.Asked(from, device, ask, asked);
        }
    }

    public void Answered(long number, bool failed, SchemaType type, ReadOnlySpan<byte> answer)
    {
        if (!Keep(Kind.Answered, process: null, number, failed ? 1 : 0, what: type, rest: answer))
        {
            _inner.Answered(number, failed, type, answer);
        }
    }

    public void Measured(ProcessId from, int metric, double value)
    {
        if (!Keep(Kind.Measured, from, BitConverter.DoubleToInt64Bits(value), metric))
        {
            _inner.Measured(from, metric, value);
        }
    }

    public void Logged(ProcessId from, ReadOnlySpan<byte> entry)
    {
        if (!Keep(Kind.Logged, from, rest: entry))
        {
            _inner.Logged(from, entry);
        }
    }

    public void Audited(Audit entry)
    {
        if (!Keep(Kind.Audited, entry.Process, what: entry))
        {
            _inner.Audited(entry);
        }
    }

    public void Trapped(DeadLetter letter)
    {
        if (!Keep(Kind.Trapped, letter.Process, what: letter))
        {
            _inner.Trapped(letter);
        }
    }

    // A batch can be filled again: its lines are among what is to be written already.
    public void InputTaken(LineBatch batch) => _inner.InputTaken(batch);

    public void Committed(ProcessId process, int handler, int count, long arrived)
    {
        if (!_repeats)
        {
            _inner.Committed(process, handler, count, arrived);
        }
    }

    public void Looked(ProcessId process, SavedState? state, string failure)
    {
        if (!Keep(Kind.Looked, process, what: (state, failure)))
        {
            _inner.Looked(process, state, failure);
        }
    }

    public void Swapped(SwapReport report)
    {
        if (report.IsDone)
        {
            Know(report);
        }

        if (_repeats || !Keep(Kind.Swapped, process: null, what: report))
        {
            _inner.Swapped(report);
        }
    }

    // While events are repeated too: what of it has not arrived leaves again.
    public void ToShard(int shard, long sequence, ReadOnlySpan<byte> records) =>
        Mail?.Add(shard, sequence, records.ToArray(), Event);

    // The host keeps the event of each of these steps before it takes the next.
    public void Packed(int module, ImmutableArray<byte> package, string why) => _inner.Packed(module, package, why);

    public void Moved(int module, int shard, string why) => _inner.Moved(module, shard, why);

    public void Departed(ProcessId process)
    {
        _inner.Departed(process);
        _held.Remove(process);
        _alive.Remove(process);
    }

    public void SwapReady(long ticket, ModuleImage now, ImmutableArray<Newcomer> newcomers) =>
        _inner.SwapReady(ticket, now, newcomers);

    public void SwapSeen(string module, ImmutableArray<string> refusals) => _inner.SwapSeen(module, refusals);

    public void SwappedElsewhere(SwapReport report)
    {
        Know(report);
        _inner.SwappedElsewhere(report);
    }

    // Whoever did it is answered by the host, which keeps the event first.
    public void Operated(OperatorAct act)
    {
        if (!_repeats)
        {
            _inner.Operated(act);
        }
    }

    public void PolicyFailed(string module, string failure, PolicyKind next)
    {
        if (!_repeats)
        {
            _inner.PolicyFailed(module, failure, next);
        }
    }

    public void Released(ModuleImage module)
    {
        if (_repeats || !Keep(Kind.Released, process: null, what: module))
        {
            _inner.Released(module);
        }
    }

    private void Know(SwapReport report)
    {
        _durable.UnionWith(DurableOf(report.System));
        _held.UnionWith(_alive.Where(one => _durable.Contains(one.Value)).Select(one => one.Key));
    }

    private static IEnumerable<(string, string)> DurableOf(SystemImage system) =>
        from module in system.Modules
        from agent in module.Manifest.Agents
        where agent.Journal == JournalLevel.Durable
        select (module.Manifest.Name, agent.Name);

    /// <param name="process">Null for what is of no process: it waits when anything may wait.</param>
    /// <returns>False when it may leave at once.</returns>
    private bool Keep(
        Kind kind,
        ProcessId? process,
        long number = 0,
        int first = 0,
        int second = 0,
        object? what = null,
        ReadOnlySpan<byte> head = default,
        ReadOnlySpan<byte> rest = default)
    {
        if (_repeats && Event <= _leftBefore)
        {
            return true; // I3
        }

        // A tell that another shard had to allow may come when its process has ended: then nobody knows whether it was
        // durable.
        bool waits = process is { } one && (kind != Kind.Told || _alive.ContainsKey(one)) ? _held.Contains(one) : Holds;
        if (waits)
        {
            int start = _open.Octets.Length;
            _open.Octets.Bytes(head);
            _open.Octets.Bytes(rest);
            _open.Entries.Add(new Entry(
                kind, process ?? default, number, first, second, what, start, head.Length, rest.Length));
        }

        return waits;
    }

    private void LetOut(in Entry entry, ReadOnlySpan<byte> octets)
    {
        var head = octets.Slice(entry.Start, entry.Head);
        var rest = octets.Slice(entry.Start + entry.Head, entry.Rest);
        switch (entry.Kind)
        {
            case Kind.Started:
                var (module, agent) = ((string, string))entry.What!; // Kept with it, as in the arms below.
                _inner.Started(entry.Process, module, agent);
                break;
            case Kind.Ended:
                _inner.Ended(entry.Process, (EndReason)entry.First, (string)entry.What!);
                break;
            case Kind.Published:
                _inner.Published(entry.Process, head, (SchemaType)entry.What!, rest, taken: entry.First == 1);
                break;
            case Kind.Told:
                _inner.Told(entry.Process, new DeviceId(entry.First), entry.Second, rest);
                break;
            case Kind.Asked:
                _inner.Asked(entry.Process, new DeviceId(entry.First), entry.Number, (DeviceAsk)entry.What!);
                break;
            case Kind.Answered:
                _inner.Answered(entry.Number, failed: entry.First == 1, (SchemaType)entry.What!, rest);
                break;
            case Kind.Measured:
                _inner.Measured(entry.Process, entry.First, BitConverter.Int64BitsToDouble(entry.Number));
                break;
            case Kind.Logged:
                _inner.Logged(entry.Process, rest);
                break;
            case Kind.Audited:
                _inner.Audited((Audit)entry.What!);
                break;
            case Kind.Trapped:
                _inner.Trapped((DeadLetter)entry.What!);
                break;
            case Kind.Looked:
                var (state, failure) = ((SavedState?, string))entry.What!;
                _inner.Looked(entry.Process, state, failure);
                break;
            case Kind.Swapped:
                _inner.Swapped((SwapReport)entry.What!);
                break;
            case Kind.Released:
                _inner.Released((ModuleImage)entry.What!);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private readonly record struct Entry(
        Kind Kind,
        ProcessId Process,
        long Number,
        int First,
        int Second,
        object? What,
        int Start,
        int Head,
        int Rest);

    /// <summary>What one group of the journal has made.</summary>
    private sealed class Group
    {
        public long Event { get; set; }

        public List<Entry> Entries { get; } = [];

        public ByteWriter Octets { get; } = new();
    }
}
