using System.Collections.Immutable;
using System.Text;
using Tars.Base;
using Tars.Bundle.Interfaces;
using Tars.Bundle.Schema;
using Tars.Kernel.Effects;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Caps;

/// <summary>All capabilities that were narrowed, as trees below the grants: made, found, revoked.</summary>
/// <remarks>
/// A process's table holds a reference and looks here whether it still stands, so revoking is a mark on a subtree,
/// whoever holds parts of it and wherever they are on their way.
///
/// Invariants:
///   I1  What is found by its id is not revoked, nor is anything above it.
///   I2  A derivation ends at the latest with the process that narrowed it: nobody else could take it back.
///   I3  No id is used twice: each shard counts in steps of how many there are, and one of another has its id.
///   I4  What ends together is told of in an order that is the same behind a checkpoint.
///   I5  A maker is remembered as long as something of it stands.
/// </remarks>
/// <param name="told">Hears what becomes of them; null for nobody.</param>
/// <param name="spares">What was narrowed twice is spared: a mistake that a test puts in.</param>
internal sealed class Derivations(IOutside? told = null, bool spares = false)
{
    /// <summary>Why a use of what has ended is refused.</summary>
    public const string Gone = "the capability was revoked";

    private readonly Dictionary<long, Derivation> _alive = [];
    private readonly Dictionary<ProcessId, List<Derivation>> _madeBy = [];
    private long _lastId;
    private long _step = 1;

    /// <summary>On one of several shards: the first has the id that is a step behind this one.</summary>
    public void CountFrom(long last, long step) => (_lastId, _step) = (last, step); // I3

    /// <summary>On one of several shards: told of what has been revoked with all below it, and of which shards know of
    /// any of it.</summary>
    public Action<Derivation, ulong>? Revoked { get; set; }

    public int Count => _alive.Count;

    /// <summary>How many have made them.</summary>
    internal int MakerCount => _madeBy.Count;

    /// <summary>The derivation with that number, or null when there is none any more.</summary>
    public Derivation? Find(long id) => _alive.GetValueOrDefault(id); // I1

    /// <summary>What a table holds whose derivation had that number and was revoked; null for a number that never was.
    /// </summary>
    public Derivation? Ended(long id) => 0 < id && IsCounted(id)
        ? new Derivation(id, parent: null, default, "", default, []) { IsRevoked = true, IsUnknown = true }
        : null;

    /// <summary>Writes those that stand, each behind what it was narrowed from.</summary>
    public void Save(ByteWriter output)
    {
        output.I64(_lastId);
        output.U32((uint)_alive.Count);
        foreach (var node in InOrder)
        {
            Write(output, node);
            output.U64(node.Told);
        }
    }

    /// <summary>Those that stand, each behind what it was narrowed from.</summary>
    public IEnumerable<Derivation> InOrder => Ordered(_alive.Values);

    /// <summary>Writes one as it is here.</summary>
    public static void Write(ByteWriter output, Derivation node)
    {
        output.I64(node.Id);
        output.I64(node.Parent?.Id ?? 0);
        output.U32((uint)node.Device.Value);
        output.I64(node.By.Value);
        output.U8((byte)node.Bounds.Length);
        foreach (var bound in node.Bounds)
        {
            output.U8((byte)bound.Rule);
            output.I64(bound.Number);
            output.I64(bound.Left);
            output.Text(bound.Text);
        }
    }

    /// <summary>Octets that <see cref="Write"/> writes.</summary>
    public static long OctetsOf(Derivation node) =>
        29 + node.Bounds.Sum(one => 21L + Encoding.UTF8.GetByteCount(one.Text));

    /// <summary>Reads what <see cref="Write"/> wrote; the reader has failed when it is none of this system.</summary>
    public static DerivationRow Read(ref ByteReader input, SystemImage system)
    {
        var (id, above, device) = (input.I64(), input.I64(), input.U32());
        var by = new ProcessId(input.I64());
        var bounds = LoadBounds(ref input);
        bool fits = 0 < id && 0 <= above && device < system.Devices.Length && 0 < by.Value && bounds is not null
            && Array.TrueForAll(bounds, one => Restraint.IsOf(system.Devices[(int)device].Kind.Name, one.Rule));
        if (!fits)
        {
            input.Fail();
        }

        return new DerivationRow(id, above, new DeviceId((int)device), by, bounds ?? []);
    }

    /// <summary>One that another shard tells of, unless it is known.</summary>
    /// <returns>Null when what it was narrowed from is not there; then it is of no use. The same for a number that
    /// this shard has yet to give out.</returns>
    public Derivation? Take(DerivationRow row, SystemImage system)
    {
        var parent = row.Above == 0 ? null : Find(row.Above);
        bool stands = Find(row.Id) is null && IsCounted(row.Id) && (row.Above == 0
            || (parent is not null && parent.Device == row.Device && parent.Depth < Limits.DerivationDepthMax));
        if (stands)
        {
            string kind = system.Devices[row.Device.Value].Kind.Name;
            Add(new Derivation(row.Id, parent, row.Device, kind, row.By, row.Bounds));
        }

        return Find(row.Id);
    }

    /// <summary>It came and was not taken: nobody needs to be told.</summary>
    public void LetGo(Derivation node) => End(node);

    private bool IsCounted(long id) => id <= _lastId || (id - _lastId) % _step != 0; // I3

    /// <summary>Fills what is empty; false when the octets keep to no invariant.</summary>
    public bool Load(ref ByteReader input, SystemImage system)
    {
        _lastId = input.I64();
        var before = (Depth: 0, Id: 0L);
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            var row = Read(ref input, system);
            // Of another shard there may be more: what ended there stands until the news is here.
            bool fits = !input.Failed && Find(row.Id) is null
                && (1 < _step || CountOf(row.By) < Limits.DerivationsMax);
            if (!fits || Take(row, system) is not { } node || (node.Depth, node.Id).CompareTo(before) <= 0)
            {
                return false;
            }

            node.Told = input.U64();
            before = (node.Depth, node.Id);
        }

        return !input.Failed && -_step < _lastId;
    }

    // Null for a rule that there is not.
    private static Bound[]? LoadBounds(ref ByteReader input)
    {
        var bounds = new Bound[input.U8()];
        foreach (ref var bound in bounds.AsSpan())
        {
            var (rule, number, left) = ((RestrictionRule)input.U8(), input.I64(), input.I64());
            bound = new Bound(rule, number, input.Text()) { Left = left };
            if (!Enum.IsDefined(bound.Rule))
            {
                return null;
            }
        }

        return bounds;
    }

    /// <summary>A process narrows what it holds. The slot it counted is used up, whether or not it may.</summary>
    /// <param name="kindOf">The name of a device's kind.</param>
    /// <returns>Null, or why not.</returns>
    public Refusal? Narrow(
        Process process, CapSlot from, CapSlot derived, ReadOnlySpan<byte> restriction, Func<DeviceId, string> kindOf)
    {
        if (derived != process.Caps.NextMade)
        {
            return new Refusal("", "the slot for what it narrows is not the next one");
        }

        var held = process.Caps.Find(from);
        var parent = (held as Capability.OfDerived)?.Node;
        if ((parent?.Device ?? (held as Capability.OfDevice)?.Target) is not { } target)
        {
            process.Caps.TakeEnded();
            return new Refusal("", "the slot is not held, or is for no device");
        }

        string kind = kindOf(target);
        if (WhyNot(process, parent, kind, restriction, out var bounds) is { } reason)
        {
            process.Caps.TakeEnded();
            return new Refusal(kind, reason);
        }

        var node = new Derivation(_lastId += _step, parent, target, kind, process.Id, bounds);
        if (!process.Caps.Make(new Capability.OfDerived(node)))
        {
            process.Caps.TakeEnded();
            return new Refusal(kind, "it holds too many capabilities");
        }

        Add(node);
        told?.Capability(new CapabilityAct(CapabilityActKind.Narrowed, node.Id, process.Id, target)
        {
            Above = parent?.Id ?? 0,
            Detail = Restraint.TextOf(kind, bounds),
        });
        return null;
    }

    /// <summary>A process that was sent one has it from now on.</summary>
    public void Taken(Derivation node, ProcessId holder) =>
        told?.Capability(new CapabilityAct(CapabilityActKind.Taken, node.Id, holder, node.Device));

    /// <summary>Another shard is told of one.</summary>
    public void Lent(Derivation node, int shard) => told?.Capability(
        new CapabilityAct(CapabilityActKind.Lent, node.Id, ProcessId.Outside, node.Device) { Shard = shard });

    /// <summary>A use of one is not allowed, here or where it lives.</summary>
    public void Refused(Derivation node, ProcessId by, string why) => told?.Capability(
        new CapabilityAct(CapabilityActKind.Refused, node.Id, by, node.IsUnknown ? null : node.Device)
        {
            Detail = why,
        });

    /// <summary>A process revokes what it narrowed.</summary>
    /// <returns>Null, or why not.</returns>
    public Refusal? Revoke(Process process, CapSlot slot)
    {
        if (process.Caps.Find(slot) is not Capability.OfDerived { Node: var node })
        {
            return new Refusal("", "the slot is not held, or nobody narrowed it");
        }

        if (node.By != process.Id)
        {
            return new Refusal(node.Kind, "only the process that narrowed it may revoke it");
        }

        RevokeAll(node, process.Id);
        return null;
    }

    /// <summary>The process has ended or begins anew: what it narrowed ends with it.</summary>
    public void EndOf(ProcessId process) // I2
    {
        if (_madeBy.Remove(process, out var made))
        {
            foreach (var node in Ordered(made).ToArray()) // I4
            {
                RevokeAll(node, process, "who narrowed it has ended, or begins anew");
            }
        }
    }

    /// <summary>Revokes what the condition holds of, and all below it; answers how many there were.</summary>
    public int RevokeWhere(Func<Derivation, bool> condition, string why)
    {
        int before = _alive.Count;
        foreach (var node in InOrder.Where(condition).ToArray()) // I4
        {
            RevokeAll(node, ProcessId.Outside, why);
        }

        return before - _alive.Count;
    }

    /// <summary>Whether a process may use a capability for a device, as far as this shard knows.</summary>
    /// <param name="node">Null for what was not narrowed.</param>
    /// <param name="operation">The operation, by the device's own table.</param>
    /// <param name="arguments">Valid arguments of the operation.</param>
    /// <returns>Null when it may, else why not.</returns>
    public static string? WhyNot(
        Derivation? node, string kind, Operation operation, ReadOnlySpan<byte> arguments)
    {
        for (var at = node; at is not null; at = at.Parent)
        {
            foreach (var bound in at.Bounds)
            {
                if (Restraint.WhyNot(bound, kind, operation, arguments) is { } reason)
                {
                    return reason;
                }
            }
        }

        return null;
    }

    /// <summary>The first from there up that lives on another shard; null when none does.</summary>
    public Derivation? FirstElsewhere(Derivation? node)
    {
        while (node is not null && !LivesElsewhere(node))
        {
            node = node.Parent;
        }

        return node;
    }

    /// <summary>Counts a use of one that lives here and was looked at elsewhere, up to the first of another shard.
    /// </summary>
    /// <returns>Null when it may, with where it goes on; else why not.</returns>
    public string? UseFrom(Derivation node, ProcessId by, out Derivation? elsewhere)
    {
        elsewhere = FirstElsewhere(node);
        for (var at = node; at != elsewhere; at = at!.Parent) // It is above.
        {
            if (Array.Exists(at!.Bounds, one => one is { Rule: RestrictionRule.Uses, Left: <= 0 }))
            {
                return Restraint.UsedUp;
            }
        }

        CountUse(node, elsewhere, by);
        return null;
    }

    /// <summary>True for a process of another shard.</summary>
    public Predicate<ProcessId> IsElsewhere { get; set; } = _ => false;

    private bool LivesElsewhere(Derivation node) => IsElsewhere(node.By);

    /// <summary>Counts a use of what lives here, from there up.</summary>
    /// <param name="until">The first that lives on another shard, which counts it there; null when none does.</param>
    /// <param name="by">Who uses it.</param>
    public void CountUse(Derivation? node, Derivation? until, ProcessId by)
    {
        if (node is not null && node != until)
        {
            told?.Capability(new CapabilityAct(CapabilityActKind.Used, node.Id, by, node.Device));
        }

        for (var at = node; at != until; at = at!.Parent) // It is above, or nothing is.
        {
            foreach (ref var bound in at!.Bounds.AsSpan())
            {
                bound.Left -= bound.Rule == RestrictionRule.Uses ? 1 : 0;
            }
        }
    }

    /// <summary>The folders that a capability was narrowed to, from the outside in.</summary>
    public static ImmutableArray<string> FoldersOf(Capability capability)
    {
        var folders = new Stack<string>();
        for (var at = (capability as Capability.OfDerived)?.Node; at is not null; at = at.Parent)
        {
            foreach (var bound in at.Bounds)
            {
                if (bound.Rule == RestrictionRule.Folder)
                {
                    folders.Push(bound.Text);
                }
            }
        }

        return [.. folders];
    }

    private string? WhyNot(
        Process process,
        Derivation? parent,
        string kind,
        ReadOnlySpan<byte> restriction,
        out Bound[] bounds)
    {
        bounds = [];
        if (Limits.DerivationsMax <= CountOf(process.Id) || Limits.DerivationDepthMax <= parent?.Depth)
        {
            return "it narrows too often";
        }

        if (Limits.RestrictionBytesMax < restriction.Length
            || !ValueEncoding.IsValid(Restrictions.TypeOf(kind), restriction))
        {
            return "the restriction does not have its type";
        }

        bounds = Restraint.Read(kind, restriction);
        for (var at = parent; at is not null; at = at.Parent)
        {
            foreach (var wide in at.Bounds)
            {
                if (Array.Exists(bounds, bound => bound.Rule == wide.Rule && !Restraint.IsWithin(bound, wide)))
                {
                    return "it would allow more than what is narrowed";
                }
            }
        }

        return null;
    }

    /// <summary>Ends one and all below it, whoever says so.</summary>
    /// <param name="by">Whose act that is, or whose end; the outside for neither.</param>
    /// <param name="why">Empty where its maker revokes it.</param>
    public void RevokeAll(Derivation top, ProcessId by, string why = "")
    {
        if (top.IsRevoked)
        {
            return;
        }

        int before = _alive.Count;
        ulong shards = End(top);
        told?.Capability(new CapabilityAct(CapabilityActKind.Ended, top.Id, by, top.Device)
        {
            Detail = why,
            Count = before - _alive.Count,
        });
        Revoked?.Invoke(top, shards);
    }

    // Answers the shards that know of any of what has ended.
    private ulong End(Derivation top)
    {
        ulong shards = 0;
        top.Parent?.Children.Remove(top);
        var next = new Stack<Derivation>([top]);
        while (next.TryPop(out var node))
        {
            shards |= node.Told;
            node.IsRevoked = true;
            _alive.Remove(node.Id);
            LeaveMaker(node);
            foreach (var child in node.Children.Where(_ => !spares || node == top))
            {
                next.Push(child);
            }

            node.Children.Clear();
        }

        return shards;
    }

    private static IEnumerable<Derivation> Ordered(IEnumerable<Derivation> nodes) =>
        nodes.OrderBy(one => one.Depth).ThenBy(one => one.Id);

    private void Add(Derivation node)
    {
        node.Parent?.Children.Add(node);
        _alive.Add(node.Id, node);
        Own(node.By).Add(node);
    }

    private int CountOf(ProcessId process) => _madeBy.GetValueOrDefault(process)?.Count ?? 0;

    private void LeaveMaker(Derivation node) // I5
    {
        if (_madeBy.TryGetValue(node.By, out var made) && made.Remove(node) && made.Count == 0)
        {
            _madeBy.Remove(node.By);
        }
    }

    private List<Derivation> Own(ProcessId process)
    {
        if (!_madeBy.TryGetValue(process, out var made))
        {
            _madeBy.Add(process, made = []);
        }

        return made;
    }
}

/// <summary>One as octets tell of it.</summary>
/// <param name="Above">The id of what it was narrowed from; zero for the grant itself.</param>
internal sealed record DerivationRow(long Id, long Above, DeviceId Device, ProcessId By, Bound[] Bounds);
