using Tars.Base;
using Tars.Host;
using Tars.Sim.Disks;
using Tars.Tests.Lang.Emitting;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Host.Sharding;

/// <summary>A kept run whose shards send each other blobs, lend a device and wait for credit comes to its end after any
/// two cuts of the power, one of them in the run that went on: none of it is lost, and nobody waits for ever.</summary>
public sealed class ShardedKeepLendingTests : IDisposable
{
    private const int Lines = 300; // More than there are credits, and all of them in one batch.
    private const int CutsMax = 5; // Each in four ways, and each goes on twice.
    private const long NanosecondsMax = 60_000_000_000;

    private const string Sends = """
        tars: 1
        module: sends
        version: 1.0.0
        summary: Reads lines and sends them, lends its console and takes a part of it back.
        types:
          Beat: { number: int, octets: blob }
          Loan: { paper: cap<console> }
        capabilities:
          devices: { feed: lines, out: console }
          publish: { beat: Beat, loan: Loan, extra: Loan, over: int }
        agentic:
          agents:
            heart:
              role: Sends.
              journal: durable
              state:
                beats: int = 0
                drawn: int = 0
                extra: list<Loan> = []
              handlers:
                start:
                  do: |
                    let paper = narrow(out)
                    publish("loan", Loan(paper = paper))
                device feed as line:
                  do: |
                    let content = line else { return }
                    beats += 1
                    drawn += random_int(0, 999)
                    var octets = bytes_of(8 + content.size())
                    octets.set_i64(0, drawn)
                    publish("beat", Beat(number = beats, octets = blob_of(octets)))
                    tell out.print(line = "a {beats} {drawn}")
                    if beats % 10 == 1 {
                      let paper = narrow(out)
                      extra.push(Loan(paper = paper))
                      publish("extra", Loan(paper = paper))
                    }
                    if beats % 10 == 6 {
                      let loan = extra[0]
                      revoke(loan.paper)
                      extra.remove_at(0)
                      publish("over", beats)
                    }
        """;

    private const string Hears = """
        tars: 1
        module: hears
        version: 1.0.0
        summary: Prints what it hears with what is its own and with what it was lent.
        types:
          Beat: { number: int, octets: blob }
          Loan: { paper: cap<console> }
        capabilities:
          devices: { out: console }
          subscribe: { beat: Beat, loan: Loan, extra: Loan, over: int }
        agentic:
          agents:
            ear:
              role: Hears.
              journal: durable
              mailbox: { length: 3, when_full: block }
              state:
                sum: int = 0
                last: list<blob> = []
                lent: list<Loan> = []
                extra: list<Loan> = []
              handlers:
                message loan as loan:
                  do: |
                    lent.push(loan)
                message extra as loan:
                  do: |
                    extra.push(loan)
                message over as number:
                  do: |
                    let loan = extra[0]
                    let paper = loan.paper
                    tell paper.print(line = "c {number} was taken back and is used")
                    extra.remove_at(0)
                message beat as beat:
                  do: |
                    sum += beat.octets.read(0, 8).i64(0)
                    last.push(beat.octets)
                    if last.len() > 5 { last.remove_at(0) }
                    tell out.print(line = "b {beat.number} {sum} {last[0].len()}")
                    let loan = lent[0]
                    let paper = loan.paper
                    tell paper.print(line = "c {beat.number} {sum}")
        """;

    private static readonly Lazy<ReadOnlyMemory<byte>[]> _bundles = new(() =>
        [CompiledProcess.Compile(Sends).Bytes, CompiledProcess.Compile(Hears).Bytes]);

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-slend-").FullName;
    private readonly string _input;

    public ShardedKeepLendingTests()
    {
        _input = Path.Combine(_folder, "lines");
        File.WriteAllLines(_input, Enumerable.Range(1, Lines).Select(size => new string('x', size)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Whenever_the_power_is_cut_twice_the_run_comes_to_its_end()
    {
        var disk = new CutDisk();
        using var acknowledged = new AckStream(disk);
        string whole = Run(disk, acknowledged, out string log);
        Assert.All("abc", who => Assert.Equal(Lines, Of(whole, who).Count(one => one == '\n')));
        Assert.InRange(disk.Calls, 20, int.MaxValue);
        int stride = 1 + (disk.Calls / CutsMax);
        for (int calls = 0; calls <= disk.Calls; calls += stride)
        {
            foreach (var cut in Enum.GetValues<CutDisk.Cut>())
            {
                var random = new Xoshiro256((ulong)((calls * 4) + (int)cut));
                var second = new CutDisk(disk.After(calls, cut, random));
                using var told = new AckStream(second);
                string rest = Run(second, told, out log);
                int callsAgain = random.Next(second.Calls + 1);
                var cutAgain = (CutDisk.Cut)random.Next(Enum.GetValues<CutDisk.Cut>().Length);
                using var last = new AckStream(new CutDisk());
                string end = Run(new CutDisk(second.After(callsAgain, cutAgain, random)), last, out string logAgain);
                string why = $"{cut} after call {calls} of {disk.Calls}, {cutAgain} after {callsAgain} of "
                    + $"{second.Calls}: {log}{logAgain}";
                foreach (char who in "abc")
                {
                    string expected = Of(whole, who);
                    int seen = GoesOn(expected, Of(acknowledged.Before(calls), who).Length, Of(rest, who), why)
                        + Of(told.Before(callsAgain), who).Length;
                    GoesOn(expected, Math.Max(seen, Of(acknowledged.Before(calls), who).Length), Of(end, who), why);
                }
            }
        }
    }

    // Where in all that is said the rest begins, which is not behind what was seen.
    private static int GoesOn(string expected, int seen, string rest, string why)
    {
        Assert.True(expected.EndsWith(rest, StringComparison.Ordinal), $"{why}\nrest: {rest}");
        int begin = expected.Length - rest.Length;
        Assert.True(begin <= seen, $"{why}\nlost: {expected[seen..Math.Max(seen, begin)]}");
        return begin;
    }

    // The lines of one who prints, since those of several come in any order.
    private static string Of(string output, char who) =>
        string.Concat(output.Split('\n').Where(one => one.StartsWith(who)).Select(one => one + "\n"));

    private string Run(CutDisk disk, AckStream output, out string log)
    {
        using var told = new StringWriter();
        var options = new RunOptions
        {
            Inputs = [new InputSpec("feed", _input)],
            Seed = 3,
            Shards = 2,
            JournalDisk = disk,
            For = NanosecondsMax,
            JournalSegmentOctets = 1 << 12,
        };
        var streams = new RunStreams(Stream.Null, output, told);
        var outcome = SystemRun.Run(_bundles.Value, options, streams, TestContext.Current.CancellationToken);
        log = told.ToString();
        string refused = string.Join('\n', (outcome as RunOutcome.Refused)?.Reasons ?? []);
        var ended = outcome as RunOutcome.Ended;
        Assert.True(ended is not null, refused + log);
        Assert.True(ended.Report.Elapsed < NanosecondsMax, $"it did not come to its end by itself: {log}");
        return output.All;
    }
}
