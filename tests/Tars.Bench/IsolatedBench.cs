using System.Diagnostics;
using System.Globalization;
using Tars.Host;

namespace Tars.Bench;

/// <summary>Events a second into a process that has a machine of its own, beside the same on `cil`.</summary>
/// <remarks>
/// The program is that of `bench send`: a source tells five hundred at a time, a sink writes one record for each. Both
/// are in machines, so each five hundred events cost the sink one entry into its machine and the source one. Processor
/// time is given beside the time of the clock, since the machine may be shared.
/// </remarks>
internal static class IsolatedBench
{
    private const int TellCount = 300_000;
    private const int Rounds = 7;

    // What PROMISES.md says in P87.
    private const double EventsASecondMin = 300_000;

    public static int Run()
    {
        var table = new Table("engine", "median", "a second", "fastest", "processor, least", "a second of it");
        double isolated = 0;
        foreach (string engine in new[] { "cil", "microvm" })
        {
            if (Compose.Engine(engine) is null)
            {
                Console.WriteLine($"  not measured: {Compose.WhyNot(engine)}");
                return 0;
            }

            var (times, cpu) = Measure(engine);
            isolated = 1e9 / times[Rounds / 2];
            table.Row(
                engine,
                Nanoseconds(times[Rounds / 2]),
                Rate(times[Rounds / 2]),
                Nanoseconds(times[0]),
                Nanoseconds(cpu),
                Rate(cpu));
        }

        table.Print(Console.Out);
        if (isolated < EventsASecondMin)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"FAILED: P87: microvm, median: {isolated:N0} events a second, promised are {EventsASecondMin:N0}"));
            return 1;
        }

        return 0;
    }

    private static (List<double> Times, double Cpu) Measure(string engine)
    {
        var system = new LoadedProgram(SendBench.With("", "recent"), engine);
        var times = new List<double>();
        double least = double.MaxValue;
        for (int round = 0; round <= Rounds; round++)
        {
            var cpu = Environment.CpuUsage.TotalTime;
            long begun = Stopwatch.GetTimestamp();
            system.Send("tells", BitConverter.GetBytes((long)TellCount));
            times.Add(Stopwatch.GetElapsedTime(begun).TotalNanoseconds / TellCount);
            double spent = (Environment.CpuUsage.TotalTime - cpu).TotalNanoseconds / TellCount;
            least = round == 0 ? least : Math.Min(least, spent);
            if (system.Outside.LastPublished != TellCount)
            {
                throw new InvalidOperationException($"{system.Outside.LastPublished} of {TellCount} were handled");
            }
        }

        times.RemoveAt(0); // While code was still being compiled.
        times.Sort();
        return (times, least);
    }

    private static string Nanoseconds(double time) => time.ToString("0 ns", CultureInfo.InvariantCulture);

    private static string Rate(double time) => (1e3 / time).ToString("0.00 M", CultureInfo.InvariantCulture);
}
