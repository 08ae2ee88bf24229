using System.Diagnostics;
using System.Globalization;
using Tars.Base;
using Tars.Host;
using Tars.Lang;
using Tars.Lang.Checking;

namespace Tars.Bench;

/// <summary>Pairs of processes on one shard and on several: what cores give, and what mail between them costs.
/// </summary>
/// <remarks>
/// Each pair tells within its module; in the last row a pair stands in two modules and speaks over a channel. A run is
/// measured whole, less a run of the same modules that do nothing.
/// </remarks>
internal static class ShardBench
{
    private const int Tells = 1_500_000;
    private const int Balls = 300_000;
    private const int Rounds = 3;

    public static int Run()
    {
        var table = new Table("what", "shards", "a message", "processor time of it", "a second, all together");
        Row(table, "one pair", [Pair(0, Tells)], [Pair(0, 0)], shards: 1, Tells);
        Row(table, "two pairs", [Pair(0, Tells), Pair(1, Tells)], [Pair(0, 0), Pair(1, 0)], shards: 1, 2 * Tells);
        Row(table, "two pairs", [Pair(0, Tells), Pair(1, Tells)], [Pair(0, 0), Pair(1, 0)], shards: 2, 2 * Tells);
        foreach (int shards in new[] { 1, 2 })
        {
            Row(table, "a pair over a channel", [Player(0, Balls), Player(1, Balls)], [Player(0, 0), Player(1, 0)],
                shards, Balls);
        }

        table.Print(Console.Out);
        return 0;
    }

    private static void Row(Table table, string what, string[] work, string[] idle, int shards, int messages)
    {
        var (wall, processor) = Measure(work, shards);
        var (wallIdle, processorIdle) = Measure(idle, shards);
        double each = (wall - wallIdle) / messages;
        table.Row(
            what,
            shards.ToString(CultureInfo.InvariantCulture),
            each.ToString("0 ns", CultureInfo.InvariantCulture),
            ((processor - processorIdle) / messages).ToString("0 ns", CultureInfo.InvariantCulture),
            (1e3 / each).ToString("0.00 M", CultureInfo.InvariantCulture));
    }

    // The fastest of some, in nanoseconds of the wall clock and of all processors.
    private static (double Wall, double Processor) Measure(string[] programs, int shards)
    {
        ReadOnlyMemory<byte>[] bundles = [.. programs.Select(Compile)];
        var (bestWall, bestProcessor) = (double.MaxValue, double.MaxValue);
        for (int round = 0; round < Rounds; round++)
        {
            var process = Process.GetCurrentProcess();
            var before = process.TotalProcessorTime;
            long begun = Stopwatch.GetTimestamp();
            var streams = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
            var outcome = SystemRun.Run(bundles, new RunOptions { Shards = shards }, streams, CancellationToken.None);
            if (outcome is RunOutcome.Refused refused)
            {
                throw new InvalidOperationException(string.Join('\n', refused.Reasons));
            }

            bestWall = Math.Min(bestWall, Stopwatch.GetElapsedTime(begun).TotalNanoseconds);
            process.Refresh();
            bestProcessor = Math.Min(bestProcessor, (process.TotalProcessorTime - before).TotalNanoseconds);
        }

        return (bestWall, bestProcessor);
    }

    private static ReadOnlyMemory<byte> Compile(string program)
    {
        var compiled = Compiler.Compile(new SourceText("bench.tars", program), new NoModules(), new CompileOptions());
        return compiled.Bundle is { } bundle
            ? bundle.ToArray()
            : throw new InvalidOperationException(
                string.Join('\n', compiled.Files.SelectMany(file => file.Diagnostics)));
    }

    private static string Pair(int index, int count) => $$"""
        tars: 1
        module: pair{{index}}
        version: 1.0.0
        summary: A source that tells, and a sink.

        types:
          Item: { n: int, value: int }

        agentic:
          agents:
            source:
              role: Tells five hundred at a time and waits until they are handled.
              state:
                left: int = {{count}}
                sent: int = 0
              handlers:
                start:
                  do: |
                    tell sink.again()
                ask more:
                  do: |
                    for i in 0..min(left, 500) {
                      sent += 1
                      tell sink.put(item = Item(n = sent, value = sent * 3))
                    }
                    left -= min(left, 500)
                    if left > 0 { tell sink.again() }
            sink:
              role: Keeps the newest items.
              mailbox: { length: 1000, when_full: reject }
              state:
                items: map<int, Item> = []
              handlers:
                ask put:
                  with: { item: Item }
                  do: |
                    items[item.n % 1000] = item
                ask again:
                  do: |
                    tell source.more()
        """;

    private static string Player(int index, int count) => $$"""
        tars: 1
        module: player{{index}}
        version: 1.0.0
        summary: Sends balls back.

        capabilities:
          subscribe: { ball/{{index}}: int }
          publish: { ball/{{1 - index}}: int }

        agentic:
          agents:
            player:
              role: Sends balls back until there have been enough.
              mailbox: { length: 100, when_full: block }
              handlers:
                start:
                  do: |
                    if {{index}} == 0 { for i in 0..50 { publish("ball/{{1 - index}}", {{count / 50}}) } }
                message ball/{{index}} as left:
                  do: |
                    if left > 0 { publish("ball/{{1 - index}}", left - 1) }
        """;
}
