using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Container;
using Tars.Bundle.DebugMap;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;
using Tars.Lang;
using Tars.Lang.Checking;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Lang.Emitting;

/// <summary>
/// One process of a compiled metascript, driven by hand as docs/abi.md says: a host without a kernel.
/// </summary>
internal sealed class CompiledProcess : IDisposable
{
    private const long Fuel = 1L << 50;

    private readonly IGuest _guest;
    private readonly int _agent;

    private CompiledProcess(BundleFile bundle, IGuest guest, int agent)
    {
        Bundle = bundle;
        _guest = guest;
        _agent = agent;
    }

    public BundleFile Bundle { get; }

    public AgentSpec Agent => Bundle.Manifest.Agents[_agent];

    public int MemorySize => _guest.Memory.Length;

    /// <summary>The first address of the state region.</summary>
    public long StateBase => Field(ControlBlock.StateBase);

    /// <summary>The addresses of the pages of 4 KiB that are not zero.</summary>
    public long[] UsedPages => [.. _guest.Save().Pages.Select(page => page.Address)];

    /// <summary>Compiles, instantiates and gives birth to the first agent.</summary>
    public static CompiledProcess Start(string program, bool includeTests = false) =>
        Start(Compile(program, includeTests));

    public static CompiledProcess Load(string program, bool includeTests = false) =>
        Load(Compile(program, includeTests));

    private static CompiledProcess Start(BundleFile bundle)
    {
        var process = Load(bundle);
        var birth = process.Run([process.BirthEvent()]);
        Assert.Null(birth.Trap);
        return process;
    }

    private static CompiledProcess Load(BundleFile bundle)
    {
        var decoded = Assert.IsType<DecodeResult.Decoded>(ModuleDecoder.Decode(bundle.Bytes.Span));
        var valid = Assert.IsType<ValidationResult.Valid>(ModuleValidator.Validate(decoded.Module));
        var code = Assert.IsType<EngineLoad.Loaded>(TestEngine.Here().Load(valid.Module)).Code;
        var guest = code.Instantiate(new GuestLimits(1L << 30, DepthSlotsMax: 30_000, TableElementsMax: 0),
            out var fault);
        Assert.Null(fault);
        return new CompiledProcess(bundle, guest!, agent: 0);
    }

    public static BundleFile Compile(string program, bool includeTests = false)
    {
        var result = Compiler.Compile(
            new SourceText("module.tars", program), new NoModules(), new CompileOptions(includeTests));
        var errors = result.Files.SelectMany(file => file.Diagnostics).Where(one =>
            one.Severity == Tars.Lang.Diagnostics.Severity.Error);
        Assert.True(
            result.Bundle is not null,
                string.Join('\n', errors.Select(one => $"{one.Code} {one.Span.Start} {one.Title}")));
        return Assert.IsType<BundleReading.Read>(BundleReader.Read(result.Bundle!.Value.AsMemory())).Bundle;
    }

    public GuestEvent BirthEvent(ulong seed = 1)
    {
        var payload = new ByteWriter();
        payload.U32((uint)_agent);
        payload.U64(seed);
        payload.I64(7);
        foreach (var param in Bundle.Manifest.Params)
        {
            payload.Bytes(param.Value.AsSpan());
        }

        return new GuestEvent(EventKind.Birth, 0, 0, payload.ToArray());
    }

    /// <summary>
    /// An event for the handler with that key, such as <c>timer roll</c>, with its values as a JSON array.
    /// </summary>
    public GuestEvent Event(string key, string json = "[]", long instant = 0)
    {
        int index = Agent.Handlers.ToList().FindIndex(one => KeyOf(one) == key);
        Assert.True(0 <= index, $"no handler `{key}`");
        var handler = Agent.Handlers[index];
        var payload = new ByteWriter();
        using var values = JsonDocument.Parse(json);
        int place = 0;
        foreach (var value in values.RootElement.EnumerateArray())
        {
            Assert.Null(ValueJsonReader.Read(handler.Payload[place++].Type, value, payload));
        }

        Assert.Equal(handler.Payload.Length, place);
        return new GuestEvent(EventKind.Handler, index, instant, payload.ToArray());
    }

    /// <summary>The answer of the wait with that number: <c>{"value": …}</c> or <c>{"failure": {…}}</c>.</summary>
    public GuestEvent Answer(int number, string json, long instant = 0)
    {
        var payload = new ByteWriter();
        var type = new SchemaType.Fallible(Agent.Continuations[number].Answer);
        Assert.Null(ValueJsonReader.Read(type, Encoding.UTF8.GetBytes(json), payload));
        return new GuestEvent(EventKind.Answer, number, instant, payload.ToArray());
    }

    public static string KeyOf(HandlerSpec handler) =>
        $"{handler.Kind.ToString().ToLowerInvariant()} {handler.Subject}".TrimEnd();

    /// <summary>
    /// Runs the events in batches of at most that many. A trap ends only its event, as in the kernel.
    /// </summary>
    public GuestOutcome Run(IReadOnlyList<GuestEvent> events, int batch = int.MaxValue, long fuel = Fuel)
    {
        var effects = new List<GuestEffect>();
        GuestStop? trap = null;
        int done = 0;
        while (done < events.Count)
        {
            int count = Math.Min(batch, events.Count - done);
            var result = RunBatch([.. events.Skip(done).Take(count)], fuel);
            int committed = (int)Field(ControlBlock.EventsCommitted);
            CollectEffects(effects, done);
            done += committed;
            if (result.Fault is { } fault)
            {
                trap = new GuestStop(
                    fault.Kind, (GuestTrap)Field(ControlBlock.TrapCode), Bundle.Debug.Find(Field(ControlBlock.Site)),
                        TrapText());
                Undo();
                done++;
            }
            else
            {
                Assert.True(0 < committed, "a batch that returns commits something");
            }
        }

        return new GuestOutcome(effects, trap);
    }

    /// <summary>Another process of the same bundle, with the state of this one.</summary>
    public CompiledProcess Reloaded()
    {
        var twin = Start(Bundle);
        var load = twin.Run([new GuestEvent(EventKind.Load, 0, 0, Save())]);
        Assert.Null(load.Trap);
        Assert.Equal(Save(), twin.Save());
        return twin;
    }

    /// <summary>The encoded state, as a Save event leaves it; then it is undone.</summary>
    public byte[] Save()
    {
        var result = RunBatch([new GuestEvent(EventKind.Save, 0, 0, [])], Fuel);
        Assert.Null(result.Fault);
        Assert.Equal(0u, Field(ControlBlock.EventsCommitted));
        byte[] saved = _guest.Memory.Slice((int)Field(ControlBlock.SavedBase),
            (int)Field(ControlBlock.SavedSize)).ToArray();
        Undo();
        return saved;
    }

    /// <summary>The saved state fields as JSON, one a line.</summary>
    public string StateText() => SavedText().State;

    /// <summary>The number of the pending wait and what it keeps, as JSON; empty when none is pending.</summary>
    public string PendingText() => SavedText().Pending;

    private (string Pending, string State) SavedText()
    {
        // The generator comes first.
        var rest = Save().AsSpan(32);
        int pending = BitConverter.ToInt32(rest);
        rest = rest[4..];
        var kept = pending == 0 ? [] : Fields(Agent.Continuations[pending - 1].Locals, ref rest);
        var state = Fields(Agent.State, ref rest);
        Assert.True(rest.IsEmpty);
        return (
            pending == 0 ? "" : $"waits at {pending - 1} with {string.Join(", ", kept.DefaultIfEmpty("nothing"))}",
            string.Concat(state.Select(one => one + "\n")));
    }

    private static List<string> Fields(ImmutableArray<SchemaField> fields, ref Span<byte> rest)
    {
        var lines = new List<string>();
        foreach (var field in fields)
        {
            var reader = new ByteReader(rest);
            ValueEncoding.Skip(field.Type, ref reader);
            Assert.False(reader.Failed);
            lines.Add($"{field.Name} = {Json(field.Type, rest[..reader.Position])}");
            rest = rest[reader.Position..];
        }

        return lines;
    }

    public static string Json(SchemaType type, ReadOnlySpan<byte> encoded)
    {
        var output = new ByteWriter();
        Assert.Null(ValueJson.Write(type, encoded, output));
        return Encoding.UTF8.GetString(output.Written);
    }

    public void Dispose() => _guest.Dispose();

    private GuestResult RunBatch(IReadOnlyList<GuestEvent> events, long fuel)
    {
        var ring = new ByteWriter();
        foreach (var one in events)
        {
            one.WriteTo(ring);
        }

        if (Field(ControlBlock.EventsSize) < ring.Length)
        {
            Assert.Null(_guest.Start(new GuestCall(GuestEntry.Reserve, ring.Length, Fuel)).Result.Fault);
        }

        ring.Written.CopyTo(_guest.Memory[(int)Field(ControlBlock.EventsBase)..]);
        foreach (int offset in (int[])
            [ControlBlock.EffectsUsed, ControlBlock.EffectsCommitted, ControlBlock.EventsCommitted,
                ControlBlock.UndoHead, ControlBlock.TrapCode])
        {
            BitConverter.TryWriteBytes(_guest.Memory[(_guest.ControlAddress + offset)..], 0);
        }

        return _guest.Start(new GuestCall(GuestEntry.Run, ring.Length, fuel)).Result;
    }

    private uint Field(int offset) => BitConverter.ToUInt32(_guest.Memory[(_guest.ControlAddress + offset)..]);

    private string TrapText() => Field(ControlBlock.TrapCode) == (uint)GuestTrap.Failed
        ? Encoding.UTF8.GetString(
            _guest.Memory.Slice((int)Field(ControlBlock.TrapTextBase), (int)Field(ControlBlock.TrapTextSize)))
        : "";

    private void CollectEffects(List<GuestEffect> effects, int firstEvent)
    {
        var ring = _guest.Memory.Slice((int)Field(ControlBlock.EffectsBase), (int)Field(ControlBlock.EffectsCommitted));
        while (!ring.IsEmpty)
        {
            int size = BitConverter.ToInt32(ring);
            effects.Add(GuestEffect.Read(ring[..size], firstEvent));
            ring = ring[size..];
        }
    }

    // All chunks are read before anything is written: they may lie where something is restored.
    private void Undo()
    {
        var entries = new List<(int At, byte[] Old)>();
        for (int chunk = (int)Field(ControlBlock.UndoHead); chunk != 0;)
        {
            var memory = _guest.Memory;
            int used = BitConverter.ToInt32(memory[(chunk + 4)..]);
            if (BitConverter.ToUInt32(memory[(chunk + 8)..]) == Field(ControlBlock.EventsCommitted))
            {
                var inChunk = new List<(int At, byte[] Old)>();
                for (int at = chunk + 16; at < chunk + 16 + used;)
                {
                    int size = BitConverter.ToInt32(memory[(at + 4)..]);
                    inChunk.Add((BitConverter.ToInt32(memory[at..]), memory.Slice(at + 8, size).ToArray()));
                    at += 8 + ((size + 7) & ~7);
                }

                inChunk.Reverse();
                entries.AddRange(inChunk);
            }

            chunk = BitConverter.ToInt32(memory[chunk..]);
        }

        foreach (var (at, old) in entries)
        {
            Assert.InRange(at, (int)Field(ControlBlock.StateBase), (int)Field(ControlBlock.StateEnd) - old.Length);
            old.CopyTo(_guest.Memory[at..]);
        }
    }
}

/// <summary>An event as it lies in the ring, less what the rig fills in.</summary>
internal sealed record GuestEvent(EventKind Kind, int Handler, long Instant, byte[] Payload)
{
    public void WriteTo(ByteWriter ring)
    {
        int size = (EventRecord.Payload + Payload.Length + 7) & ~7;
        ring.U32((uint)size);
        ring.U16((ushort)Kind);
        ring.U16((ushort)Handler);
        ring.I64(Instant);
        ring.I64(100);
        ring.U32((uint)Payload.Length);
        ring.U32(1);
        ring.Bytes(Payload);
        ring.Align(8);
    }
}

/// <summary>An effect as it came out of the ring.</summary>
/// <param name="Event">The index of its event among all that were run.</param>
internal sealed record GuestEffect(HostCallRow Call, int Event, ImmutableArray<long> Numbers,
    ImmutableArray<byte[]> Bytes)
{
    public static GuestEffect Read(ReadOnlySpan<byte> record, int firstEvent)
    {
        var row = HostCalls.Find(BitConverter.ToUInt16(record[EffectRecord.Call..]))!;
        int index = BitConverter.ToInt32(record[EffectRecord.Event..]) + firstEvent;
        var numbers = ImmutableArray.CreateBuilder<long>();
        var bytes = ImmutableArray.CreateBuilder<byte[]>();
        int at = EffectRecord.Arguments;
        foreach (var argument in row.Arguments)
        {
            if (argument.Kind == HostArgumentKind.Bytes)
            {
                int size = BitConverter.ToInt32(record[at..]);
                bytes.Add(record.Slice(at + 8, size).ToArray());
                at += 8 + ((size + 7) & ~7);
            }
            else
            {
                numbers.Add(BitConverter.ToInt64(record[at..]));
                at += 8;
            }
        }

        return new GuestEffect(row, index, numbers.ToImmutable(), bytes.ToImmutable());
    }
}

/// <summary>How an event stopped short.</summary>
internal sealed record GuestStop(FaultKind Kind, GuestTrap Trap, DebugSite? Site, string Text);

/// <summary>What a run brought: the effects of the committed events, and the last trap.</summary>
internal sealed record GuestOutcome(IReadOnlyList<GuestEffect> Effects, GuestStop? Trap);
