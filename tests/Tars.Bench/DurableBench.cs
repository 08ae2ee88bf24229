using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Host;
using Tars.Lang;
using Tars.Lang.Checking;

namespace Tars.Bench;

/// <summary>Events of a durable agent that are kept in a second, beside how often this disk can be synced.</summary>
/// <remarks>
/// Each line is an event that changes state and prints; what it prints leaves when the event is on the disk. All that
/// comes while the disk is busy is synced together, so the disk bounds how late an answer is and not how many come.
/// </remarks>
internal static class DurableBench
{
    private const int LineCount = 500_000;
    private const int SyncMilliseconds = 2_000;
    private const int SyncOctets = 4_096;

    // What PROMISES.md says.
    private const double EventsASecondMin = 50_000;

    private const string Program = """
        tars: 1
        module: ledger
        version: 1.0.0
        summary: Adds up lines.
        capabilities:
          devices: { input: lines, out: console }
        agentic:
          agents:
            book:
              role: Adds up.
              journal: LEVEL
              state:
                total: int = 0
                sizes: map<int, int> = []
              handlers:
                device input as line:
                  do: |
                    let content = line else { return }
                    total += content.size()
                    sizes[content.size()] = (sizes.get(content.size()) ?? 0) + 1
                    tell out.print(line = "{total}")
        """;

    public static int Run()
    {
        string input = Repository.Scratch("durable.txt");
        using (var output = new StreamWriter(input, append: false, new UTF8Encoding(false)))
        {
            for (int number = 0; number < LineCount; number++)
            {
                output.Write(new string('x', number % 60) + "\n");
            }
        }

        var table = new Table("what", "events", "seconds", "events a second", "processor", "journal");
        double plain = Measure(table, "not kept", "recent", input, isKept: false, out _);
        _ = Measure(table, "kept, not durable", "recent", input, isKept: true, out _);
        double durable = Measure(table, "durable", "durable", input, isKept: true, out string problem);
        table.Print(Console.Out);
        double syncs = SyncsASecond();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  this disk: {syncs:0} syncs of {SyncOctets} octets a second; durable is {durable / plain:0.00} of not "
            + $"kept, {durable / syncs:0.0} events for each sync that the disk could do"));
        File.Delete(input);
        double bound = Math.Min(EventsASecondMin, Math.Max(syncs, 1));
        if (problem.Length == 0 && bound <= durable)
        {
            return 0;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"FAILED: {durable:0} durable events a second, promised {bound:0}; {problem}"));
        return 1;
    }

    private static double Measure(
        Table table, string what, string level, string input, bool isKept, out string problem)
    {
        string folder = Repository.Scratch("durable");
        byte[] bundle = Compile(Program.Replace("LEVEL", level, StringComparison.Ordinal));
        var options = new RunOptions
        {
            Inputs = [new InputSpec("input", input)],
            VirtualTime = true,
            Journal = isKept ? folder : null,
        };
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        using var printed = new CountingStream();
        var before = Environment.CpuUsage.TotalTime;
        long begun = Stopwatch.GetTimestamp();
        var outcome = SystemRun.Run(
            [bundle], options, new RunStreams(Stream.Null, printed, TextWriter.Null), CancellationToken.None);
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var spent = Environment.CpuUsage.TotalTime - before;
        problem = outcome is RunOutcome.Refused refused ? string.Join("; ", refused.Reasons)
            : printed.Lines == LineCount ? ""
            : $"{printed.Lines} lines of {LineCount} were printed";
        long octets = isKept ? new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length) : 0;
        if (isKept)
        {
            Directory.Delete(folder, recursive: true);
        }

        table.Row(
            what,
            LineCount.ToString(CultureInfo.InvariantCulture),
            seconds.ToString("0.00", CultureInfo.InvariantCulture),
            (LineCount / seconds).ToString("0", CultureInfo.InvariantCulture),
            Table.Milliseconds(spent),
            Table.Megabytes(octets));
        return LineCount / seconds;
    }

    private static double SyncsASecond()
    {
        string path = Repository.Scratch("synced");
        byte[] octets = new byte[SyncOctets];
        int count = 0;
        long begun = Stopwatch.GetTimestamp();
        using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            while (Stopwatch.GetElapsedTime(begun).TotalMilliseconds < SyncMilliseconds)
            {
                file.Write(octets);
                file.Flush(flushToDisk: true);
                count++;
            }
        }

        File.Delete(path);
        return count / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private static byte[] Compile(string program)
    {
        var compiled = Compiler.Compile(new SourceText("ledger.tars", program), new NoModules(), new CompileOptions());
        return compiled.Bundle is { } bundle
            ? [.. bundle]
            : throw new InvalidOperationException(
                string.Join('\n', compiled.Files.SelectMany(file => file.Diagnostics)));
    }

    /// <summary>Counts lines and keeps none.</summary>
    private sealed class CountingStream : MemoryStream
    {
        public long Lines { get; private set; }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer) => Lines += buffer.Count((byte)'\n');

        public override void WriteByte(byte value) => Lines += value == '\n' ? 1 : 0;
    }
}
