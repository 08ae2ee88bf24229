using System.Buffers.Binary;
using System.Diagnostics;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil;
using Tars.Kernel.Ports;

namespace Tars.Bench.Kernels;

/// <summary>What instances and the border cost: making one, a call in, a call out, and one that only waits.</summary>
internal static class InstanceBench
{
    private const int ControlAddress = 64;
    private const int RingAddress = 256;
    private const int RingSize = 1024;
    private const int MakeCount = 2_000;
    private const int CallCount = 2_000_000;
    private const int BatchCount = 11;
    private const int IdleCount = 50_000;

    private static readonly GuestLimits _limits =
        new(WasmLimits.PageSize, DepthSlotsMax: 1 << 14, TableElementsMax: 0);

    public static InstanceFigures Run()
    {
        using var code = ((EngineLoad.Loaded)new CilEngine().Load(Guest())).Code;
        using var guest = Make(code);
        return new InstanceFigures(
            InstantiateMicroseconds(code),
            HostToGuestNanoseconds(guest),
            GuestToHostNanoseconds(guest),
            IdleBytes(code));
    }

    private static IGuest Make(IGuestCode code) =>
        code.Instantiate(_limits, out var fault) ?? throw new InvalidOperationException($"no instance: {fault}");

    private static double InstantiateMicroseconds(IGuestCode code)
    {
        var times = new List<double>();
        for (int turn = 0; turn < 2 * MakeCount; turn++)
        {
            long begun = Stopwatch.GetTimestamp();
            using var guest = Make(code);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMicroseconds);
        }

        return KernelBench.Median(times.Skip(MakeCount)); // The first half lets .NET compile this engine's own code.
    }

    private static double HostToGuestNanoseconds(IGuest guest)
    {
        var call = new GuestCall(GuestEntry.Reserve, 0, Fuel: 1_000);
        return PerCall(() =>
        {
            for (int turn = 0; turn < CallCount; turn++)
            {
                _ = guest.Start(call);
            }
        });
    }

    // The guest makes so many host calls in one loop, and empties its ring after each.
    private static double GuestToHostNanoseconds(IGuest guest)
    {
        var call = new GuestCall(GuestEntry.Run, CallCount, long.MaxValue);
        return PerCall(() => Invariant(guest.Start(call).Result.Fault is null));
    }

    private static double PerCall(Action work)
    {
        work();
        return KernelBench.Median([.. Enumerable.Range(0, BatchCount).Select(_ =>
        {
            var begun = Environment.CpuUsage.TotalTime;
            work();
            return (Environment.CpuUsage.TotalTime - begun).TotalNanoseconds / CallCount;
        })]);
    }

    private static double IdleBytes(IGuestCode code)
    {
        var idle = new List<IGuest>(IdleCount);
        long before = Resident();
        for (int count = 0; count < IdleCount; count++)
        {
            idle.Add(Make(code));
            _ = idle[count].Start(new GuestCall(GuestEntry.Reserve, 0, Fuel: 1_000));
        }

        double bytes = (double)(Resident() - before) / IdleCount;
        idle.ForEach(guest => guest.Dispose());
        return bytes;
    }

    private static long Resident()
    {
        GC.Collect();
        return Environment.WorkingSet;
    }

    private static void Invariant(bool holds)
    {
        if (!holds)
        {
            throw new InvalidOperationException("the guest faulted");
        }
    }

    // One page of memory with a control block and a ring; `run` makes host calls, `reserve` does nothing.
    private static ValidatedModule Guest()
    {
        var builder = new ModuleBuilder();
        var timer = builder.ImportFunc(HostCalls.ModuleName, "cancel_timer", builder.Type([ValType.I32], []));
        var memory = builder.Memory(new WasmRange(1, 1));
        var type = builder.Type([ValType.I32], []);
        var count = new LocalIndex(0);
        var run = builder.Func(type, [], new CodeWriter()
            .Loop(BlockType.Empty)
            .I32Const(7).Call(timer)
            .I32Const(ControlAddress + ControlBlock.EffectsUsed).I32Const(0).Store(Opcode.I32Store)
            .LocalGet(count).I32Const(1).Op(Opcode.I32Sub).LocalTee(count).BrIf(0)
            .End().End());
        var reserve = builder.Func(type, [], new CodeWriter().End());
        var control = builder.Global(
            new GlobalType(ValType.I32, Mutable: false), new CodeWriter().I32Const(ControlAddress).End());
        byte[] fields = new byte[ControlBlock.Size];
        BinaryPrimitives.WriteInt32LittleEndian(fields.AsSpan(ControlBlock.EffectsBase), RingAddress);
        BinaryPrimitives.WriteInt32LittleEndian(fields.AsSpan(ControlBlock.EffectsSize), RingSize);
        builder.Data(ControlAddress, fields);
        builder.Export(GuestExports.Memory, memory);
        builder.Export(ControlBlock.AddressExport, control);
        builder.Export(GuestExports.Run, run);
        builder.Export(GuestExports.Reserve, reserve);
        return ((ValidationResult.Valid)ModuleValidator.Validate(builder.Build())).Module;
    }
}

/// <param name="IdleBytes">Resident memory of one of 50,000 instances that have run once and wait.</param>
internal sealed record InstanceFigures(
    double InstantiateMicroseconds, double HostToGuestNanoseconds, double GuestToHostNanoseconds, double IdleBytes)
{
    public double FiftyThousandGigabytes => IdleBytes * 50_000 / 1e9;
}
