using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tars.Devices.Host;

namespace Tars.Bench;

/// <summary>How late timers are beside work: fifty processes with a tick every 2 ms each.</summary>
/// <remarks>
/// From when a tick is due to the commit of its handler, as `run --stats --json` counts it; beside it how late a bare
/// thread wakes on this machine at the same time.
/// </remarks>
internal static class LatencyBench
{
    private const int Seconds = 60;

    // What PROMISES.md says.
    private const double LatenessMax = 1e6;

    private const string Program = """
        tars: 1
        module: ticks
        version: 1.0.0
        summary: Fifty that tick, one that allocates, one that is flooded.

        capabilities:
          timers: { shortest: 1ms }
          spawn: { ticker: 50 }

        agentic:
          agents:
            root:
              role: Spawns those that tick.
              handlers:
                start:
                  do: |
                    for i in 0..50 { spawn ticker() }
            ticker:
              role: Ticks.
              starts: by_spawn
              state:
                ticks: int = 0
              handlers:
                start:
                  do: |
                    every 2ms tick
                timer tick:
                  do: |
                    ticks += 1
            allocator:
              role: Builds texts and drops them.
              state:
                texts: list<text> = []
              handlers:
                start:
                  do: |
                    every 1ms churn
                timer churn:
                  do: |
                    texts = []
                    for i in 0..100 { texts.push("a text with the number {i} in it") }
            flooder:
              role: Tells more than is taken.
              state:
                sent: int = 0
              handlers:
                start:
                  do: |
                    every 1ms flood
                timer flood:
                  do: |
                    for i in 0..100 { tell flooded.take(n = sent) }
                    sent += 100
            flooded:
              role: Takes one at a time.
              mailbox: { length: 50, when_full: drop_oldest }
              state:
                sum: int = 0
              handlers:
                ask take:
                  with: { n: int }
                  do: |
                    sum = sum % 1000 + n % 1000
        """;

    public static int Run()
    {
        var program = Repository.Scratch("ticks.tars");
        File.WriteAllText(program, Program);
        using var over = new CancellationTokenSource();
        var sleeper = Task.Factory.StartNew(
            () => Sleep(over.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var before = ProcessorTimes();
        var run = ChildRun.Of(
            Repository.Launcher,
            ["run", program, "--for", $"{Seconds}s", "--stats", "--json"],
            "",
            Repository.Root);
        over.Cancel();
        var times = ProcessorTimes().Zip(before, (now, then) => now - then).ToArray();
        var last = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "{}";
        using var json = JsonDocument.Parse(last);
        if (run.Exit != 0 || !json.RootElement.TryGetProperty("report", out var report))
        {
            Console.WriteLine($"FAILED: exit status {run.Exit}: {last} {run.Error}");
            return 1;
        }

        var table = new Table("handler", "events", "median", "p99", "p99.9", "worst");
        double late = double.NaN;
        foreach (var row in report.GetProperty("latencies").EnumerateArray())
        {
            var agent = row.GetProperty("agent").GetString()!;
            table.Row(
                $"{agent} {row.GetProperty("handler").GetString()}",
                row.GetProperty("events").GetInt64().ToString("#,0", CultureInfo.InvariantCulture),
                Time("p50"),
                Time("p99"),
                Time("p999"),
                Time("max"));
            late = agent == "ticker" ? row.GetProperty("p999").GetDouble() : late;

            string Time(string name) =>
                (row.GetProperty(name).GetInt64() / 1e3).ToString("#,0 us", CultureInfo.InvariantCulture);
        }

        var slept = sleeper.GetAwaiter().GetResult();
        slept.Sort();
        string Slept(double part) =>
            (slept[(int)(part * (slept.Count - 1))] / 1e3).ToString("#,0 us", CultureInfo.InvariantCulture);
        table.Row(
            "a bare sleep, at the same time",
            slept.Count.ToString("#,0", CultureInfo.InvariantCulture),
            Slept(0.5),
            Slept(0.99),
            Slept(0.999),
            Slept(1));
        table.Print(Console.Out);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {Seconds} s; allocated by the kernel's thread: "
            + $"{report.GetProperty("allocated").GetDouble() / report.GetProperty("events").GetDouble():0.0} octets an "
            + $"event; collections of generation 2: {report.GetProperty("collections").GetInt64()}"));
        TellMachine(times);
        if (late <= LatenessMax)
        {
            return 0;
        }

        Console.WriteLine("FAILED: of a thousand ticks more than one is later than a millisecond");
        return 1;
    }

    // Of all processors since the start: user, nice, system, idle, waiting, interrupts twice, stolen (proc_stat(5)).
    private static long[] ProcessorTimes() =>
    [
        .. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8)
            .Select(one => long.Parse(one, CultureInfo.InvariantCulture)),
    ];

    private static void TellMachine(long[] times) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"  of all processors meanwhile: idle {Share(times, 3):0.0} %, taken by the hypervisor "
        + $"{Share(times, 7):0.0} %; a thread that wakes may run before others (SCHED_RR): "
        + $"{WakeBoost.WhyNot() ?? "yes"}"));

    private static double Share(long[] times, int place) => 100.0 * times[place] / times.Sum();

    // What the machine does to a thread that only sleeps, until a moment every 2 ms: nanoseconds too late. No timer
    // can do better.
    private static List<double> Sleep(CancellationToken stop)
    {
        using var alarm = new Alarm();
        var late = new List<double>();
        long due = Stopwatch.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            due += Stopwatch.Frequency / 500;
            for (long left = due - Stopwatch.GetTimestamp(); 0 < left; left = due - Stopwatch.GetTimestamp())
            {
                alarm.Sleep((long)(left * (1e9 / Stopwatch.Frequency)));
            }

            late.Add((Stopwatch.GetTimestamp() - due) * (1e9 / Stopwatch.Frequency));
        }

        return late;
    }
}
