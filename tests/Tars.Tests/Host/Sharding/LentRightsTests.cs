using System.Text.Json;
using System.Text.RegularExpressions;
using Tars.Cli.Views;
using Tars.Devices.Wasi.Linux;
using Tars.Tests.Host.Control;
using Xunit;

namespace Tars.Tests.Host.Sharding;

/// <summary>An operator sees who holds what was narrowed, by whom and where, on however many shards.</summary>
public sealed partial class LentRightsTests : IDisposable
{
    private const string Maker = """
        tars: 1
        module: maker
        version: 1.0.0
        summary: Lends its console, and keeps a part of it.
        types:
          Loan: { paper: cap<console> }
        capabilities:
          devices: { out: console }
          publish: { loan: Loan }
          timers: { shortest: 1s }
        state:
          mine: list<Loan> = []
        handlers:
          start:
            do: |
              let paper = narrow(out, uses = 4)
              let loan = Loan(paper = paper)
              mine.push(loan)
              publish("loan", loan)
              every 1h turn
          timer turn:
            do: |
              mine = []
        """;

    private const string User = """
        tars: 1
        module: user
        version: 1.0.0
        summary: Prints on a part of what it was lent.
        types:
          Loan: { paper: cap<console> }
        capabilities:
          subscribe: { loan: Loan }
        state:
          held: list<Loan> = []
        handlers:
          message loan as loan:
            do: |
              let part = narrow(loan.paper, uses = 2)
              held.push(Loan(paper = part))
              tell part.print(line = "one")
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-lent-").FullName;

    public static bool IsHere => FileOwner.IsKnown;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    public Task Of_two_shards_it_is_told_where_each_capability_lives_and_uses_where_they_are_counted() => Check(
        shards: 2,
        """
        PROCESS  AGENT  RIGHT  ENGINE
        #1  maker  device out (console)  cil
        #1  maker  publish loan  cil
        #1  maker  device out (console) of maker, narrowed by #1 on shard 0 as cap 1: uses 4, 3 left  cil
        #2  user  device out (console) of maker, narrowed by #1 on shard 0 as cap 1: uses 4  cil
        #2  user  device out (console) of maker, narrowed by #2 on shard 1 as cap 2, from cap 1: uses 2, 1 left  cil

        """);

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    public Task Of_one_kernel_the_same_is_told_without_shards() => Check(
        shards: 1,
        """
        PROCESS  AGENT  RIGHT  ENGINE
        #1  maker  device out (console)  cil
        #1  maker  publish loan  cil
        #1  maker  device out (console) of maker, narrowed by #1 as cap 1: uses 4, 3 left  cil
        #2  user  device out (console) of maker, narrowed by #1 as cap 1: uses 4, 3 left  cil
        #2  user  device out (console) of maker, narrowed by #2 as cap 2, from cap 1: uses 2, 1 left  cil

        """);

    private async Task Check(int shards, string wanted)
    {
        await using var run = new LiveRun(_folder, [Maker, User], shards);
        using var link = run.Connect();
        string shown = "";
        Assert.True(
            SpinWait.SpinUntil(
                () => (shown = Shown(LiveRun.Ask(link, "rights"))).Contains("3 left", StringComparison.Ordinal),
                TimeSpan.FromMinutes(1)),
            shown);
        Assert.Equal(wanted.ReplaceLineEndings("\n"), shown);

        _ = LiveRun.Ask(link, "revoke", ("module", "maker"), ("device", "out"));
        Assert.True(
            SpinWait.SpinUntil(
                () => !LiveRun.Ask(link, "rights").ToString().Contains("narrowed", StringComparison.Ordinal),
                TimeSpan.FromMinutes(1)),
            "what was lent does not end");
    }

    // Columns are of other tests.
    private static string Shown(JsonElement answer)
    {
        using var text = new StringWriter { NewLine = "\n" };
        ControlText.Rights([.. answer.GetProperty("rights").EnumerateArray()], text);
        return Spaces().Replace(text.ToString(), "  ");
    }

    [GeneratedRegex(" {2,}")]
    private static partial Regex Spaces();
}
