using System.Diagnostics;
using System.Globalization;

namespace Tars.Bench;

/// <summary>A mebibyte for eight subscribers that each read it whole: as a blob, as bytes, as plain copies.</summary>
/// <remarks>
/// The plain copies are what nobody can go below who gives each reader octets of its own: one copy for each, into
/// memory that was used before. As bytes the mebibyte goes in eight pieces, since an event has room for no more.
/// </remarks>
internal static class BlobBench
{
    private const int Octets = 1 << 20;
    private const int Readers = 8;
    private const int Pieces = 8;
    private const int Rounds = 200;
    private const int WarmUpRounds = 20;

    // What PROMISES.md says.
    private const double TimesMax = 4;

    private const string Program = """
        tars: 1
        module: bulk
        version: 1.0.0
        summary: Gives a mebibyte to eight readers.

        capabilities:
          subscribe: { whole: int, piece: int, page: Page, part: bytes }
          publish: { page: Page, part: bytes, seen: int }
          spawn: { reader: 8 }

        types:
          Page: { octets: blob }

        agentic:
          agents:
            giver:
              role: Gives.
              state:
                page: bytes = bytes_of(1048576)
              handlers:
                start:
                  do: |
                    for n in 0..8 { spawn reader(number = n) }
                message whole as n:
                  do: |
                    publish("page", Page(octets = blob_of(page)))
                message piece as n:
                  do: |
                    publish("part", page.slice(n * 131072, (n + 1) * 131072))
            reader:
              role: Reads.
              starts: by_spawn
              state:
                number: int
                seen: int = 0
              handlers:
                message page as page:
                  do: |
                    let octets = page.octets.read(0, page.octets.len())
                    seen += octets.len() + octets[octets.len() - 1]
                    if number == 7 { publish("seen", seen) }
                message part as octets:
                  do: |
                    seen += octets.len() + octets[octets.len() - 1]
                    if number == 7 { publish("seen", seen) }
        """;

    public static int Run()
    {
        var program = new LoadedProgram(Program);
        var blobs = new List<TimeSpan>();
        var pieces = new List<TimeSpan>();
        var copies = new List<TimeSpan>();
        byte[] source = new byte[Octets];
        byte[][] targets = [.. Enumerable.Range(0, Readers).Select(_ => new byte[Octets])];
        long before = GC.CollectionCount(2);
        for (int round = 0; round < WarmUpRounds + Rounds; round++)
        {
            Measure(blobs, () => program.Send("whole", BitConverter.GetBytes((long)round)));
            Measure(pieces, () =>
            {
                for (long piece = 0; piece < Pieces; piece++)
                {
                    program.Send("piece", BitConverter.GetBytes(piece));
                }
            });
            Measure(copies, () =>
            {
                foreach (byte[] target in targets)
                {
                    source.CopyTo(target, 0);
                }
            });
        }

        return Tell(program, blobs, pieces, copies, GC.CollectionCount(2) - before);
    }

    private static void Measure(List<TimeSpan> times, Action what)
    {
        var began = Environment.CpuUsage.TotalTime;
        long at = Stopwatch.GetTimestamp();
        what();
        var wall = Stopwatch.GetElapsedTime(at);
        var work = Environment.CpuUsage.TotalTime - began;

        // Processor time counts in steps that are coarser than a round, and tells of a machine that does other work.
        times.Add(work < wall && TimeSpan.Zero < work ? work : wall);
    }

    private static int Tell(
        LoadedProgram program, List<TimeSpan> blobs, List<TimeSpan> pieces, List<TimeSpan> copies, long collections)
    {
        var table = new Table("a mebibyte for eight", "median", "GB/s", "times plain copies");
        var plain = Median(copies);
        Row(table, "as a blob", Median(blobs), plain);
        Row(table, "as bytes, in eight pieces", Median(pieces), plain);
        Row(table, "plain copies", plain, plain);
        table.Print(Console.Out);
        long expected = (long)(WarmUpRounds + Rounds) * 2 * Octets;
        bool whole = program.Outside is { Trapped: 0, Refusal: null } && program.Outside.LastPublished == expected;
        double times = Median(blobs) / plain;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {collections} collections of the oldest generation; at most {TimesMax} times plain copies allowed"));
        if (!whole)
        {
            Console.WriteLine($"FAILED: {program.Outside.Refusal ?? "not all was read"}");
        }

        Console.Write(times <= TimesMax ? "" : "FAILED: a blob costs more than promised\n");
        return whole && times <= TimesMax ? 0 : 1;
    }

    private static TimeSpan Median(List<TimeSpan> times) => Table.Median(times.Skip(WarmUpRounds));

    private static void Row(Table table, string what, TimeSpan median, TimeSpan plain) => table.Row(
        what,
        string.Create(CultureInfo.InvariantCulture, $"{median.TotalMicroseconds:0} µs"),
        string.Create(CultureInfo.InvariantCulture, $"{(double)Readers * Octets / median.TotalSeconds / 1e9:0.0}"),
        string.Create(CultureInfo.InvariantCulture, $"{median / plain:0.00}"));
}
