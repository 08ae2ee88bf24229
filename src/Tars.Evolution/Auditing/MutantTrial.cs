using System.Collections.Immutable;
using Tars.Base;
using Tars.Evolution.Edits;
using Tars.Evolution.Gates;
using Tars.Evolution.Planning;
using Tars.Evolution.Search;
using Tars.Lang.Diagnostics;
using Tars.Lang.Formatting;
using Tars.Lang.Parsing;
using Tars.Lang.Syntax;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Auditing;

/// <summary>Changes an evaluator, one expression at a time, and asks whether anybody would notice.</summary>
internal static class MutantTrial
{
    private static readonly ImmutableArray<string> _splits = ["train"];

    /// <param name="file">Of the subject's files, the one with the evaluator.</param>
    /// <param name="path">To the code that judges.</param>
    /// <param name="panel">Versions of the subject whose costs are compared.</param>
    public static ImmutableArray<MutantRow> Run(
        AuditSubject subject, int file, string path, ImmutableArray<string> panel, ISearchParts parts)
    {
        var mutants = MutantsOf(subject.Files[file], path);
        var right = panel.Select(version => Costs(subject, version, parts)).ToList();
        var rows = new MutantRow[mutants.Count];
        parts.Run(mutants.Count, index =>
        {
            var (edit, text) = mutants[index];
            string what = $"{subject.Files[file].Name} {path}/{string.Join('/', edit.Way)}: {edit.Expression}";
            rows[index] = new MutantRow(what, Notice(subject, file, edit, text, panel, right, parts));
        });
        return [.. rows];
    }

    private static MutantNotice Notice(
        AuditSubject subject,
        int file,
        Edit.ReplaceExpression edit,
        string text,
        ImmutableArray<string> panel,
        List<string> right,
        ISearchParts parts)
    {
        var changed = subject.With(file, text);
        foreach (var (index, version) in panel.Index())
        {
            // A harness stands in the file of the version itself, so it is changed there too.
            string judged = file == 0 ? Edited(version, edit) : version;
            string costs = Costs(changed, judged, parts);
            if (costs != right[index])
            {
                return costs.Length == 0 ? MutantNotice.ByCheck : MutantNotice.ByCosts;
            }
        }

        return changed.Judge() != subject.Problem.Judge ? MutantNotice.ByHash : MutantNotice.Unseen;
    }

    private static string Edited(string version, Edit.ReplaceExpression edit) =>
        EditApplication.Apply(new SourceText("packing.tars", version), [edit]) is EditResult.Edited edited
            ? edited.Text
            : "";

    // Empty for what does not compile.
    private static string Costs(AuditSubject subject, string version, ISearchParts parts)
    {
        var evaluation = Evaluation.Run(version, subject.Problem, subject.Parts(parts), _splits);
        return string.Join(' ', evaluation.Runs.Select(one => one.Cost is { } cost
            ? Bundle.Schema.FloatText.Of(cost)
            : "none"));
    }

    private static List<(Edit.ReplaceExpression Edit, string Text)> MutantsOf(SourceText source, string path)
    {
        var root = YamlReader.Read(source, new DiagnosticBag());
        var way = DocumentPath.Find(root, path);
        Invariant.Holds(way is not null);
        var body = (YamlNode.Scalar)TreeEdit.Node(root, way.Value.AsSpan());
        var tree = CodeTree.Of(CodeParser.ParseBody(body.Slice, new DiagnosticBag()));
        var mutants = new List<(Edit.ReplaceExpression Edit, string Text)>();
        foreach (var (place, value) in CodeVariants.Expressions(tree, []))
        {
            foreach (string other in CodeVariants.Mutants(value).Where(one => one != CodeForm.Flat(value)))
            {
                var edit = new Edit.ReplaceExpression(path, place, other);
                if (EditApplication.Apply(source, [edit]) is EditResult.Edited edited && edited.Text != source.Text)
                {
                    mutants.Add((edit, edited.Text));
                }
            }
        }

        return mutants;
    }
}
