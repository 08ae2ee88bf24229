using System.Text.RegularExpressions;
using Tars.Cli.Views;
using Tars.Devices.Wasi.Linux;
using Tars.Host;
using Tars.Host.Control;
using Tars.Host.Granting;
using Tars.Host.Journal;
using Tars.Kernel.Ports;
using Tars.Tests.Host.Control;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host.Sharding;

/// <summary>One audit of a run, on however many shards it was recorded.</summary>
public sealed partial class ShardedAuditTests : IDisposable
{
    private const string Maker = """
        tars: 1
        module: maker
        version: 1.0.0
        summary: Lends its console, and takes it back.
        types:
          Loan: { paper: cap<console> }
        capabilities:
          devices: { out: console }
          publish: { loan: Loan, again: int }
          subscribe: { used: int }
        agentic:
          agents:
            lender:
              role: Lends.
              state:
                mine: list<Loan> = []
              handlers:
                start:
                  do: |
                    let paper = narrow(out, uses = 4)
                    let loan = Loan(paper = paper)
                    mine.push(loan)
                    publish("loan", loan)
                message used as number:
                  do: |
                    let loan = mine[0]
                    if number == 1 {
                      revoke(loan.paper)
                      publish("again", 0)
                    }
        """;

    private const string User = """
        tars: 1
        module: user
        version: 1.0.0
        summary: Prints on what it was lent.
        types:
          Loan: { paper: cap<console> }
        capabilities:
          subscribe: { loan: Loan, again: int }
          publish: { used: int, said: text }
        agentic:
          agents:
            user:
              role: Prints.
              state:
                held: list<Loan> = []
              handlers:
                message loan as loan:
                  do: |
                    let part = narrow(loan.paper, uses = 2)
                    held.push(loan)
                    tell part.print(line = "one")
                    let paper = loan.paper
                    tell paper.print(line = "two")
                    publish("used", 1)
                message again as x:
                  do: |
                    let loan = held[0]
                    let paper = loan.paper
                    tell paper.print(line = "three")
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-saud-").FullName;

    public static bool IsHere => FileOwner.IsKnown;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Which shard begins first is the machine's affair, so the second one's line of that is left out.
    [Fact]
    public void What_became_of_what_was_lent_is_told_shard_by_shard_in_the_order_of_its_causes() => Assert.Equal(
        """
        maker 1.0.0
          used 2         device out (console): lender (shard 1: 2)
          used 1         subscribe used (int): lender (shard 0: 1)
          used 1         publish loan (Loan{paper: cap<console>}): lender (shard 0: 1)
          used 1         publish again (int): lender (shard 0: 1)
        user 1.0.0
          used 1         subscribe loan (Loan{paper: cap<console>}): user (shard 1: 1)
          used 1         subscribe again (int): user (shard 1: 1)
          used 1         publish used (int): user (shard 1: 1)
          unused         publish said (text)
        refused once on shard 1: user: send console: the capability was revoked
          shard 0 event N: maker.lender #1 begins with device out, publish loan, publish again
          shard 0 event N: maker.lender #1 narrows device out of maker as cap 1: uses 4
          shard 0 event N: cap 1 is lent to shard 1
          shard 1 event N: user #2 holds cap 1, device out of maker
          shard 1 event N: user #2 narrows cap 1, device out of maker, as cap 2: uses 2
          shard 1 event N: user #2 uses cap 2, device out of maker
          shard 0 event N: user #2 uses cap 1, device out of maker (2 times)
          shard 0 event N: maker.lender #1 revokes cap 1
          shard 1 event N: cap 1 ends with 1 below it: another shard says so
          shard 1 event N: user #2 may not use cap 1: the capability was revoked
          shard 1 event N: user #2 is refused send console: the capability was revoked

        """.ReplaceLineEndings("\n"),
        Told(Audited(Record(shards: 2, Maker, User))).Replace(
            "  shard 1 event N: user #2 begins with publish used\n", "", StringComparison.Ordinal));

    [Fact]
    public void Of_one_kernel_the_same_is_told_without_what_goes_between_shards() => Assert.Equal(
        """
        maker 1.0.0
          used 2         device out (console): lender
          used 1         subscribe used (int): lender
          used 1         publish loan (Loan{paper: cap<console>}): lender
          used 1         publish again (int): lender
        user 1.0.0
          used 1         subscribe loan (Loan{paper: cap<console>}): user
          used 1         subscribe again (int): user
          used 1         publish used (int): user
          unused         publish said (text)
        refused once: user: send console: the capability was revoked
          event N: maker.lender #1 begins with device out, publish loan, publish again
          event N: user #2 begins with publish used
          event N: maker.lender #1 narrows device out of maker as cap 1: uses 4
          event N: user #2 holds cap 1, device out of maker
          event N: user #2 narrows cap 1, device out of maker, as cap 2: uses 2
          event N: user #2 uses cap 2, device out of maker
          event N: user #2 uses cap 1, device out of maker
          event N: maker.lender #1 revokes cap 1 with 1 below it
          event N: user #2 may not use cap 1: the capability was revoked
          event N: user #2 is refused send console: the capability was revoked

        """.ReplaceLineEndings("\n"),
        Told(Audited(Record(shards: 1, Maker, User))));

    [Fact]
    public void A_shard_of_another_run_is_told_and_what_stands_before_it_counts()
    {
        string record = Record(shards: 2, Maker, User);
        Directory.Move(record, Path.Combine(_folder, "other"));
        string prints = User.Replace("\"one\"", "\"other\"", StringComparison.Ordinal);
        record = Record(shards: 2, Maker, prints.Replace("uses = 2", "uses = 1", StringComparison.Ordinal));
        string file = RecordedShards.FileOf(record, 0);
        File.Copy(RecordedShards.FileOf(Path.Combine(_folder, "other"), 1), file, overwrite: true);
        var reasons = new List<string>();
        Assert.Null(CapsAudit.Of(record, tellsActs: false, reasons, Stop));
        Assert.Equal(["shard 0: it is not a shard of this run"], reasons);
        reasons.Clear();
        Assert.Null(CapsAudit.Of(file, tellsActs: false, reasons, Stop));
        Assert.StartsWith("it is one shard of several", Assert.Single(reasons), StringComparison.Ordinal);

        record = Path.Combine(_folder, "other");
        File.Copy(RecordedShards.FileOf(Path.Combine(_folder, "record-2"), 1), RecordedShards.FileOf(record, 1), true);
        reasons.Clear();
        var report = CapsAudit.Of(record, tellsActs: true, reasons, Stop);
        Assert.True(report is not null, string.Join("; ", reasons));
        Assert.Matches("^shard [01]: event [0-9]+ took the mail of shard [01], ", report.Damage);
        Assert.Contains(report.Acts!.Value, one => one.Kind == CapabilityActKind.Narrowed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_journal_that_ends_before_the_others_is_told(int shards)
    {
        string record = Record(shards, Maker, User);
        Assert.Empty(Audited(record).CutOff);
        string file = shards == 1 ? record : RecordedShards.FileOf(record, 1);
        byte[] octets = File.ReadAllBytes(file);
        File.WriteAllBytes(file, octets[..^40]);
        var report = Audited(record);
        var cut = Assert.Single(report.CutOff);
        Assert.Equal(shards == 1 ? null : 1, cut.Shard);
        Assert.InRange(cut.Events, 1, report.Events);
        string whose = shards == 1 ? "the" : "shard 1: its";
        Assert.Contains(
            $"\n{whose} journal ends after event N, before the run did: what came later does not count\n",
            Told(report),
            StringComparison.Ordinal);
        Assert.Contains($"\"events\": {cut.Events}", AuditView.Json(report), StringComparison.Ordinal);
    }

    [Theory(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_a_new_version_uses_is_counted_by_its_own_names(int shards)
    {
        string record = Path.Combine(_folder, "swapped");
        await using (var run = new LiveRun(_folder, [Turner("a", 1), Turner("b", 1)], shards, record))
        {
            using var link = run.Connect();
            Assert.Null(link.Send(CompiledProcess.Compile(Turner("b", 2)).Bytes));
            _ = LiveRun.Ask(link, "swap", ("grant_all", true));
            long before = Fuel(link);
            Assert.True(SpinWait.SpinUntil(() => before + 1_000 < Fuel(link), TimeSpan.FromMinutes(1)));
            _ = await run.EndAsync();
        }

        if (shards == 2)
        {
            JournalCut.Before<KernelEvent.SwapElsewhere>(RecordedShards.FileOf(record, 0));
        }

        var report = Audited(record);
        Assert.Equal("", report.Damage);
        var now = report.Modules.Single(one => one.Module == "b");
        Assert.Equal("2.0.0", now.Version);
        var extra = now.Capabilities.Single(one => one.Demand.Name == "extra");
        Assert.True(0 < extra.Uses);
        Assert.Equal(shards == 1 ? [] : [1], extra.UsesByShard.Select(one => one.Shard));
    }

    private static long Fuel(ControlLink link) => LiveRun.Ask(link, "ps").GetProperty("processes").EnumerateArray()
        .Single(row => row.GetProperty("module").GetString() == "b").GetProperty("fuel").GetInt64();

    private static string Turner(string name, int version) => $$"""
        tars: 1
        module: {{name}}
        version: {{version}}.0.0
        summary: Turns.
        capabilities:
          devices: { {{(version == 1 ? "" : "extra: console, ")}}out: console }
          timers: { shortest: 1ms }
        handlers:
          start:
            do: |
              every 2ms turn
          timer turn:
            do: |
              tell {{(version == 1 ? "out" : "extra")}}.print(line = "turned")
        """;

    private static string Told(AuditReport report)
    {
        Assert.Equal("", report.Damage);
        using var text = new StringWriter { NewLine = "\n" };
        AuditView.Write(report, text);
        return EventNumber().Replace(text.ToString(), "event N");
    }

    private static AuditReport Audited(string path)
    {
        var reasons = new List<string>();
        var report = CapsAudit.Of(path, tellsActs: true, reasons, Stop);
        Assert.Empty(reasons);
        return Assert.IsType<AuditReport>(report);
    }

    private string Record(int shards, params string[] programs)
    {
        string path = Path.Combine(_folder, $"record-{shards}");
        var options = new RunOptions { Shards = shards, Record = path, PlacementEvery = 1_000_000_000_000 };
        var streams = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
        ReadOnlyMemory<byte>[] bundles = [.. programs.Select(one => CompiledProcess.Compile(one).Bytes)];
        var ended = Assert.IsType<RunOutcome.Ended>(SystemRun.Run(bundles, options, streams, Stop));
        Assert.Null(ended.Report.RecordError);
        return path;
    }

    [GeneratedRegex("event [0-9]+")]
    private static partial Regex EventNumber();
}
