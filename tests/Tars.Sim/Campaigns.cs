using System.Diagnostics;
using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Lang;
using Tars.Lang.Checking;
using Tars.Sim.Fuzz;
using Tars.Sim.Mistakes;
using Tars.Sim.Reference;
using Tars.Sim.Robustness;

namespace Tars.Sim;

/// <summary>The campaigns of the simulator: compiled code against the reference, damaged texts, damaged modules, the
/// official suite.</summary>
internal static class Campaigns
{
    /// <summary>Generated programs, compiled and walked.</summary>
    public static int Seeds(ulong first, int count)
    {
        int failed = 0;
        for (ulong seed = first; seed < first + (ulong)count; seed++)
        {
            if (Differential.Run(seed) is { } difference)
            {
                failed++;
                Console.WriteLine($"{difference}\n  repeat with: ./dev.cs sim {seed}");
            }
        }

        Console.WriteLine($"differential: {count - failed} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    /// <summary>Damaged metascripts and modules until the time is over: each ends in a result or in
    /// diagnostics.</summary>
    public static int Fuzz(TimeSpan budget, ulong seeds)
    {
        var clock = Stopwatch.StartNew();
        int texts = 0;
        int modules = 0;
        var samples = Samples.Texts();
        for (ulong seed = 1; seed <= seeds && clock.Elapsed < budget; seed++)
        {
            var random = new Xoshiro256(seed);
            for (int round = 0; round < 50; round++)
            {
                string damaged = TextMutation.Of(samples[random.Next(samples.Count)], random);
                var one = Stopwatch.StartNew();
                Compiler.Compile(new SourceText("damaged.tars", damaged), new NoModules(), new CompileOptions());
                texts++;
                if (TimeSpan.FromSeconds(5) < one.Elapsed)
                {
                    string took = $"{one.Elapsed.TotalSeconds:F1} s";
                    Console.WriteLine($"seed {seed}, round {round}: a damaged text took {took}");
                    return 1;
                }
            }

            byte[] module = ModuleEncoder.Encode(WasmGenerator.Module(seed));
            for (int round = 0; round < 100; round++)
            {
                if (ModuleDecoder.Decode(WasmMutation.Of(module, random)) is DecodeResult.Decoded decoded)
                {
                    ModuleValidator.Validate(decoded.Module);
                }

                modules++;
            }
        }

        Console.WriteLine($"fuzz: {texts} damaged texts and {modules} damaged modules, none threw");
        return 0;
    }

    /// <summary>Mistakes planted into every program: exactly they are reported, at their lines.</summary>
    public static int Planted(ulong first, int count)
    {
        int failed = 0;
        int planted = 0;
        foreach (var program in Samples.Programs())
        {
            for (ulong seed = first; seed < first + (ulong)count; seed++)
            {
                planted++;
                if (Planted(seed, program) is { } difference)
                {
                    failed++;
                    Console.WriteLine($"{program.Name}, {difference}\n  repeat with: ./dev.cs sim {seed}");
                }
            }
        }

        Console.WriteLine($"planted mistakes: {planted - failed} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    /// <returns>Null, or what else is reported than was planted.</returns>
    public static string? Planted(ulong seed, CorpusProgram program)
    {
        var random = new Xoshiro256(seed);
        var planted = new MistakePlanter(seed).Plant(program.Text, 1 + random.Next(20));
        var source = new SourceText(program.Source.Name, planted.Text);
        var check = ModuleChecker.Check(source, program);
        var told = check.Diagnostics
            .Where(one => one.Severity == Lang.Diagnostics.Severity.Error)
            .Select(one => (source.PositionOf(one.Span.Start).Line, one.Code)).ToList();
        var wanted = planted.Mistakes.Select(one => (one.Line, one.Mistake.Code)).ToList();
        string Show(IEnumerable<(int Line, string Code)> list) =>
            string.Join(", ", list.Select(one => $"{one.Line} {one.Code} `{source.LineText(one.Line).Trim()}`"));
        return told.SequenceEqual(wanted)
            ? null
            : $"seed {seed}: missing [{Show(wanted.Except(told))}], unexpected [{Show(told.Except(wanted))}]";
    }
}
