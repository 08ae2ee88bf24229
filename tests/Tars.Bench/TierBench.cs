using System.Collections.Immutable;
using System.Globalization;
using Tars.Bench.Kernels;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil;
using Tars.Engine.Vm;
using Tars.Engine.Vm.Compiling;
using Tars.Engine.Vm.Llvm;
using Tars.Engine.Vm.Loading;
using Tars.Engine.Vm.Machine;
using Tars.Host.Files;
using Tars.Kernel.Ports;
using Tars.Lang;
using Metering = Tars.Engine.Cil.Compiling.Metering;

namespace Tars.Bench;

/// <summary>How long a module takes from its bytes to its first call at each tier of the compiler, beside `cil`, where
/// `auto` begins.</summary>
/// <remarks>
/// Processor time, which other work disturbs less, and the least of a few rounds. Of a machine it is the time for text,
/// compiler and loader; making the machine and calling it takes half a millisecond more (`bench vm`). The call on `cil`
/// is that which makes room for events, so nearly nothing is compiled that is not called.
/// </remarks>
internal static class TierBench
{
    private const int Rounds = 3;

    private static readonly string[] _samples =
        ["hello", "greenhouse", "logwatch", "packing", "ledger", "heating", "dispatch"];

    public static int Run()
    {
        if (LlvmLibrary.Missing is { } missing)
        {
            Console.WriteLine($"  not measured: {missing}");
            return 0;
        }

        var table = new Table("module", "code", "cil", "O0", "O1", "O2");
        foreach (string sample in _samples)
        {
            Measure(table, $"{sample}.tars", Sample(sample), isGuest: true);
        }

        foreach (var kernel in Toolchain.Missing is null ? KernelProgram.All : [])
        {
            byte[] bytes = File.ReadAllBytes(Toolchain.Wasm(kernel, simd: false));
            Measure(table, kernel.Name, CilContestant.Valid(bytes), isGuest: false);
        }

        table.Print(Console.Out);
        return 0;
    }

    private static void Measure(Table table, string name, ValidatedModule module, bool isGuest)
    {
        double cil = isGuest
            ? Least(() => CallOnce(module))
            : Least(() =>
            {
                using var contestant = new CilContestant("first", module, Metering.Fuel);
                _ = contestant.Run(turns: 0);
            });
        var times = Enum.GetValues<CodeTier>().Select(tier => Least(() => Compile(module, isGuest, tier)));
        table.Row(
        [
            name,
            string.Create(CultureInfo.InvariantCulture, $"{module.Functions.Sum(one => one.Body.Length):N0}"),
            .. new[] { cil }.Concat(times).Select(Milliseconds),
        ]);
    }

    private static ValidatedModule Sample(string name)
    {
        string path = Repository.File($"samples/{name}.tars");
        var files = ModuleFiles.Of(path, File.ReadAllBytes(path));
        var compiled = Compiler.Compile(files.Source, files, new CompileOptions());
        byte[] bytes = [.. compiled.Bundle ?? throw new InvalidOperationException($"{name} does not compile")];
        var decoded = ((DecodeResult.Decoded)ModuleDecoder.Decode(bytes)).Module;
        return ((ValidationResult.Valid)ModuleValidator.Validate(decoded)).Module;
    }

    private static void CallOnce(ValidatedModule module)
    {
        var limits = new GuestLimits(1 << 28, DepthSlotsMax: 1 << 14, TableElementsMax: 1 << 16);
        using var code = ((EngineLoad.Loaded)new CilEngine().Load(module)).Code;
        using var guest = code.Instantiate(limits, out _);
        _ = guest!.Start(new GuestCall(GuestEntry.Reserve, Argument: 1_000, Fuel: 1 << 24));
    }

    private static void Compile(ValidatedModule module, bool isGuest, CodeTier tier)
    {
        const int TableElementsMax = 1 << 16;
        var plan = isGuest
            ? ModulePlan.OfProcess(module, GuestMap.Control.Module, TableElementsMax)!
            : ModulePlan.OfCommand(
                module,
                [.. Enumerable.Range(GuestMap.HostCall.FirstOfImage, module.ImportedFunctionCount)],
                GuestMap.Control.Module,
                TableElementsMax);
        var facts = new ModuleFacts(plan with { Level = VmEngine.Shared.Level });
        var objects = new List<ReadOnlyMemory<byte>>();
        foreach (byte[]? text in ModuleEmitter.Emit(facts))
        {
            objects.Add(LlvmCompiler.Compile(text, tier, out string refusal)
                ?? throw new InvalidOperationException(refusal));
        }

        var known = ImmutableDictionary<string, long>.Empty;
        _ = ImageLinker.Link(facts, objects, known, ImagePlace.Alone, out string why)
            ?? throw new InvalidOperationException(why);
    }

    private static double Least(Action work)
    {
        double least = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            var begun = Environment.CpuUsage.TotalTime;
            work();
            least = Math.Min(least, (Environment.CpuUsage.TotalTime - begun).TotalMilliseconds);
        }

        return least;
    }

    private static string Milliseconds(double time) => time.ToString("0.0 ms", CultureInfo.InvariantCulture);
}
