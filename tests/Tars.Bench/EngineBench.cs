using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil;
using Tars.Kernel.Ports;

namespace Tars.Bench;

/// <summary>
/// What one step of work costs under the engine, with fuel and bounds checked, beside the same in C#.
/// </summary>
internal static class EngineBench
{
    private const int RunCount = 7;
    private const int LoopCount = 20_000_000;
    private const int FibonacciNumber = 32;
    private const int HashTurns = 200;

    private static readonly GuestLimits _limits =
        new(EngineKernels.MemoryBytes, DepthSlotsMax: 1 << 18, TableElementsMax: 0);

    public static int Run()
    {
        byte[] memory = new byte[EngineKernels.MemoryBytes];
        Work[] works =
        [
            new("arithmetic", "turn", LoopCount, LoopCount, EngineKernels.Arithmetic(), EngineKernels.Arithmetic),
            new("calls", "call", FibonacciNumber, CallsOf(FibonacciNumber), EngineKernels.Calls(), EngineKernels.Calls),
            new("memory", "octet", HashTurns, (long)HashTurns * EngineKernels.HashedBytes, EngineKernels.Hash(),
                count => EngineKernels.Hash(memory, count)),
        ];
        var table = new Table("work", "cil", "C#", "factor", "unit");
        int failed = 0;
        foreach (var work in works)
        {
            using var code = ((EngineLoad.Loaded)new CilEngine().Load(Valid(work.Module))).Code;
            using var guest = code.Instantiate(_limits, out _)!;
            var call = new GuestCall(GuestEntry.Run, work.Argument, long.MaxValue);
            var (guestTime, guestResult) = Fastest(() =>
            {
                failed += guest.Start(call).Result.Fault is null ? 0 : 1;
                return BinaryPrimitives.ReadInt64LittleEndian(guest.Memory);
            });
            var (plainTime, plainResult) = Fastest(() => work.Plain(work.Argument));
            failed += guestResult == plainResult ? 0 : 1;
            table.Row(
                work.Name,
                Text(guestTime / work.Steps),
                Text(plainTime / work.Steps),
                (guestTime / plainTime).ToString("0.00", CultureInfo.InvariantCulture),
                $"a {work.Unit}");
        }

        table.Print(Console.Out);
        return failed;
    }

    private static ValidatedModule Valid(WasmModule module) =>
        ((ValidationResult.Valid)ModuleValidator.Validate(module)).Module;

    private static (double Nanoseconds, long Result) Fastest(Func<long> work)
    {
        double best = double.MaxValue;
        long result = 0;
        for (int run = 0; run < RunCount; run++)
        {
            long begun = Stopwatch.GetTimestamp();
            result = work();
            best = Math.Min(best, Stopwatch.GetElapsedTime(begun).TotalNanoseconds);
        }

        return (best, result);
    }

    private static long CallsOf(int number) => number < 2 ? 1 : 1 + CallsOf(number - 1) + CallsOf(number - 2);

    private static string Text(double nanoseconds) =>
        nanoseconds.ToString("0.00", CultureInfo.InvariantCulture) + " ns";

    /// <param name="Steps">How many units of work the argument stands for.</param>
    private sealed record Work(
        string Name, string Unit, int Argument, long Steps, WasmModule Module, Func<int, long> Plain);
}
