using System.Globalization;
using Tars.Bench.Kernels;

namespace Tars.Bench;

/// <summary>This engine beside V8 and native code: kernels, compilation, instances.</summary>
internal static class EngineBench
{
    private const string Write = "--write";
    private const string Short = "--short";
    private const double ShortShare = 0.25;

    /// <param name="words">
    /// Kernels to run, all by default; with --write the figures go to docs/ too; --short takes a quarter of the time,
    /// for a look while something is changed.
    /// </param>
    public static int Run(string[] words)
    {
        var unknown = words.Except([Write, Short])
            .Where(word => !KernelProgram.All.Any(kernel => kernel.Name == word)).ToList();
        if (0 < unknown.Count)
        {
            Console.WriteLine($"no such kernel: {string.Join(", ", unknown)}");
            Console.WriteLine($"there are: {string.Join(", ", KernelProgram.All.Select(kernel => kernel.Name))}");
            return 1;
        }

        var kernels = KernelProgram.All
            .Where(kernel => !words.Except([Write, Short]).Any() || words.Contains(kernel.Name)).ToList();
        var figures = Measure(kernels, words.Contains(Short) ? ShortShare : 1);
        var report = new EngineReport(figures);
        report.Print(Console.Out);
        if (words.Contains(Write))
        {
            report.Write();
        }

        var failures = report.Failures().ToList();
        failures.ForEach(failure => Console.WriteLine($"FAILED: {failure}"));
        return failures.Count;
    }

    private static EngineFigures Measure(List<KernelProgram> kernels, double share)
    {
        if (Toolchain.Missing is { } missing)
        {
            Console.WriteLine($"Kernels are not measured: there is no {missing} here (Debian: clang-19, lld-19).");
            return new EngineFigures([], [], InstanceBench.Run());
        }

        bool hasNode = Repository.Has("node");
        if (!hasNode)
        {
            Console.WriteLine("V8 is not measured: there is no node here.");
        }

        var results = new List<KernelResult>();
        foreach (var result in KernelBench.Run(kernels, share))
        {
            results.Add(result);
            Console.WriteLine($"  {Line(result)}");
        }

        var compiled = hasNode ? CompileBench.Run(kernels).ToList() : [];
        return new EngineFigures(results, compiled, InstanceBench.Run());
    }

    // As it comes: the whole takes minutes.
    private static string Line(KernelResult result) => string.Join("  ", result.Nanoseconds
        .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value / 1e6:0.0} ms"))
        .Prepend(result.Title));
}
