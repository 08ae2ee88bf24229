using System.Globalization;
using System.Text;

namespace Tars.Bench.Kernels;

/// <summary>All that one run of the bench measured.</summary>
internal sealed record EngineFigures(
    IReadOnlyList<KernelResult> Kernels, IReadOnlyList<CompileResult> Compiled, InstanceFigures Instances);

/// <summary>Figures as tables, for the terminal and for docs/engine-benchmarks.md, and where they fall short.</summary>
internal sealed class EngineReport(EngineFigures figures)
{
    private const string Page = "docs/engine-benchmarks.md";
    private const string Plot = "docs/engine-benchmarks.svg";
    private const string Begin = "<!-- figures: ./dev.cs bench engine --write -->";
    private const string End = "<!-- end of figures -->";

    private static readonly string[] _measured =
    [
        Contestant.NoFuel, Contestant.Fuel, Contestant.MicroVmNoFuel, Contestant.MicroVm, Contestant.Native,
        Contestant.NativeV3,
    ];

    // What PROMISES.md says.
    private static readonly (string Contestant, string Unit, double MeanMax)[] _bounds =
    [
        (Contestant.NoFuel, Contestant.V8, 1.12), (Contestant.Fuel, Contestant.V8, 1.25),
        (Contestant.MicroVmNoFuel, Contestant.Native, 1.05), (Contestant.MicroVm, Contestant.Native, 1.15),
    ];

    private const double KernelFactorMax = 1.6;
    private const double CompileFactorMax = 4;
    private const double InstantiateMicrosecondsMax = 10;
    private const double HostToGuestNanosecondsMax = 50;
    private const double GuestToHostNanosecondsMax = 30;
    private const double IdleBytesMax = 20 * 1024;

    public void Print(TextWriter output)
    {
        foreach (var rows in Tables())
        {
            var table = new Table(rows[0]);
            foreach (string[] row in rows.Skip(1))
            {
                table.Row(row);
            }

            table.Print(output);
        }
    }

    /// <summary>Puts the tables between the marks of the page, and draws the plot.</summary>
    public void Write()
    {
        string path = Repository.File(Page);
        string text = File.ReadAllText(path);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = text.IndexOf(End, StringComparison.Ordinal);
        File.WriteAllText(path, $"{text[..begin]}\n\n{Markdown()}{text[end..]}");
        File.WriteAllText(Repository.File(Plot), EnginePlot.Draw(figures.Kernels));
    }

    /// <summary>Every figure beyond its bound, and every checksum that differs.</summary>
    public IEnumerable<string> Failures() =>
        figures.Kernels.Where(result => !result.ChecksumsAgree).Select(result => $"{result.Title}: checksums differ")
            .Concat(figures.Kernels
                .Where(result => KernelFactorMax < result.Factor(Contestant.Fuel))
                .Select(result => $"{result.Title}: more than {Text(KernelFactorMax)} times V8"))
            .Concat(MeanFailures())
            .Concat(new[]
            {
                Beyond("compilation by TurboFan's", CompileFactor(), CompileFactorMax),
                Beyond("µs to instantiate", figures.Instances.InstantiateMicroseconds, InstantiateMicrosecondsMax),
                Beyond("ns for a call in", figures.Instances.HostToGuestNanoseconds, HostToGuestNanosecondsMax),
                Beyond("ns for a call out", figures.Instances.GuestToHostNanoseconds, GuestToHostNanosecondsMax),
                Beyond("octets of an idle instance", figures.Instances.IdleBytes, IdleBytesMax),
            }.OfType<string>());

    private IEnumerable<string> MeanFailures() =>
        from simd in (bool[])[false, true]
        from bound in _bounds
        let failure = Beyond(
            $"{bound.Contestant}, {(simd ? "with" : "without")} SIMD, mean{OfSome()} by {bound.Unit}",
            Mean(simd, bound.Contestant, bound.Unit),
            bound.MeanMax)
        where failure is not null
        select failure;

    // The bounds are for all kernels: of some a mean may lie beyond them without a promise being broken.
    private string OfSome()
    {
        int some = figures.Kernels.Select(result => result.Kernel).Distinct().Count();
        return some == KernelProgram.All.Length
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $" of {some} of {KernelProgram.All.Length} kernels");
    }

    private static string? Beyond(string what, double? figure, double bound) =>
        bound < figure ? $"{what}: {Text(figure)}, at most {Text(bound)}" : null;

    private double? Mean(bool simd, string contestant, string unit = Contestant.V8)
    {
        double[] factors =
        [
            .. figures.Kernels.Where(result => result.Simd == simd)
                .Select(result => result.Factor(contestant, unit)).OfType<double>(),
        ];
        return factors.Length == 0 ? null : Geometric(factors);
    }

    private double? CompileFactor() => figures.Compiled.Count == 0
        ? null
        : Geometric(figures.Compiled.Select(result => result.All / result.TurboFan));

    private static double Geometric(IEnumerable<double> factors) => Math.Exp(factors.Average(Math.Log));

    private IEnumerable<List<string[]>> Tables()
    {
        if (0 < figures.Kernels.Count)
        {
            yield return KernelRows();
        }

        if (0 < figures.Compiled.Count)
        {
            yield return CompileRows();
        }

        var instances = figures.Instances;
        yield return
        [
            ["instances", "seen", "at most"],
            ["instantiate", $"{Text(instances.InstantiateMicroseconds)} µs", "10 µs"],
            ["call from host to guest", $"{Text(instances.HostToGuestNanoseconds)} ns", "50 ns"],
            ["call from guest to host", $"{Text(instances.GuestToHostNanoseconds)} ns", "30 ns"],
            ["idle instance, resident", $"{Text(instances.IdleBytes / 1024)} KiB", "20 KiB"],
            ["50,000 of them", $"{Text(instances.FiftyThousandGigabytes)} GB", "1.5 GB"],
        ];
    }

    private List<string[]> KernelRows()
    {
        List<string[]> rows = [["kernel", "V8", .. _measured.Select(name => $"{name} / V8")]];
        foreach (var result in figures.Kernels)
        {
            rows.Add(
            [
                result.Title,
                result.Nanoseconds.TryGetValue(Contestant.V8, out double v8) ? $"{Text(v8 / 1e6)} ms" : "-",
                .. _measured.Select(name => Text(result.Factor(name))),
            ]);
        }

        rows.Add(["geometric mean, no SIMD", "", .. _measured.Select(name => Text(Mean(simd: false, name)))]);
        rows.Add(["geometric mean, SIMD", "", .. _measured.Select(name => Text(Mean(simd: true, name)))]);
        foreach (string native in (string[])[Contestant.Native, Contestant.NativeV3])
        {
            rows.Add([$"by {native}, no SIMD", "", .. _measured.Select(name => Text(Mean(simd: false, name, native)))]);
            rows.Add([$"by {native}, SIMD", "", .. _measured.Select(name => Text(Mean(simd: true, name, native)))]);
        }

        return rows;
    }

    private List<string[]> CompileRows()
    {
        List<string[]> rows = [["compilation", "this engine", "TurboFan", "factor", "first call", "V8's"]];
        foreach (var result in figures.Compiled)
        {
            rows.Add(
            [
                result.Kernel.Name,
                Milliseconds(result.All),
                Milliseconds(result.TurboFan),
                Text(result.All / result.TurboFan),
                Milliseconds(result.First),
                Milliseconds(result.V8First),
            ]);
        }

        rows.Add(["geometric mean", "", "", Text(CompileFactor()), "", ""]);
        return rows;
    }

    private string Markdown()
    {
        var text = new StringBuilder();
        foreach (var rows in Tables())
        {
            text.Append(Row(rows[0])).Append(Row([.. rows[0].Select(_ => "---")]));
            foreach (string[] row in rows.Skip(1))
            {
                text.Append(Row(row));
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Row(string[] cells) => $"| {string.Join(" | ", cells)} |\n";

    private static string Milliseconds(double nanoseconds) => $"{Text(nanoseconds / 1e6)} ms";

    private static string Text(double? figure) =>
        figure is null ? "-" : figure.Value.ToString("0.00", CultureInfo.InvariantCulture);
}
