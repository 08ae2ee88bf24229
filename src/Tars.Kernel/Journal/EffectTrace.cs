using System.Collections.Immutable;
using System.Buffers.Binary;
using System.Text;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Journal;

/// <summary>An outside that hands everything on and keeps a digest of what left the kernel, in order.</summary>
/// <remarks>
/// When the wall clock ended a call, the words that the guest had begun to write are not the same again; so of such a
/// dead letter only what it is about counts.
/// </remarks>
/// <param name="before">The digest of what left before, where a run goes on from a checkpoint.</param>
public sealed class EffectTrace(IOutside inner, ulong before = 0) : IOutside
{
    private const int BlockBytes = 4096;

    private readonly ByteWriter _block = new();
    private ulong _digest = before;

    private enum EffectTag : byte
    {
        Started = 1,
        Ended,
        Published,
        Told,
        Logged,
        Audited,
        Trapped,
        Committed,
        Looked,
        Asked,
        Answered,
        Measured,
        Swapped,
        Operated,
        PolicyFailed,
        ToShard,
        Packed,
        Moved,
        Departed,
        SwapReady,
        SwapSeen,
        SwappedElsewhere,
    }

    /// <summary>Of everything so far. It is asked after each event, since it depends on where it was asked.</summary>
    public ulong Digest
    {
        get
        {
            Settle();
            return _digest;
        }
    }

    public void Started(ProcessId process, string module, string agent)
    {
        Begin(EffectTag.Started, process);
        _block.Text(module);
        _block.Text(agent);
        inner.Started(process, module, agent);
    }

    public void Ended(ProcessId process, EndReason reason, string detail)
    {
        Begin(EffectTag.Ended, process);
        _block.U8((byte)reason);
        _block.Text(detail);
        inner.Ended(process, reason, detail);
    }

    public void Published(
        ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
    {
        Begin(EffectTag.Published, from);
        _block.U32((uint)channel.Length);
        _block.Bytes(channel);
        Bytes(value);
        inner.Published(from, channel, type, value, taken);
    }

    public void Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments)
    {
        Begin(EffectTag.Told, from);
        _block.U32((uint)device.Value);
        _block.U32((uint)operation);
        Bytes(arguments);
        inner.Told(from, device, operation, arguments);
    }

    public void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
    {
        Begin(EffectTag.Asked, from);
        _block.U32((uint)device.Value);
        _block.U32((uint)asked.Operation);
        _block.I64(ask);
        Bytes(asked.Arguments.AsSpan());
        inner.Asked(from, device, ask, asked);
    }

    public void Answered(long number, bool failed, SchemaType type, ReadOnlySpan<byte> answer)
    {
        Begin(EffectTag.Answered, ProcessId.Outside);
        _block.I64(number);
        _block.U8(failed ? (byte)1 : (byte)0);
        Bytes(answer);
        inner.Answered(number, failed, type, answer);
    }

    public void Measured(ProcessId from, int metric, double value)
    {
        Begin(EffectTag.Measured, from);
        _block.U32((uint)metric);
        _block.F64(value);
        inner.Measured(from, metric, value);
    }

    public void Logged(ProcessId from, ReadOnlySpan<byte> entry)
    {
        Begin(EffectTag.Logged, from);
        Bytes(entry);
        inner.Logged(from, entry);
    }

    public void Audited(Audit entry)
    {
        Begin(EffectTag.Audited, entry.Process);
        _block.Text(entry.Effect);
        _block.Text(entry.Target);
        _block.Text(entry.Reason);
        _block.U32((uint)entry.Count);
        inner.Audited(entry);
    }

    public void Swapped(SwapReport report)
    {
        Begin(EffectTag.Swapped, ProcessId.Outside);
        _block.Text(report.Module);
        _block.Text(report.From);
        _block.Text(report.To);
        _block.Text(string.Join('\n', report.Refusals));
        _block.U32((uint)report.Processes);
        inner.Swapped(report);
    }

    public void Operated(OperatorAct act)
    {
        Begin(EffectTag.Operated, ProcessId.Outside);
        _block.Text(act.Act);
        _block.Text(act.Target);
        _block.Text(act.Refusal);
        inner.Operated(act);
    }

    public void Packed(int module, ImmutableArray<byte> package, string why)
    {
        Begin(EffectTag.Packed, ProcessId.Outside);
        _block.U32((uint)module);
        _block.U32((uint)package.Length);
        _block.Text(why);
        inner.Packed(module, package, why);
    }

    public void Moved(int module, int shard, string why)
    {
        Begin(EffectTag.Moved, ProcessId.Outside);
        _block.U32((uint)module);
        _block.U32((uint)shard);
        _block.Text(why);
        inner.Moved(module, shard, why);
    }

    public void SwapReady(long ticket, ModuleImage now, ImmutableArray<Newcomer> newcomers)
    {
        Begin(EffectTag.SwapReady, ProcessId.Outside);
        _block.I64(ticket);
        _block.Text(now.Manifest.Name);
        foreach (var (agent, process) in newcomers)
        {
            _block.U32((uint)agent);
            _block.I64(process.Value);
        }

        inner.SwapReady(ticket, now, newcomers);
    }

    public void SwapSeen(string module, ImmutableArray<string> refusals)
    {
        Begin(EffectTag.SwapSeen, ProcessId.Outside);
        _block.Text(module);
        foreach (string why in refusals)
        {
            _block.Text(why);
        }

        inner.SwapSeen(module, refusals);
    }

    public void SwappedElsewhere(SwapReport report)
    {
        Begin(EffectTag.SwappedElsewhere, ProcessId.Outside);
        _block.Text(report.Module);
        inner.SwappedElsewhere(report);
    }

    public void Departed(ProcessId process)
    {
        Begin(EffectTag.Departed, process);
        inner.Departed(process);
    }

    public void ToShard(int shard, long sequence, ReadOnlySpan<byte> records)
    {
        Begin(EffectTag.ToShard, ProcessId.Outside);
        _block.U32((uint)shard);
        _block.I64(sequence);
        Bytes(records);
        inner.ToShard(shard, sequence, records);
    }

    public void PolicyFailed(string module, string failure, PolicyKind next)
    {
        Begin(EffectTag.PolicyFailed, ProcessId.Outside);
        _block.Text(module);
        _block.Text(failure);
        _block.U8((byte)next);
        inner.PolicyFailed(module, failure, next);
    }

    public void Released(ModuleImage module) => inner.Released(module);

    public bool HearsCapabilities => inner.HearsCapabilities;

    public void Capability(CapabilityAct act) => inner.Capability(act);

    public void Trapped(DeadLetter letter)
    {
        Begin(EffectTag.Trapped, letter.Process);
        _block.U32((uint)letter.Handler);
        _block.I64(letter.Sender.Value);
        _block.U8((byte)letter.Fault);
        _block.I64(letter.Instant);
        if (letter.Fault != FaultKind.Deadline)
        {
            _block.U32((uint)letter.Trap);
            _block.U32(letter.Site);
            _block.Text(letter.Detail);
            Bytes(letter.Payload.AsSpan());
        }

        inner.Trapped(letter);
    }

    public void InputTaken(LineBatch batch) => inner.InputTaken(batch);

    public void Committed(ProcessId process, int handler, int count, long arrived)
    {
        Begin(EffectTag.Committed, process);
        _block.U32((uint)handler);
        _block.U32((uint)count);
        _block.I64(arrived);
        inner.Committed(process, handler, count, arrived);
    }

    public void Looked(ProcessId process, SavedState? state, string failure)
    {
        Begin(EffectTag.Looked, process);
        Bytes(state is null ? Encoding.UTF8.GetBytes(failure) : state.Octets.Span);
        inner.Looked(process, state, failure);
    }

    private void Begin(EffectTag tag, ProcessId process)
    {
        if (BlockBytes < _block.Length)
        {
            Settle();
        }

        _block.U8((byte)tag);
        _block.I64(process.Value);
    }

    private void Bytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= BlockBytes)
        {
            _block.U32((uint)bytes.Length);
            _block.Bytes(bytes);
            return;
        }

        // A large one need not be copied.
        Span<byte> digest = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(digest, XxHash64.Of(bytes, seed: 0));
        _block.U32((uint)bytes.Length);
        _block.Bytes(digest);
    }

    private void Settle()
    {
        if (0 < _block.Length)
        {
            _digest = XxHash64.Of(_block.Written, _digest);
            _block.Clear();
        }
    }
}
