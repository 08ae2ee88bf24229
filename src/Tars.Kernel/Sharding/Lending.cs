using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Interfaces;
using Tars.Bundle.Schema;
using Tars.Kernel.Caps;
using Tars.Kernel.Ipc;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Sharding;

/// <summary>Narrowed capabilities that are held on other shards than where they were made (decision 177).</summary>
/// <remarks>
/// A capability lives where the process lives that narrowed it. A shard that is sent one is told of it and of all above
/// it, and has the same from then on; what is revoked ends there too, by a record to each shard that was told. A use
/// goes from where the capability is held to where it lives, from there to where the next one above it lives, and, when
/// all of them allow it, back: the shard of whoever uses it asks or tells the device.
///
/// Invariants:
///   I1  Nothing is used of which anything is revoked where that lives, whatever is on its way meanwhile.
///   I2  A use is counted once, where each of what it goes through lives.
///   I3  Who was told of a capability is told of its end, behind that and on the same link: so none stays for ever.
///   I4  What one process tells through one capability is told in its order.
/// A journal may say that anything came, so each record is looked at as if a stranger had sent it.
/// </remarks>
internal sealed class Lending(KernelState state, Shards shards)
{
    /// <summary>In an outbox, in the place of a handler: the record is a use and no message.</summary>
    public const int UseMail = 1;

    private readonly ByteWriter _record = new();

    /// <summary>What a record names goes to a shard before it, unless that has been told.</summary>
    public void Bring(int shard, IReadOnlyList<Derivation> lent)
    {
        foreach (var node in lent)
        {
            if (!node.IsRevoked)
            {
                Tell(shard, node);
            }
        }
    }

    /// <summary>Octets of what <see cref="Bring"/> would write.</summary>
    public long OctetsOf(int shard, IReadOnlyList<Derivation> lent)
    {
        if (lent.Count == 0)
        {
            return 0;
        }

        long octets = 0;
        var counted = new HashSet<Derivation>();
        foreach (var node in lent)
        {
            for (var at = node; at is { IsRevoked: false } && !IsKnown(shard, at) && counted.Add(at); at = at.Parent)
            {
                octets += 1 + Derivations.OctetsOf(at); // With its tag.
            }
        }

        return octets;
    }

    /// <summary>What stands here has ended: the shards that were told are told so.</summary>
    /// <param name="told">A bit for each.</param>
    public void Revoked(Derivation top, ulong told)
    {
        for (int shard = 0; shard < shards.Plan.Count; shard++)
        {
            if (shard != shards.Own && (told & BitOf(shard)) != 0 && state.Planted != Planted.EndNotTold)
            {
                shards.Record(shard, ShardTag.Revoked).I64(top.Id); // I3
            }
        }
    }

    /// <summary>Another shard has sent what it made, or was told of.</summary>
    public void Take(ref ByteReader input)
    {
        var row = Derivations.Read(ref input, state.System);
        if (!input.Failed && shards.IsElsewhere(row.By)) // One that lives here and is not known has ended.
        {
            state.Derivations.Take(row, state.System);
        }
    }

    /// <summary>What another shard was told of, or told this one of, has ended.</summary>
    public void TakeRevoked(ref ByteReader input)
    {
        if (state.Derivations.Find(input.I64()) is { } node)
        {
            state.Derivations.RevokeAll(node, ProcessId.Outside, "another shard says so");
        }
    }

    /// <summary>A process uses a capability that does not live here alone: its device is asked or told when all allow
    /// it.</summary>
    /// <param name="ask">The number of the ask; zero for a tell.</param>
    /// <param name="next">Where it goes first.</param>
    /// <param name="arguments">Of a tell; what is asked waits here.</param>
    /// <returns>Null, or why it cannot be asked for.</returns>
    public string? Use(Process process, long ask, Derivation next, int operation, ReadOnlySpan<byte> arguments)
    {
        _record.Clear();
        var use = new UseOf(ask, process.Id, next.Id, ask == 0 ? next.Kind : "", IsFirst: true);
        Write(_record, use, operation, arguments);
        var mail = new Mail { Kind = MailKind.Elsewhere, Target = next.By, Handler = UseMail, Ask = ask };
        return shards.Departures.Post(process, mail, _record); // I4
    }

    /// <summary>The kind of the device that a use in an outbox tells.</summary>
    public static string KindOf(ReadOnlySpan<byte> octets)
    {
        var input = new ByteReader(octets);
        return ReadUse(ref input).Use.Kind;
    }

    /// <summary>A use that goes through what lives here.</summary>
    /// <returns>Whose credit it gives back; the outside for none.</returns>
    public ProcessId TakeUse(ref ByteReader input)
    {
        var (use, operation, arguments) = ReadUse(ref input);
        if (input.Failed)
        {
            return ProcessId.Outside;
        }

        var node = state.Derivations.Find(use.Capability);
        Derivation? next = null;
        string? why = node is null || shards.IsElsewhere(node.By)
            ? Derivations.Gone
            : state.Derivations.UseFrom(node, use.By, out next);
        if (why is not null)
        {
            if (node is not null)
            {
                state.Derivations.Refused(node, use.By, why);
            }

            Refuse(use, why);
        }
        else if (next is not null)
        {
            Pass(use with { Capability = next.Id, IsFirst = false }, next, operation, arguments);
        }
        else
        {
            Allow(use, node!.Device, operation, arguments); // There is no reason against it.
        }

        return use.IsFirst ? use.By : ProcessId.Outside;
    }

    /// <summary>All have allowed it.</summary>
    public void TakeAllowed(ref ByteReader input)
    {
        uint device = input.U32();
        var (use, operation, arguments) = ReadUse(ref input);
        if (input.Failed || state.System.Devices.Length <= device)
        {
            input.Fail();
        }
        else if (use.Ask != 0)
        {
            state.Asks.Allowed(use.Ask);
        }
        else if (IsTell(state.System.Devices[(int)device].Kind, operation, arguments))
        {
            state.Outside.Told(use.By, new DeviceId((int)device), operation, arguments);
        }
        else
        {
            input.Fail();
        }
    }

    private static bool IsTell(InterfaceKind kind, int operation, ReadOnlySpan<byte> arguments) =>
        operation < kind.Tells.Length
        && ValueEncoding.IsValid(kind.Tells[operation].Arguments.AsSpan(), arguments);

    private void Tell(int shard, Derivation node)
    {
        if (IsKnown(shard, node))
        {
            return;
        }

        if (node.Parent is { } above)
        {
            Tell(shard, above);
        }

        node.Told |= BitOf(shard);
        state.Derivations.Lent(node, shard);
        Derivations.Write(shards.Record(shard, ShardTag.Capability), node);
    }

    // Where it lives, all above it is known; so it is where it was told, and here: a shard that told itself by the link
    // would hear of no end.
    private bool IsKnown(int shard, Derivation node) =>
        shard == shards.Own || shards.ShardOf(node.By) == shard || (node.Told & BitOf(shard)) != 0;

    private void Pass(UseOf use, Derivation next, int operation, ReadOnlySpan<byte> arguments) =>
        Write(shards.Record(shards.ShardOf(next.By), ShardTag.Use), use, operation, arguments);

    private void Allow(UseOf use, DeviceId device, int operation, ReadOnlySpan<byte> arguments)
    {
        int shard = use.Ask == 0 ? shards.ShardOf(use.By) : shards.ShardOfAsk(use.Ask);
        var output = shards.Record(shard, ShardTag.Allowed);
        output.U32((uint)device.Value);
        Write(output, use, operation, arguments);
    }

    private void Refuse(UseOf use, string why)
    {
        if (use.Ask != 0)
        {
            state.Asks.Fail(use.Ask, AskFailure.Denied, why);
        }
        else
        {
            shards.Arrivals.Refuse(use.By, HostCall.Send, use.Kind, why, ask: 0, AskFailure.Denied);
        }
    }

    private static void Write(ByteWriter output, UseOf use, int operation, ReadOnlySpan<byte> arguments)
    {
        output.I64(use.Ask);
        output.I64(use.By.Value);
        output.I64(use.Capability);
        output.Text(use.Kind);
        output.U8(use.IsFirst ? (byte)1 : (byte)0);
        output.U16((ushort)operation);
        output.U32((uint)arguments.Length);
        output.Bytes(arguments);
    }

    private static (UseOf Use, int Operation, byte[] Arguments) ReadUse(ref ByteReader input)
    {
        var use = new UseOf(input.I64(), new ProcessId(input.I64()), input.I64(), input.Text(), input.U8() != 0);
        int operation = input.U16();
        byte[] arguments = input.Bytes(input.U32()).ToArray();
        if (use.Ask < 0 || use.By.Value <= 0)
        {
            input.Fail();
        }

        return (use, operation, arguments);
    }

    private static ulong BitOf(int shard) => 1UL << shard; // There are at most as many as bits.

    /// <param name="Ask">The number of the ask; zero for a tell.</param>
    /// <param name="By">Who uses it.</param>
    /// <param name="Capability">Through which it goes next.</param>
    /// <param name="Kind">Of its device, for who is told that it was refused; empty for an ask.</param>
    /// <param name="IsFirst">True on its way to the first shard, where it gives back its credit.</param>
    private readonly record struct UseOf(long Ask, ProcessId By, long Capability, string Kind, bool IsFirst);
}
