namespace Tars.Bench.Kernels;

/// <summary>Runs kernels on this engine, V8 and the machine itself, in turns, and compares round by round.</summary>
/// <remarks>
/// Processor time is measured, in short rounds that alternate, and a figure is the median over the rounds of the
/// factor to V8 in the same round: what else runs on the machine then slows all of them alike.
/// </remarks>
internal static class KernelBench
{
    private const int RoundCount = 21;
    private const double WarmNanoseconds = 4e8;
    private const double RoundNanoseconds = 5e7;

    /// <param name="share">Which part of the usual time to take; 1 is the whole.</param>
    public static IEnumerable<KernelResult> Run(IEnumerable<KernelProgram> kernels, double share) =>
        from kernel in kernels
        from simd in (bool[])[false, true]
        select Measure(kernel, simd, share);

    private static KernelResult Measure(KernelProgram kernel, bool simd, double share)
    {
        var contestants = Contestant.All(kernel, Toolchain.Wasm(kernel, simd)).ToList();
        try
        {
            int[] calls = [.. contestants.Select(contestant => Warm(contestant, kernel.Turns, share))];
            int sums = contestants.Select(contestant => contestant.Run(kernel.Turns).Checksum).Distinct().Count();
            double[][] rounds = [.. Enumerable.Range(0, RoundCount).Select(_ => Round(contestants, kernel, calls))];
            return new KernelResult(kernel, simd, FiguresOf(contestants, rounds), ChecksumsAgree: sums == 1);
        }
        finally
        {
            contestants.ForEach(contestant => contestant.Dispose());
        }
    }

    // Past every tier of compilation. Answers how many calls make a round.
    private static int Warm(Contestant contestant, int turns, double share)
    {
        double last = 0;
        for (double spent = 0; spent < share * WarmNanoseconds; spent += last)
        {
            last = contestant.Run(turns).Nanoseconds;
        }

        return (int)Math.Ceiling(share * RoundNanoseconds / Math.Max(last, 1));
    }

    private static double[] Round(List<Contestant> contestants, KernelProgram kernel, int[] calls) =>
        [.. contestants.Select((contestant, place) =>
            Enumerable.Range(0, calls[place]).Average(_ => contestant.Run(kernel.Turns).Nanoseconds))];

    // Nanoseconds of one call, such that their factors are the medians of the factors.
    private static Dictionary<string, double> FiguresOf(List<Contestant> contestants, double[][] rounds)
    {
        int yardstick = Math.Max(0, contestants.FindIndex(contestant => contestant.Name == Contestant.V8));
        double unit = Median(rounds.Select(round => round[yardstick]));
        return contestants.Index().ToDictionary(
            pair => pair.Item.Name,
            pair => unit * Median(rounds.Select(round => round[pair.Index] / round[yardstick])));
    }

    internal static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}

/// <summary>What one kernel took on each contestant.</summary>
/// <param name="Nanoseconds">Of one call, by the contestant's name.</param>
internal sealed record KernelResult(
    KernelProgram Kernel, bool Simd, IReadOnlyDictionary<string, double> Nanoseconds, bool ChecksumsAgree)
{
    public string Title => Simd ? $"{Kernel.Name}, SIMD" : Kernel.Name;

    /// <summary>Its time by that of V8; null where one of them did not run.</summary>
    public double? Factor(string contestant) => Factor(contestant, Contestant.V8);

    /// <summary>Its time by that of another.</summary>
    public double? Factor(string contestant, string other) =>
        Nanoseconds.TryGetValue(contestant, out double time) && Nanoseconds.TryGetValue(other, out double unit)
            ? time / unit
            : null;
}
