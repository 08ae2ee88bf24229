using System.Globalization;
using System.Text;
using Tars.Cli;
using Tars.Evolution.Store;
using Tars.Host.Evolving;
using Tars.Host.Versions;
using Tars.Tests.Evolution.Planning;
using Xunit;

namespace Tars.Tests.Cli;

/// <summary>What the folder of a run says of its commit, wherever the run was killed; and in whose world a version is
/// tested.</summary>
public sealed class EvolveCommitTests : IDisposable
{
    private static readonly string[] _says = ["report.html", "verdict.json"];

    private const string World =
        """
        tars: 1
        module: world
        version: 1.0.0
        summary: Likes one number.
        params:
          liked: { type: float, value: 1, about: The number. }
        capabilities:
          subscribe: { said: float }
        handlers:
          message said as x:
            do: |
              metric(off, abs(x - liked))
              metric(other, x)
        metrics:
          off: { kind: mean, goal: minimize }
          other: { kind: mean, goal: minimize }

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-commit-").FullName;

    public EvolveCommitTests() => File.WriteAllText(InFolder("tuning.tars"), SmallTuning.Text);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_killed_round_its_commit_says_what_the_store_says_after_the_next_command()
    {
        // Two that nobody kills: one that commits, and one that does not.
        Assert.Equal(0, Evolve("whole").Status);
        Assert.Equal(0, Evolve("dry", "--dry-run").Status);
        string place = VersionPlace.Of(InFolder("output/versions"), "tuning");
        using var store = VersionFolder.OpenToRead(place, "tuning", out _)!;
        var commit = store.History.Entries[^1];
        var intent = new CommitIntent(place, "tuning", commit.Version, commit.Notes, Entries: 0);
        var later = intent with { Entries = store.History.Entries.Length };
        foreach (var (told, isThere) in new[] { (intent, true), (later, false) })
        {
            // Killed after so many of the files were taken into their places; the intent goes last.
            for (int taken = 0; taken <= (isThere ? _says.Length : 0); taken++)
            {
                string name = $"killed {told.Entries} {taken}";
                Copy("dry", name);
                told.Write(InFolder(name), _says.Select(file => (file, Read("whole", file))));
                foreach (string file in _says.Take(taken))
                {
                    File.Move(InFolder($"{name}/{file}.next"), InFolder($"{name}/{file}"), overwrite: true);
                }

                // The head has moved, so there is nothing to do; and what was left undone is done.
                var (status, error) = Evolve(name);
                Assert.Equal(1, status);
                Assert.Contains("the head is", error, StringComparison.Ordinal);
                string right = isThere ? "whole" : "dry";
                Assert.All(_says, file => Assert.Equal(Read(right, file), Read(name, file)));
                Assert.Empty(Directory.GetFiles(InFolder(name), "*.next"));
            }
        }
    }

    [Fact]
    public void A_run_killed_before_its_intent_is_whole_has_not_committed()
    {
        Assert.Equal(0, Evolve("whole").Status);
        string place = VersionPlace.Of(InFolder("output/versions"), "tuning");
        using var store = VersionFolder.OpenToRead(place, "tuning", out _)!;
        var commit = store.History.Entries[^1];
        new CommitIntent(place, "tuning", commit.Version, commit.Notes, Entries: 0)
            .Write(InFolder("whole"), [("report.html", "new"), ("verdict.json", "new")]);
        string intent = InFolder("whole/commit.next");
        byte[] octets = File.ReadAllBytes(intent);
        string report = Read("whole", "report.html");
        for (int size = 0; size < octets.Length - 4; size += 7)
        {
            File.WriteAllText(InFolder("whole/report.html.next"), "new");
            File.WriteAllBytes(intent, octets[..size]);
            Assert.True(CommitIntent.Settle(InFolder("whole"), out string why), why);
            Assert.Equal(report, Read("whole", "report.html"));
            Assert.Empty(Directory.GetFiles(InFolder("whole"), "*.next"));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_a_user_keeps_in_the_folder_of_a_run_stays(bool isCommitted)
    {
        Directory.CreateDirectory(InFolder("mine"));
        string[] mine = ["notes.next", "a.txt.next", ".next", "report.next", "archive.jsonl.next"];
        Array.ForEach(mine, name => File.WriteAllText(InFolder($"mine/{name}"), name));
        Assert.Equal(0, Evolve("mine", isCommitted ? [] : ["--dry-run"]).Status);
        Evolve("mine");
        Assert.All(mine, name => Assert.Equal(name, Read("mine", name)));
        Assert.Equal(mine.Length, Directory.GetFiles(InFolder("mine"), "*.next").Length);
    }

    [Fact]
    public void Of_a_store_that_cannot_be_read_nothing_is_said()
    {
        Directory.CreateDirectory(InFolder("run"));
        string place = Directory.CreateDirectory(InFolder("broken")).FullName;
        File.WriteAllText(Path.Combine(place, "history-00000003"), "no history");
        new CommitIntent(place, "tuning", VersionId.Of("a"), VersionId.Of("b"), Entries: 0)
            .Write(InFolder("run"), [("report.html", "new")]);
        Assert.False(CommitIntent.Settle(InFolder("run"), out string why));
        Assert.NotEmpty(why);
        Assert.True(File.Exists(InFolder("run/report.html.next")));
    }

    [Fact]
    public void A_version_is_tested_in_the_world_of_the_one_before_it()
    {
        WriteWorld();
        Directory.CreateDirectory(InFolder("other"));
        File.WriteAllText(InFolder("a.tars"), Sayer("1.0"));
        File.WriteAllText(InFolder("other/best.tars"), Sayer("3.0"));

        // There is no world beside it; and one that is milder is not asked.
        string expected = "mean off: 4 → 2\n";
        Assert.EndsWith(expected, Call("evolve", "test", "a.tars", "other/best.tars").Output, StringComparison.Ordinal);
        File.WriteAllText(
            InFolder("other/world.tars"), World.Replace("x - liked", "x - x", StringComparison.Ordinal));
        Assert.EndsWith(expected, Call("evolve", "test", "a.tars", "other/best.tars").Output, StringComparison.Ordinal);
    }

    // What cannot be run says nothing; what is left is compared, and the status says that it is not all.
    [Fact]
    public void A_scenario_that_cannot_be_run_is_told_and_the_others_are_compared()
    {
        WriteWorld();
        const string Odd = "ns_per_fuel: -1";
        File.WriteAllText(InFolder("a.tars"), With(Sayer("1.0"), Odd));
        File.WriteAllText(InFolder("b.tars"), With(Sayer("3.0"), Odd));
        var (status, output, error) = Call("evolve", "test", "a.tars", "b.tars");
        Assert.Equal("c, seed 3: 4 → 2\nd, seed 4: not compared\nmean off of 1 runs of 2: 4 → 2\n", output);
        Assert.Equal(
            "tarscli evolve: a.tars: d, seed 4: `ns_per_fuel` is below 0\n"
                + "tarscli evolve: b.tars: d, seed 4: `ns_per_fuel` is below 0\n",
            error);
        Assert.Equal(1, status);

        File.WriteAllText(InFolder("a.tars"), With(Sayer("1.0"), "ns_per_fuel: 1"));
        File.WriteAllText(InFolder("b.tars"), With(Sayer("3.0"), "ns_per_fuel: 1"));
        Assert.Equal(
            (0, "c, seed 3: 4 → 2\nd, seed 4: 4 → 2\nmean off: 4 → 2\n", ""),
            Call("evolve", "test", "a.tars", "b.tars"));
    }

    // Who looks often enough chooses by the test.
    [Fact]
    public void Who_looks_at_the_test_scenarios_is_put_down_and_told_the_next_time()
    {
        WriteWorld();
        File.WriteAllText(InFolder("a.tars"), Sayer("1.0"));
        File.WriteAllText(InFolder("b.tars"), Sayer("3.0"));
        const string Told = "c, seed 3: 4 → 2\nmean off: 4 → 2\n";
        Assert.Equal((0, Told, ""), Call("evolve", "test", "a.tars", "b.tars"));
        Assert.Equal((0, Told, Looked("once")), Call("evolve", "test", "a.tars", "b.tars"));
        Assert.Equal((0, Told, Looked("2 times")), Call("evolve", "test", "a.tars", "b.tars"));

        using (var store = VersionFolder.OpenToRead(InFolder("output/versions/sayer"), "sayer", out _)!)
        {
            var looks = store.History.Looks;
            Assert.Equal(3, looks.Length);
            Assert.All(looks, one => Assert.NotEqual(one.Parent, one.Version));
            Assert.Single(looks.Select(one => (one.Version, one.Parent, one.Shown)).Distinct());
            Assert.True(store.History.Head.IsNone);
        }

        // Scenarios that are others were not looked at; the version that was is shown with it.
        string other = Sayer("1.0").Replace("world.liked: 5", "world.liked: 4", StringComparison.Ordinal);
        File.WriteAllText(InFolder("c.tars"), other);
        Assert.Equal("", Call("evolve", "test", "c.tars", "c.tars").Error);
        Assert.Equal(0, Call("versions", "keep", "b.tars").Status);
        var (status, text, error) = Call("versions", "show", "sayer", "head");
        Assert.Equal(0, status);
        Assert.StartsWith("tars: 1\n", text, StringComparison.Ordinal);
        Assert.Equal(3, error.Split("looked at in the test scenarios: ").Length - 1);
        string[] list = Call("versions", "list", "sayer").Output.Split('\n');
        Assert.Equal(4, list.Count(one => one.Contains(" look ", StringComparison.Ordinal)));
        Assert.EndsWith(" head", Assert.Single(list, one => one.Contains(" head", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_look_that_cannot_be_put_down_is_none()
    {
        WriteWorld();
        File.WriteAllText(InFolder("a.tars"), Sayer("1.0"));
        File.WriteAllText(InFolder("b.tars"), Sayer("3.0"));
        using (VersionFolder.Open(InFolder("store/sayer"), "sayer", out _))
        {
            var (status, output, error) = Call("evolve", "test", "a.tars", "b.tars", "--store", "store");
            Assert.Equal((2, ""), (status, output));
            Assert.Contains(
                "sayer: that somebody looks at the test scenarios cannot be put down in store, so they are not run: ",
                error,
                StringComparison.Ordinal);
        }

        Assert.Equal(0, Call("evolve", "test", "a.tars", "b.tars", "--store", "store").Status);
    }

    [Fact]
    public void The_report_of_a_run_says_who_looked_before_it()
    {
        WriteWorld();
        File.WriteAllText(InFolder("a.tars"), Sayer("1.0"));
        Assert.Equal(0, Call("evolve", "test", "a.tars", "a.tars").Status);
        Call("evolve", "run", "a.tars", "--evaluations", "4", "--dry-run", "-o", "told");
        Assert.Contains(
            "Before this run the test scenarios were looked at once:",
            Read("told", "report.html"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("world.liked: 5", "world.liked: 3", "scenarios")]
    [InlineData("objective: world.off", "objective: world.other", "evolution.objective")]
    public void What_is_judged_by_something_else_is_not_compared(string old, string now, string path)
    {
        WriteWorld();
        File.WriteAllText(InFolder("a.tars"), Sayer("1.0"));
        File.WriteAllText(InFolder("b.tars"), Sayer("3.0").Replace(old, now, StringComparison.Ordinal));
        var (status, output, error) = Call("evolve", "test", "a.tars", "b.tars");
        Assert.Equal((1, ""), (status, output));
        Assert.Contains($"b.tars: {path}", error, StringComparison.Ordinal);
        Assert.Contains("differs, so the two are not judged alike", error, StringComparison.Ordinal);
    }

    private static string Looked(string often) => $"tarscli evolve: sayer: the test scenarios were looked at {often} "
        + "before; what is chosen by them is not tested by them\n";

    private void WriteWorld() => File.WriteAllText(InFolder("world.tars"), World);

    private static string With(string sayer, string more) => sayer.Replace(
        "evolution:\n",
        $"  - {{ name: d, seed: 4, split: test, runs_for: 1s, environment: {{ world: ./world.tars }}, {more}, "
            + "params: { world.liked: 5 } }\nevolution:\n",
        StringComparison.Ordinal);

    private static string Sayer(string said) =>
        $$"""
        tars: 1
        module: sayer
        version: 1.0.0
        summary: Says a number.
        capabilities:
          publish: { said: float }
        params:
          x: { type: float, value: {{said}}, range: [0, 9], about: What is said. }
        handlers:
          start:
            do: |
              publish("said", x)
        scenarios:
          - { name: a, seed: 1, split: train, runs_for: 1s, environment: { world: ./world.tars } }
          - { name: b, seed: 2, split: validation, runs_for: 1s, environment: { world: ./world.tars } }
          - name: c
            seed: 3
            split: test
            runs_for: 1s
            environment: { world: ./world.tars }
            params: { world.liked: 5 }
        evolution:
          objective: world.off
          may_change: [params.x.value]
          versions_per_session: 1
          approval: manual

        """;

    private void Copy(string from, string to)
    {
        Directory.CreateDirectory(InFolder(to));
        foreach (string file in Directory.GetFiles(InFolder(from)))
        {
            File.Copy(file, InFolder($"{to}/{Path.GetFileName(file)}"));
        }
    }

    private string Read(string folder, string file) => File.ReadAllText(InFolder($"{folder}/{file}"));

    private string InFolder(string name) => Path.Combine(_folder, name);

    private (int Status, string Error) Evolve(string folder, params string[] more)
    {
        var (status, _, error) = Call(["evolve", "run", "tuning.tars", "--evaluations", "36", "-o", folder, .. more]);
        return (status, error);
    }

    private (int Status, string Output, string Error) Call(params string[] words)
    {
        using var bytes = new MemoryStream();
        using var output = new StreamWriter(bytes, new UTF8Encoding(false)) { NewLine = "\n" };
        using var error = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var terminal = new Terminal(
            output, bytes, error, () => Stream.Null, _folder, OutputColors: false, ErrorColors: false);
        int status = CommandLine.Run(words, terminal);
        output.Flush();
        return (status, Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }
}
