using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Container;
using Tars.Bundle.Wasm;
using Tars.Host.Granting;
using Tars.Host.Moving;
using Tars.Kernel.Ports;

namespace Tars.Host.Testing;

/// <summary>Runs a module's own tests, each in a guest of its own, so that none leaves anything to the next.</summary>
/// <remarks>
/// A test has no agent and no effects, so there is no kernel here: the parameters at their values, then the test, as
/// two events of one batch. `now()` stands still at the year 2000.
/// </remarks>
public sealed class ModuleTests
{
    private const long FuelMax = 2_000_000_000;
    private const long Year2000 = 946_684_800_000_000_000;
    private const int EventAlignment = 8;
    private const int TrapTextMax = 1_024; // As of the kernel: a test may be one of a version that nobody wrote.

    private static readonly GuestLimits _limits =
        new(MemoryBytesMax: 64L << 20, DepthSlotsMax: 1 << 18, TableElementsMax: 1 << 16);

    private readonly BundleFile _bundle;
    private readonly IGuestCode _code;
    private readonly byte[] _params;
    private readonly CancellationToken _stop;

    private ModuleTests(BundleFile bundle, IGuestCode code, CancellationToken stop)
    {
        _bundle = bundle;
        _code = code;
        _stop = stop;
        _params = [.. bundle.Manifest.Params.SelectMany(param => param.Value)];
    }

    /// <param name="bytes">A bundle that was compiled with its tests.</param>
    /// <param name="grants">What an operator says of the module: here only with what isolation it runs.</param>
    /// <param name="stop">Ends the test that is running, and then none of them counts.</param>
    public static TestRun Run(
        ReadOnlyMemory<byte> bytes, IEngine engine, PolicyFile? grants = null, CancellationToken stop = default)
    {
        if (BundleReader.Read(bytes) is not BundleReading.Read { Bundle: var bundle })
        {
            return new TestRun.Refused("this is not a bundle");
        }

        if (ModuleDecoder.Decode(bytes.Span) is not DecodeResult.Decoded { Module: var module }
            || ModuleValidator.Validate(module) is not ValidationResult.Valid { Module: var valid })
        {
            return new TestRun.Refused("its WebAssembly is not valid");
        }

        var floor = Floor.Of(grants);
        if (Floor.WhyNot(engine, bundle.Manifest, floor) is { } less)
        {
            return new TestRun.Refused(less);
        }

        switch (EngineDesk.Load(engine, valid, Floor.IsIsolated(bundle.Manifest, floor)))
        {
            case EngineLoad.Refused refused:
                return new TestRun.Refused(refused.Reason);
            case EngineLoad.Loaded { Code: var code }:
                using (code)
                {
                    return new ModuleTests(bundle, code, stop).RunAll();
                }

            default:
                throw new UnreachableException();
        }
    }

    private TestRun RunAll()
    {
        var outcomes = ImmutableArray.CreateBuilder<TestOutcome>();
        foreach (var (number, name) in _bundle.Manifest.Tests.Index())
        {
            outcomes.Add(RunOne(name, number));
            if (_stop.IsCancellationRequested)
            {
                return new TestRun.Stopped();
            }
        }

        return new TestRun.Ran(outcomes.ToImmutable());
    }

    private TestOutcome RunOne(string name, int number)
    {
        using var guest = _code.Instantiate(_limits, out var fault);
        if (guest is null)
        {
            return new TestOutcome(name, new TestFailure($"the guest does not start: {fault!.Kind}", "", 0), 0);
        }

        using var abort = new AbortOnStop(guest, _stop);
        byte[] batch = [.. Event(EventKind.Params, 0, _params), .. Event(EventKind.Test, number, [])];
        if (U32(guest, ControlBlock.EventsSize) < batch.Length)
        {
            var reserved = Call(guest, GuestEntry.Reserve, batch.Length);
            if (reserved.Fault is { } refused)
            {
                return new TestOutcome(name, FailureOf(guest, refused), reserved.FuelUsed);
            }
        }

        batch.CopyTo(guest.Memory[(int)U32(guest, ControlBlock.EventsBase)..]);
        var result = Call(guest, GuestEntry.Run, batch.Length);
        return new TestOutcome(name, result.Fault is { } stopped ? FailureOf(guest, stopped) : null, result.FuelUsed);
    }

    private static GuestResult Call(IGuest guest, GuestEntry entry, int argument)
    {
        var answer = guest.Start(new GuestCall(entry, argument, FuelMax));
        Invariant.Holds(!answer.Running); // Engines that run elsewhere are for kernels.
        return answer.Result;
    }

    private TestFailure FailureOf(IGuest guest, GuestFault fault)
    {
        var site = _bundle.Debug.Find(U32(guest, ControlBlock.Site));
        var reason = TrapText.Of(fault.Kind, (GuestTrap)U32(guest, ControlBlock.TrapCode));
        return new TestFailure(
            TextOf(guest) is { Length: > 0 } words ? $"{reason}: {words}" : reason,
            site is { } known ? _bundle.Debug.Files[known.File] : "",
            site?.Start.Line ?? 0);
    }

    // The guest says where its words lie; they are data until they were looked at.
    private static string TextOf(IGuest guest)
    {
        ulong start = U32(guest, ControlBlock.TrapTextBase);
        ulong size = U32(guest, ControlBlock.TrapTextSize);
        return start + size <= (ulong)guest.Memory.Length
            ? Encoding.UTF8.GetString(guest.Memory.Slice((int)start, (int)Math.Min(size, TrapTextMax)))
            : "";
    }

    private static byte[] Event(EventKind kind, int handler, ReadOnlySpan<byte> payload)
    {
        int size = (EventRecord.Payload + payload.Length + EventAlignment - 1) / EventAlignment * EventAlignment;
        byte[] record = new byte[size];
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(EventRecord.Size), (uint)size);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(EventRecord.Kind), (ushort)kind);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(EventRecord.Handler), (ushort)handler);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(EventRecord.Instant), Year2000);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(EventRecord.PayloadSize), (uint)payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(EventRecord.Turns), 1);
        payload.CopyTo(record.AsSpan(EventRecord.Payload));
        return record;
    }

    private static uint U32(IGuest guest, int field) =>
        BinaryPrimitives.ReadUInt32LittleEndian(guest.Memory[(guest.ControlAddress + field)..]);
}
