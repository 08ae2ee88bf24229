using System.Buffers.Binary;
using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Container;
using Tars.Bundle.Schema;
using Tars.Bundle.Wasm;
using Tars.Host;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Sim.Reference;

/// <summary>The smallest host that docs/abi.md allows: one guest, events in, effects and saved state out. No
/// kernel.</summary>
internal sealed class GuestHost : IDisposable
{
    private const long Fuel = 50_000_000;

    private readonly IGuestCode _code;
    private readonly IGuest _guest;
    private readonly UndoLog _undo = new();

    public GuestHost(byte[] bundle)
    {
        var read = (BundleReading.Read)BundleReader.Read(bundle);
        var decoded = (DecodeResult.Decoded)ModuleDecoder.Decode(bundle);
        var valid = (ValidationResult.Valid)ModuleValidator.Validate(decoded.Module);
        Manifest = read.Bundle.Manifest;
        Debug = read.Bundle.Debug;
        _code = ((EngineLoad.Loaded)Compose.Engine("cil")!.Load(valid.Module)).Code;
        _guest = _code.Instantiate(new GuestLimits(16 << 20, 1 << 16, 1 << 12), out _)!;
    }

    public Tars.Bundle.Manifest.BundleManifest Manifest { get; }

    public Tars.Bundle.DebugMap.DebugInfo Debug { get; }

    public int MemoryBytes => _guest.Memory.Length;

    public void Dispose()
    {
        _guest.Dispose();
        _code.Dispose();
    }

    /// <summary>Birth of the first agent, with parameters as declared.</summary>
    public GuestOutcome Bear(ulong seed)
    {
        var payload = new ByteWriter();
        payload.U32(0);
        payload.U64(seed);
        payload.I64(0);
        foreach (var param in Manifest.Params)
        {
            payload.Bytes(param.Value.AsSpan());
        }

        return Run([new GuestEvent(EventKind.Birth, 0, 0, payload.ToArray())])[0];
    }

    /// <summary>Runs events as one batch, opening further batches as the contract says; an outcome for each
    /// event.</summary>
    public ImmutableArray<GuestOutcome> Run(IReadOnlyList<GuestEvent> events)
    {
        var outcomes = ImmutableArray.CreateBuilder<GuestOutcome>();
        while (outcomes.Count < events.Count)
        {
            int first = outcomes.Count;
            byte[] ring = Records(events.Skip(first));
            var view = Open();
            view[ControlBlock.EffectsUsed] = 0;
            view[ControlBlock.EffectsCommitted] = 0;
            view[ControlBlock.EventsCommitted] = 0;
            view[ControlBlock.UndoHead] = 0;
            view[ControlBlock.TrapCode] = 0;
            if (view.EventsSize < ring.Length)
            {
                _guest.Start(new GuestCall(GuestEntry.Reserve, ring.Length, Fuel));
                view = Open();
            }

            ring.CopyTo(view.Memory[(int)view[ControlBlock.EventsBase]..]);
            var result = _guest.Start(new GuestCall(GuestEntry.Run, ring.Length, Fuel)).Result;
            Collect(result, outcomes);
        }

        return outcomes.ToImmutable();
    }

    /// <summary>The state fields as a Save event gives them, without generator and continuation.</summary>
    public byte[] SavedState()
    {
        byte[] ring = Records([new GuestEvent(EventKind.Save, 0, 0, [])]);
        var view = Open();
        view[ControlBlock.EventsCommitted] = 0;
        view[ControlBlock.UndoHead] = 0;
        ring.CopyTo(view.Memory[(int)view[ControlBlock.EventsBase]..]);
        _guest.Start(new GuestCall(GuestEntry.Run, ring.Length, Fuel));
        view = Open();
        byte[] saved = view.Memory.Slice((int)view[ControlBlock.SavedBase],
            (int)view[ControlBlock.SavedSize]).ToArray();
        Invariant.Holds(_undo.TryPlay(view));
        return WithoutWait(saved);
    }

    // What a pending wait keeps is the compiler's own business.
    private byte[] WithoutWait(byte[] saved)
    {
        int pending = BinaryPrimitives.ReadInt32LittleEndian(saved.AsSpan(32));
        var reader = new ByteReader(saved.AsSpan(36));
        foreach (var local in pending == 0 ? [] : Manifest.Agents[0].Continuations[pending - 1].Locals)
        {
            ValueEncoding.Skip(local.Type, ref reader);
        }

        return saved[(36 + reader.Position)..];
    }

    private static byte[] Records(IEnumerable<GuestEvent> events)
    {
        var ring = new ByteWriter();
        foreach (var one in events)
        {
            int start = ring.Length;
            ring.U32(0);
            ring.U16((ushort)one.Kind);
            ring.U16((ushort)one.Handler);
            ring.I64(one.Instant);
            ring.I64(1_000);
            ring.U32((uint)one.Payload.Length);
            ring.U32(1);
            ring.Bytes(one.Payload);
            ring.Align(8);
            ring.PatchU32(start, (uint)(ring.Length - start));
        }

        return ring.ToArray();
    }

    private void Collect(GuestResult result, ImmutableArray<GuestOutcome>.Builder outcomes)
    {
        var view = Open();
        int committed = (int)view.EventsCommitted;
        var effects = Effects(view, committed);
        for (int at = 0; at < committed; at++)
        {
            outcomes.Add(new GuestOutcome(null, 0, effects[at]));
        }

        if (result.Fault is not { } fault)
        {
            Invariant.Holds(0 < committed);
            return;
        }

        bool again = committed > 0 && fault.Kind is FaultKind.OutOfFuel or FaultKind.EffectsFull;
        if (!again)
        {
            var trap = fault.Kind == FaultKind.Unreachable ? (GuestTrap)view[ControlBlock.TrapCode] : GuestTrap.None;
            outcomes.Add(new GuestOutcome(new GuestTrapReport(fault.Kind, trap), view[ControlBlock.Site], []));
        }

        Invariant.Holds(_undo.TryPlay(view));
    }

    private static List<ReferenceEffect>[] Effects(GuestView view, int committed)
    {
        var effects = Enumerable.Range(0, committed).Select(_ => new List<ReferenceEffect>()).ToArray();
        var ring = view.Memory.Slice((int)view[ControlBlock.EffectsBase], (int)view.EffectsCommitted);
        for (int at = 0; at < ring.Length;)
        {
            var record = ring[at..];
            var row = HostCalls.Find(BinaryPrimitives.ReadUInt16LittleEndian(record[EffectRecord.Call..]))!;
            var reader = new ByteReader(record[EffectRecord.Arguments..]);
            var scalars = ImmutableArray.CreateBuilder<long>();
            var bytes = ImmutableArray.CreateBuilder<byte[]>();
            foreach (var argument in row.Arguments)
            {
                if (argument.Kind == HostArgumentKind.Bytes)
                {
                    uint size = reader.U32();
                    reader.U32();
                    bytes.Add(reader.Bytes(size).ToArray());
                    reader.Bytes(-size & 7);
                }
                else
                {
                    scalars.Add(reader.I64());
                }
            }

            effects[BinaryPrimitives.ReadUInt32LittleEndian(record[EffectRecord.Event..])]
                .Add(new ReferenceEffect(row.Call, scalars.ToImmutable(), bytes.ToImmutable()));
            at += (int)BinaryPrimitives.ReadUInt32LittleEndian(record);
        }

        return effects;
    }

    private GuestView Open()
    {
        Invariant.Holds(GuestView.TryOpen(_guest, out var view));
        return view;
    }
}

/// <summary>An event for a guest.</summary>
internal sealed record GuestEvent(EventKind Kind, int Handler, long Instant, byte[] Payload);

/// <summary>How an event ended: committed with effects, or rolled back.</summary>
internal sealed record GuestOutcome(GuestTrapReport? Trap, uint Site, List<ReferenceEffect> Effects);

internal sealed record GuestTrapReport(FaultKind Fault, GuestTrap Trap);
