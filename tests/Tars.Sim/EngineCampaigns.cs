using System.Collections.Concurrent;
using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Llvm;
using Tars.Engine.Vm.Machine;
using Tars.Sim.Fuzz;
using Tars.Sim.Spec;

namespace Tars.Sim;

/// <summary>The campaigns that judge engines: generated modules beside the oracle and Node, and the official
/// suite.</summary>
internal static class EngineCampaigns
{
    private const int ShownMax = 10;

    // LLVM takes a thousand times longer over a module than the others.
    private const int ModulesPerMicroVm = 25;

    /// <summary>
    /// Generated modules on the engine and the oracle; every tenth on Node too, and some on the micro-VM engine, where
    /// there are these.
    /// </summary>
    /// <param name="eachOnMicroVm">All of them on the micro-VM engine.</param>
    public static int Modules(ulong first, int count, bool eachOnMicroVm = false)
    {
        var differences = new ConcurrentQueue<string>();
        int onNode = 0;
        int onMicroVm = 0;
        using var machines = VmDifferential.Open(out string missing);
        int taken = -1;

        // Threads of our own: each keeps its Node to the end, where a loop of the pool's starts one for each slice.
        Thread[] workers = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Work))];
        foreach (var worker in workers)
        {
            worker.Start();
        }

        foreach (var worker in workers)
        {
            worker.Join();
        }

        foreach (string difference in differences.Take(ShownMax))
        {
            Console.WriteLine(difference);
        }

        Console.WriteLine(onNode == 0 ? "node is missing, so it judged nothing" : $"on node too: {onNode} modules");
        Console.WriteLine(machines is null ? missing : $"on microvm too: {onMicroVm} modules");
        Console.WriteLine($"modules: {count} on engine and oracle, {differences.Count} differences");
        return differences.IsEmpty ? 0 : 1;

        void Work()
        {
            using var node = NodeDifferential.Start();
            for (int place; (place = Interlocked.Increment(ref taken)) < count;)
            {
                ulong seed = first + (ulong)place;
                bool isForNode = seed % 10 == 0;
                var module = (seed % 4) switch
                {
                    1 => LoopGenerator.Module(seed),
                    3 => FaultGenerator.Module(seed),
                    _ => WasmGenerator.Module(seed, canonical: isForNode),
                };
                Note(EngineDifferential.Run(seed, module), seed, isOnMicroVm: false);
                if (machines is not null && (eachOnMicroVm || seed % ModulesPerMicroVm == 1))
                {
                    Interlocked.Increment(ref onMicroVm);
                    Array.ForEach(
                        OnMicroVm(machines, seed, module), difference => Note(difference, seed, isOnMicroVm: true));
                }

                if (isForNode && node is not null)
                {
                    Interlocked.Increment(ref onNode);
                    Note(NodeDifferential.Run(node, seed), seed, isOnMicroVm: false);
                }
            }

            node?.StandardInput.Close();
            node?.WaitForExit();
        }

        void Note(string? difference, ulong seed, bool isOnMicroVm)
        {
            if (difference is not null)
            {
                differences.Enqueue($"{difference}\n  repeat with: {RepeatOf(seed, isOnMicroVm)}");
            }
        }
    }

    /// <summary>What runs the one module again: few of them are for the micro-VM engine unless all are.</summary>
    internal static string RepeatOf(ulong seed, bool isOnMicroVm) =>
        $"./dev.cs modules 1 {seed}{(isOnMicroVm ? " --microvm" : "")}";

    private static string?[] OnMicroVm(VmHost machines, ulong seed, WasmModule module) =>
    [
        VmDifferential.Run(machines, seed, module, CodeTier.O2),
        VmDifferential.RunUnrolled(machines, seed, CodeTier.O2),
        VmDifferential.RunPlaces(machines, seed, CodeTier.O2),
        VmDifferential.RunMixed(machines, seed, seed % 4 == 0 ? CodeTier.O0 : CodeTier.O2),
    ];

    /// <summary>Damaged modules through decoder and validator: each is told what it is, and none throws.</summary>
    public static int Binaries(int count)
    {
        const int EachMax = 100;
        int valid = 0;
        var thrown = new ConcurrentQueue<string>();
        Parallel.For(0, (count + EachMax - 1) / EachMax, place =>
        {
            ulong seed = 1 + (ulong)place;
            try
            {
                Interlocked.Add(ref valid, ValidOf(seed, Math.Min(EachMax, count - (place * EachMax))));
            }
            catch (Exception e)
            {
                thrown.Enqueue($"seed {seed}: {e.Message}");
            }
        });

        foreach (string one in thrown.Take(ShownMax))
        {
            Console.WriteLine(one);
        }

        Console.WriteLine($"binaries: {count} damaged modules, {valid} valid all the same, {thrown.Count} threw");
        return thrown.IsEmpty ? 0 : 1;
    }

    private static int ValidOf(ulong seed, int count)
    {
        var random = new Xoshiro256(seed);
        byte[] module = ModuleEncoder.Encode(WasmGenerator.Module(seed));
        int valid = 0;
        for (int round = 0; round < count; round++)
        {
            bool isValid = ModuleDecoder.Decode(WasmMutation.Of(module, random)) is DecodeResult.Decoded decoded
                && ModuleValidator.Validate(decoded.Module) is ValidationResult.Valid;
            valid += isValid ? 1 : 0;
        }

        return valid;
    }

    /// <summary>The official suite, script by script.</summary>
    /// <param name="engine">The name of one, or null for all.</param>
    /// <param name="only">The name of a script, or null for all.</param>
    public static int Spec(string path, string? engine, string? only)
    {
        var engines = SpecSuite.Engines(level: 2).Where(each => engine is null || each.Name == engine).ToList();
        using var files = SpecFiles.Open(path);
        string? refusal = files is null ? $"{path}: neither a folder nor an archive of what wast2json makes"
            : engines.Count == 0 ? $"no engine `{engine}`; there are {Names(SpecSuite.Engines(level: 2))}"
            : only is not null && !files.Scripts.Contains(only) ? $"{path}: no script `{only}`"
            : null;
        if (refusal is not null)
        {
            Console.Error.WriteLine(refusal);
            return 2;
        }

        int failures = 0;
        foreach (var each in engines)
        {
            if (each.Missing is { } missing)
            {
                Console.WriteLine($"== {each.Name} does not run here: {missing}");
                failures += engine is null ? 0 : 1;
                continue;
            }

            var report = SpecSuite.Run(files!, each, only);
            Console.WriteLine($"== {each.Name}");
            foreach (var score in report.Scores)
            {
                Console.WriteLine(score);
                foreach (var failure in score.Failures)
                {
                    Console.WriteLine($"  {failure}");
                }
            }

            Console.WriteLine(report);
            failures += report.Failures.Count;
        }

        return failures == 0 ? 0 : 1;
    }

    private static string Names(IEnumerable<ISpecEngine> engines) => string.Join(", ", engines.Select(one => one.Name));
}
