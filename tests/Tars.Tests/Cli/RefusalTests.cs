using System.Globalization;
using System.Text;
using Tars.Cli;
using Tars.Tests.Host.Models;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Cli;

/// <summary>What may not be is refused by its name, whether a person asks for it with `synthesize` or a model in a run
/// of `evolve`; what changes nothing passes.</summary>
public sealed class RefusalTests : IDisposable
{
    private const string Slower =
        """
        {"why":"Better, and slower.","edits":[{"edit":"set","path":"functions.push.do",
        "value":"return distance - speed + gain * 0.0 + gain * 0.0"}]}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-refusals-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Edits_without_end_are_refused_and_not_read()
    {
        using (var file = File.Create(Path.Combine(_folder, "edits.json")))
        {
            file.SetLength(1L << 30);
        }

        File.WriteAllText(
            Path.Combine(_folder, "tuning.tars"),
            File.ReadAllText(RepoRoot.File("tests/golden/evolution/tuning.tars")));
        foreach (string command in new[] { "evolve gate", "synthesize" })
        {
            var (status, _, error) = Call([.. command.Split(' '), "tuning.tars", "--edits", "edits.json"]);
            Assert.Equal(2, status);
            const string Why = ": edits.json: more than 16 MiB; edits are never so many\n";
            Assert.EndsWith(Why, error, StringComparison.Ordinal);
        }
    }

    // Not of a folder that the user did not write.
    [Fact]
    public void A_link_to_itself_is_told_by_the_name_that_was_given()
    {
        File.WriteAllText(
            Path.Combine(_folder, "tuning.tars"),
            File.ReadAllText(RepoRoot.File("tests/golden/evolution/tuning.tars")));
        string link = Path.Combine(_folder, "tars.toml");
        File.CreateSymbolicLink(link, link);
        var (status, _, error) = Call("evolve", "gate", "tuning.tars", "tuning.tars");
        Assert.Equal(2, status);
        Assert.Contains(": tars.toml: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain(_folder, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.9", true)]
    [InlineData("0.4", false)]
    public void What_costs_more_on_train_is_noted(string gain, bool isNoted)
    {
        string text = File.ReadAllText(RepoRoot.File("tests/golden/evolution/tuning.tars"));
        File.WriteAllText(Path.Combine(_folder, "tuning.tars"), text);
        File.WriteAllText(
            Path.Combine(_folder, "next.tars"),
            text.Replace("value: 0.2", $"value: {gain}", StringComparison.Ordinal));
        string output = Call("evolve", "gate", "tuning.tars", "next.tars").Output;
        Assert.Contains("gate objective: ", output, StringComparison.Ordinal);
        Assert.Equal(
            isNoted, output.Contains("note: it costs more on train, which no gate asks\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("capability-widened", "capability-widened imports.spy")]
    [InlineData("frozen-path", "frozen-path functions.twice.do")]
    [InlineData("forbidden-field", "forbidden-field functions.need.cleverness")]
    [InlineData("duplicate-agent", "duplicate-id agentic.agents.gardener")]
    [InlineData("orphaned-belief", "orphaned-belief belief_graph.beliefs.dry_soil")]
    public void What_may_not_be_is_refused_by_name(string edits, string refusal)
    {
        File.Copy(Golden.Path("evolution/garden.tars"), Path.Combine(_folder, "garden.tars"));
        string json = File.ReadAllText(Golden.Path($"evolution/edits/{edits}.json")).Split("----\n")[0];
        File.WriteAllText(Path.Combine(_folder, "edits.json"), json);
        var (status, output, error) = Call("synthesize", "garden.tars", "--edits", "edits.json");
        Assert.Equal((1, ""), (status, output));
        Assert.Contains($"refused: {refusal}", error, StringComparison.Ordinal);

        using var server = new ScriptedServer(new ScriptedAnswer(Protocols.Said("ollama", json)));
        (status, output, error) = Call(
            "evolve", "run", "garden.tars", "--model", "ollama:x", "--model-url", server.Address, "--evaluations", "1");
        Assert.True(status == 1, error);
        Assert.DoesNotContain("committed", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "output/versions")));
        string archive = File.ReadAllText(Path.Combine(_folder, "output/evolve/garden/archive.jsonl"));
        Assert.Contains(refusal.Split(' ')[0], archive, StringComparison.Ordinal);
        Assert.Contains(
            $"no candidate was run: all that ollama:x proposed was refused, 12 times, at last {refusal}: ",
            error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_proposes_nothing_is_why_nothing_was_run()
    {
        File.Copy(Golden.Path("evolution/tuning.tars"), Path.Combine(_folder, "tuning.tars"));
        using var server = new ScriptedServer(
            new ScriptedAnswer(Protocols.Said("ollama", """{"why":"Enough.","edits":[]}""")));
        var (status, _, error) = Call(
            "evolve", "run", "tuning.tars", "--model", "ollama:x", "--model-url", server.Address);
        Assert.Equal(
            (1, "tarscli evolve: no candidate was run: ollama:x: it proposes nothing more\n"), (status, error));
    }

    [Fact]
    public void A_locked_metric_that_is_worse_is_refused_at_its_gate()
    {
        string text = File.ReadAllText(Golden.Path("evolution/tuning.tars")).Replace(
            "  objective: miss\n", "  objective: miss\n  must_not_regress: { fuel: 0% }\n", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder, "tuning.tars"), text);
        using var server = new ScriptedServer(
            new ScriptedAnswer(Protocols.Said("ollama", Slower)),
            new ScriptedAnswer(Protocols.Said("ollama", """{"why":"Enough.","edits":[]}""")));
        var (status, output, error) = Call(
            "evolve", "run", "tuning.tars", "--model", "ollama:x", "--model-url", server.Address, "--evaluations", "1");
        Assert.True(status == 1, error);
        Assert.Contains("gate objective: passed", output, StringComparison.Ordinal);
        Assert.Contains("gate regress: fuel went from", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "output/versions")));
    }

    [Fact]
    public void What_changes_nothing_passes()
    {
        File.Copy(Golden.Path("evolution/garden.tars"), Path.Combine(_folder, "garden.tars"));
        File.WriteAllText(Path.Combine(_folder, "edits.json"), """{"edits":[]}""");
        var (status, output, error) = Call("synthesize", "garden.tars", "--edits", "edits.json");
        Assert.True(status == 0, error);
        File.WriteAllText(Path.Combine(_folder, "after.tars"), output);
        Assert.Equal((0, "no difference\n", ""), Call("diff", "garden.tars", "after.tars"));
    }

    private (int Status, string Output, string Error) Call(params string[] words)
    {
        using var bytes = new MemoryStream();
        using var output = new StreamWriter(bytes, new UTF8Encoding(false)) { NewLine = "\n" };
        using var error = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        int status = CommandLine.Run(words, new Terminal(
            output, bytes, error, () => Stream.Null, _folder, OutputColors: false, ErrorColors: false));
        return (status, Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }
}
