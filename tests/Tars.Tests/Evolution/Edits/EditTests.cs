using System.Text;
using Tars.Base;
using Tars.Evolution.Changes;
using Tars.Evolution.Edits;
using Tars.Evolution.Gates;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Formatting;
using Tars.Lang.Yaml;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Evolution.Edits;

/// <summary>
/// Every list of edits in tests/golden/evolution/edits, made in garden.tars: what changed, or by which name it was
/// refused. To add a case write the JSON, run `./dev.cs bless`, and read the answer.
/// </summary>
public sealed class EditTests
{
    private static readonly string[] _folders = ["samples", "tests/golden/lang/programs"];

    private static readonly string _garden = File.ReadAllText(Golden.Path("evolution/garden.tars"));

    public static IEnumerable<TheoryDataRow<string>> Edits => Golden.Files("evolution/edits", "*.json");

    [Theory]
    [MemberData(nameof(Edits))]
    public void Edits_are_made_or_refused_by_name(string path) => Golden.Check(path, Check);

    [Fact]
    public void The_garden_is_right() =>
        Assert.Empty(ModuleChecker.Check(new SourceText("garden.tars", _garden), new NoModules()).Diagnostics);

    [Theory]
    [MemberData(nameof(Edits))]
    public void Every_beginning_of_a_list_of_edits_has_an_answer(string path)
    {
        byte[] json = Encoding.UTF8.GetBytes(File.ReadAllText(path).Split("----\n")[0]);
        for (int size = 0; size < json.Length - 1; size++)
        {
            var edits = EditJson.Read(json.AsMemory(0, size), out string? problem);
            Assert.True(problem is not null || !edits.IsEmpty || json.Length < 20);
        }
    }

    [Fact]
    public void No_edit_at_all_is_the_document_in_its_layout()
    {
        foreach (string program in Programs())
        {
            var source = new SourceText("a.tars", File.ReadAllText(program));
            var edited = Assert.IsType<EditResult.Edited>(EditApplication.Apply(source, []));
            Assert.Equal(Formatter.Format(source, new DiagnosticBag()), edited.Text);
        }
    }

    // Whatever is drawn: an answer, a document in its layout, and every comment that was not in what went away.
    [Fact]
    public void Drawn_edits_keep_the_layout_and_the_comments()
    {
        foreach (string program in Programs())
        {
            var source = new SourceText("a.tars", File.ReadAllText(program));
            var root = YamlReader.Read(source, new DiagnosticBag());
            var paths = PathsOf("", root).ToList();
            for (ulong seed = 0; seed < 20; seed++)
            {
                var random = new Xoshiro256(seed);
                Edit edit = Draw(paths, random);
                var result = EditApplication.Apply(source, [edit]);
                if (result is EditResult.Edited edited)
                {
                    var bag = new DiagnosticBag();
                    Assert.Equal(edited.Text, Formatter.Format(new SourceText("a.tars", edited.Text), bag));
                    Assert.False(bag.HasErrors, $"{program}, seed {seed}: {edit}");
                    Assert.True(
                        edit is not (Edit.Insert or Edit.Rename or Edit.TuneNumber or Edit.Move)
                            || Comments(source.Text) == Comments(edited.Text),
                        $"{program}, seed {seed}: {edit}");
                }
            }
        }
    }

    [Fact]
    public void What_an_edit_did_is_what_the_diff_says()
    {
        var source = new SourceText("garden.tars", _garden);
        var edits = new Edit.TuneNumber("params.dry.value", "0.4");
        var edited = Assert.IsType<EditResult.Edited>(EditApplication.Apply(source, [edits]));
        Assert.Equal(
            [new DocumentChange(ChangeKind.Tuned, "params.dry.value", "0.3", "0.4")],
            DocumentDiff.Between(Tree(_garden), Tree(edited.Text)));
    }

    [Theory]
    [InlineData("0.30")]
    [InlineData("3e-1")]
    public void A_number_that_is_tuned_to_itself_stays_as_it_is_written(string number)
    {
        var source = new SourceText("garden.tars", _garden);
        var edits = new Edit.TuneNumber("params.dry.value", number);
        var edited = Assert.IsType<EditResult.Edited>(EditApplication.Apply(source, [edits]));
        Assert.Contains("0.3", edited.Text, StringComparison.Ordinal);
        Assert.Empty(DocumentDiff.Between(Tree(_garden), Tree(edited.Text)));
    }

    // Whoever proposes may write what he likes, and as much of it; what is told of it is short.
    [Fact]
    public void What_is_refused_is_not_quoted_whole()
    {
        string much = new('9', 5_000);
        Edit[] all =
        [
            new Edit.TuneNumber("params.dry.value", $"0.{much}"),
            new Edit.TuneNumber($"params.{much}", "0.4"),
            new Edit.Move("params.dry", much),
            new Edit.Rename("params.dry", much),
            new Edit.Insert("params.dry", much, new DataNode.Text(much)),
            new Edit.Set($"params.{much}.value", new DataNode.Text("0.4")),
            new Edit.ReplaceExpression("functions.need.do", [.. Enumerable.Repeat(9, 5_000)], "1.0"),
            new Edit.ReplaceExpression($"functions.{much}.do", [0], "1.0"),
        ];
        var evolution = ModuleChecker.Check(new SourceText("a.tars", _garden), new NoModules()).Evolution!;
        foreach (var edit in all)
        {
            var told = EditApplication.Apply(new SourceText("garden.tars", _garden), [edit]) switch
            {
                EditResult.Refused refused => [refused.Why],
                EditResult.Edited edited => DocumentRules.Judge(Tree(_garden), Tree(edited.Text), evolution),
                _ => [],
            };
            Assert.NotEmpty(told);
            Assert.All(told, one => Assert.InRange(one.Path.Length + one.Reason.Length, 1, 500));
        }
    }

    [Fact]
    public void Layout_and_comments_are_no_difference()
    {
        string loose = _garden
            .Replace("return max(missing, 0.0) * 2.0", "return   max( missing,0.0 )*2.0 # doubled")
            .Replace("  # Dry below this.\n", "", StringComparison.Ordinal);
        Assert.NotEqual(_garden, loose);
        Assert.Empty(DocumentDiff.Between(Tree(_garden), Tree(loose)));
    }

    [Fact]
    public void An_agent_that_goes_takes_no_judge_with_it()
    {
        string judged = _garden.Replace(
            "      role: watches\n",
            "      role: watches\n      invariants:\n        - 1 < 2\n",
            StringComparison.Ordinal);
        string gone = judged[..judged.IndexOf("    watcher:\n", StringComparison.Ordinal)]
            + judged[judged.IndexOf("\nbelief_graph:", StringComparison.Ordinal)..];
        var evolution = ModuleChecker.Check(new SourceText("a.tars", _garden), new NoModules()).Evolution!;
        var lost = Assert.Single(DocumentRules.Judge(Tree(judged), Tree(gone), evolution));
        Assert.Equal(RefusalKind.JudgeTouched, lost.Kind);
        var won = DocumentRules.Judge(Tree(gone), Tree(judged), evolution);
        Assert.Contains(won, one => one.Kind == RefusalKind.JudgeTouched);
    }

    private static string Check(string json)
    {
        var answer = new StringBuilder();
        var edits = EditJson.Read(Encoding.UTF8.GetBytes(json), out string? problem);
        if (problem is not null)
        {
            return $"no edits: {(json.StartsWith('{') ? problem : "no JSON")}\n";
        }

        switch (EditApplication.Apply(new SourceText("garden.tars", _garden), edits))
        {
            case EditResult.Refused refused:
                answer.Append($"edit {refused.Index}: {Told(refused.Why)}\n");
                break;
            case EditResult.Edited edited:
                var check = ModuleChecker.Check(new SourceText("garden.tars", _garden), new NoModules());
                var (before, after) = (Tree(_garden), Tree(edited.Text));
                foreach (var change in DocumentDiff.Between(before, after))
                {
                    answer.Append($"{change.Kind} {change.Path}: {OneLine(change.Before)} → {OneLine(change.After)}\n");
                }

                foreach (var refusal in DocumentRules.Judge(before, after, check.Evolution!))
                {
                    answer.Append($"refused: {Told(refusal)}\n");
                }

                foreach (string line in edited.Text.Split('\n').Except(_garden.Split('\n')))
                {
                    answer.Append($"+ {line}\n");
                }

                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }

        return answer.ToString();
    }

    private static string Told(Refusal refusal) => $"{refusal.Name} {refusal.Path}: {refusal.Reason}";

    private static string OneLine(string text) => text.Replace("\n", " ⏎ ", StringComparison.Ordinal);

    private static YamlNode Tree(string text) => YamlReader.Read(new SourceText("a.tars", text), new DiagnosticBag());

    private static int Comments(string text) => text.Split('\n').Count(line => line.Contains('#'));

    private static Edit Draw(List<string> paths, Xoshiro256 random)
    {
        string path = paths[random.Next(paths.Count)];
        return random.Next(7) switch
        {
            0 => new Edit.Remove(path),
            1 => new Edit.Rename(path, "renamed"),
            2 => new Edit.TuneNumber(path, "7"),
            3 => new Edit.Move(path, ""),
            4 => new Edit.Insert(path, "added", new DataNode.Text("a: text, with \"signs\"")),
            5 => new Edit.Set(path, new DataNode.Text("return 1\n\n\n# so\n")),
            _ => new Edit.ReplaceExpression(path, [random.Next(2), random.Next(2)], "a ?? (b + 1) * c"),
        };
    }

    private static IEnumerable<string> PathsOf(string path, YamlNode node) => node is YamlNode.Mapping mapping
        ? mapping.Entries.SelectMany(entry =>
            PathsOf(DocumentPath.Below(path, entry.Key.Value), entry.Value)
                .Prepend(DocumentPath.Below(path, entry.Key.Value)))
        : [];

    private static IEnumerable<string> Programs() => _folders
        .SelectMany(folder => Directory.GetFiles(RepoRoot.File(folder), "*.tars").Order(StringComparer.Ordinal));
}
