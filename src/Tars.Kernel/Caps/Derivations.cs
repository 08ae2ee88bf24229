using System.Collections.Immutable;
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
/// </remarks>
/// <param name="spares">What was narrowed twice is spared: a mistake that a test puts in.</param>
internal sealed class Derivations(bool spares = false)
{
    private readonly Dictionary<long, Derivation> _alive = [];
    private readonly Dictionary<ProcessId, List<Derivation>> _madeBy = [];
    private long _lastId;

    public int Count => _alive.Count;

    /// <summary>The derivation with that number, or null when there is none any more.</summary>
    public Derivation? Find(long id) => _alive.GetValueOrDefault(id); // I1

    /// <summary>What a table holds whose derivation has that number, revoked or not; null for a number that never was.
    /// </summary>
    public Derivation? Known(long id) => Find(id)
        ?? (0 < id && id <= _lastId
            ? new Derivation(id, parent: null, default, "", default, []) { IsRevoked = true }
            : null);

    /// <summary>Writes those that stand, each behind what it was narrowed from.</summary>
    public void Save(ByteWriter output)
    {
        output.I64(_lastId);
        output.U32((uint)_alive.Count);
        foreach (var (id, node) in _alive.OrderBy(one => one.Key))
        {
            output.I64(id);
            output.I64(node.Parent?.Id ?? 0);
            output.U32((uint)node.Device.Value);
            output.I64(node.By.Value);
            output.U8((byte)node.Bounds.Length);
            foreach (var bound in node.Bounds)
            {
                output.U8((byte)bound.Rule);
                output.I64(bound.Number);
                output.Text(bound.Text);
            }
        }
    }

    /// <summary>Fills what is empty; false when the octets keep to no invariant.</summary>
    public bool Load(ref ByteReader input, SystemImage system)
    {
        _lastId = input.I64();
        long before = 0;
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            var (id, above, device) = (input.I64(), input.I64(), input.U32());
            var by = new ProcessId(input.I64());
            var bounds = LoadBounds(ref input);
            var parent = above == 0 ? null : Find(above);
            bool fits = before < id && id <= _lastId && device < system.Devices.Length && bounds is not null
                && (above == 0 || (parent is { Device.Value: var one } && one == device
                    && parent.Depth < Limits.DerivationDepthMax))
                && Own(by).Count < Limits.DerivationsMax;
            if (!fits)
            {
                return false;
            }

            string kind = system.Devices[(int)device].Kind.Name;
            Add(new Derivation(id, parent, new DeviceId((int)device), kind, by, bounds!));
            before = id;
        }

        return !input.Failed && 0 <= _lastId;
    }

    // Null for a rule that there is not.
    private static Bound[]? LoadBounds(ref ByteReader input)
    {
        var bounds = new Bound[input.U8()];
        foreach (ref var bound in bounds.AsSpan())
        {
            bound = new Bound((RestrictionRule)input.U8(), input.I64(), input.Text());
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

        var node = new Derivation(++_lastId, parent, target, kind, process.Id, bounds);
        if (!process.Caps.Make(new Capability.OfDerived(node)))
        {
            process.Caps.TakeEnded();
            return new Refusal(kind, "it holds too many capabilities");
        }

        Add(node);
        return null;
    }

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

        Revoke(node);
        return null;
    }

    /// <summary>The process has ended or begins anew: what it narrowed ends with it.</summary>
    public void EndOf(ProcessId process) // I2
    {
        if (_madeBy.Remove(process, out var made))
        {
            foreach (var node in made)
            {
                Revoke(node);
            }
        }
    }

    /// <summary>Revokes what the condition holds of, and all below it; answers how many there were.</summary>
    public int RevokeWhere(Func<Derivation, bool> condition)
    {
        int before = _alive.Count;
        foreach (var node in _alive.Values.Where(condition).ToArray())
        {
            Revoke(node);
        }

        return before - _alive.Count;
    }

    /// <summary>A process uses a capability for a device.</summary>
    /// <param name="operation">The operation, by the device's own table.</param>
    /// <param name="arguments">Valid arguments of the operation.</param>
    /// <returns>Null when it may; that counts as a use. Else why not.</returns>
    public static string? Use(Capability capability, string kind, Operation operation, ReadOnlySpan<byte> arguments)
    {
        var node = (capability as Capability.OfDerived)?.Node;
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

        for (var at = node; at is not null; at = at.Parent)
        {
            foreach (ref var bound in at.Bounds.AsSpan())
            {
                bound.Number -= bound.Rule == RestrictionRule.Uses ? 1 : 0;
            }
        }

        return null;
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
        if (Limits.DerivationsMax <= Own(process.Id).Count || Limits.DerivationDepthMax <= parent?.Depth)
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

    private void Revoke(Derivation top)
    {
        if (top.IsRevoked)
        {
            return;
        }

        top.Parent?.Children.Remove(top);
        var next = new Stack<Derivation>([top]);
        while (next.TryPop(out var node))
        {
            node.IsRevoked = true;
            _alive.Remove(node.Id);
            _madeBy.GetValueOrDefault(node.By)?.Remove(node);
            foreach (var child in node.Children.Where(_ => !spares || node == top))
            {
                next.Push(child);
            }

            node.Children.Clear();
        }
    }

    private void Add(Derivation node)
    {
        node.Parent?.Children.Add(node);
        _alive.Add(node.Id, node);
        Own(node.By).Add(node);
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
