using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Tars.Base;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Formatting;
using Tars.Lang.Parsing;
using Tars.Lang.Syntax;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Edits;

/// <summary>Makes edits in a metascript: all of them or none; comments of what stays are kept.</summary>
/// <remarks>
/// The answer is a document in its one layout. Whether the edits may be made at all, and whether what came out is
/// right, is asked of the whole afterwards (<see cref="Gates.DocumentRules"/>), so no edit can hide what it does.
/// </remarks>
public static class EditApplication
{
    public static EditResult Apply(SourceText source, ImmutableArray<Edit> edits)
    {
        string text = source.Text;
        for (int index = 0; index < edits.Length; index++)
        {
            var (next, why) = Apply(new SourceText(source.Name, text), edits[index]);
            if (why is not null)
            {
                return new EditResult.Refused(index, why);
            }

            text = next;
        }

        var whole = new DiagnosticBag();
        text = Formatter.Format(new SourceText(source.Name, text), whole);
        return whole.HasErrors
            ? new EditResult.Refused(0, NotReadable("", whole))
            : new EditResult.Edited(text);
    }

    private static (string Text, Refusal? Why) Apply(SourceText source, Edit edit)
    {
        var bag = new DiagnosticBag();
        YamlNode root = YamlReader.Read(source, bag);
        if (bag.HasErrors)
        {
            return ("", NotReadable("", bag));
        }

        if (edit is Edit.ReplaceExpression replace)
        {
            return Replace(source, root, replace);
        }

        var (changed, why) = Change(root, edit);
        if (changed is null)
        {
            return ("", why);
        }

        string text = Formatter.Print(changed);
        var found = new DiagnosticBag();
        _ = YamlReader.Read(new SourceText(source.Name, text), found);
        return found.HasErrors ? ("", NotReadable(edit.Path, found)) : (text, null);
    }

    private static (YamlNode? Root, Refusal? Why) Change(YamlNode root, Edit edit)
    {
        switch (edit)
        {
            case Edit.Insert insert:
                return Insert(root, insert.Path, insert.Key, insert.Value);
            case Edit.AddHandler add:
                string handlers = DocumentPath.Below(add.Path, "handlers");
                var withHandlers = DocumentPath.Find(root, handlers) is null
                    ? Insert(root, add.Path, "handlers", new DataNode.Record([]))
                    : (root, null);
                return withHandlers.Root is { } ready ? Insert(ready, handlers, add.Event, add.Handler) : withHandlers;
            case Edit.Set or Edit.Remove or Edit.Move or Edit.Rename or Edit.TuneNumber:
                return DocumentPath.Find(root, edit.Path) is { Length: > 0 } way
                    ? ChangeEntry(root, way, edit)
                    : (null, new Refusal(RefusalKind.NoSuchPath, edit.Path, "nothing stands there"));
            default:
                throw new UnreachableException();
        }
    }

    private static (YamlNode? Root, Refusal? Why) ChangeEntry(YamlNode root, ImmutableArray<int> way, Edit edit)
    {
        Refusal? why = null;
        YamlNode changed = TreeEdit.At(root, way.AsSpan()[..^1], KeyTable.Root, (node, shape) =>
        {
            var mapping = (YamlNode.Mapping)node; // The way leads to one of its entries.
            var (entries, refused) = Changed(mapping, way[^1], shape, edit);
            why = refused;
            return mapping with { Entries = entries };
        });
        return why is null ? (changed, null) : (null, why);
    }

    private static (ImmutableArray<YamlEntry> Entries, Refusal? Why) Changed(
        YamlNode.Mapping mapping, int place, KeyShape shape, Edit edit)
    {
        var entry = mapping.Entries[place];
        switch (edit)
        {
            case Edit.Set set:
                return (mapping.Entries.SetItem(place, TreeEdit.WithValue(mapping, entry, shape, set.Value)), null);
            case Edit.Remove:
                return (mapping.Entries.RemoveAt(place), null);
            case Edit.TuneNumber tune:
                if (entry.Value is not YamlNode.Scalar { Value: var written }
                    || NumberOf(written) is not { } now || NumberOf(tune.Number) is not { } then)
                {
                    string why = Limits.TunedNumberMax < tune.Number.Length
                        ? $"a number has at most {Limits.TunedNumberMax} characters"
                        : "a number is tuned to a number";
                    var unlike = new Refusal(RefusalKind.WrongKind, edit.Path, why);
                    return (mapping.Entries, unlike);
                }

                // What is that number already stays as it is written: 21, and not 21.0.
                var tuned = now.Equals(then) ? entry : entry with { Value = NodeMaker.Key(tune.Number) };
                return (mapping.Entries.SetItem(place, tuned), null);
            case Edit.Rename rename:
                return mapping.Find(rename.Key) is not null
                    ? (mapping.Entries, Twice(edit.Path, rename.Key))
                    : (mapping.Entries.SetItem(place, entry with { Key = NodeMaker.Key(rename.Key) }), null);
            case Edit.Move move:
                var rest = mapping.Entries.RemoveAt(place);
                int before = move.Before.Length == 0 ? rest.Length
                    : rest.ToList().FindIndex(one => DocumentPath.Part(one.Key.Value) == move.Before);
                return before < 0
                    ? (mapping.Entries, new Refusal(RefusalKind.NoSuchPath, edit.Path, $"no {move.Before} beside it"))
                    : (rest.Insert(before, entry), null);
            default:
                throw new UnreachableException();
        }
    }

    private static (YamlNode? Root, Refusal? Why) Insert(YamlNode root, string path, string key, DataNode value)
    {
        if (DocumentPath.Find(root, path) is not { } way)
        {
            return (null, new Refusal(RefusalKind.NoSuchPath, path, "nothing stands there"));
        }

        Refusal? why = null;
        YamlNode changed = TreeEdit.At(root, way.AsSpan(), KeyTable.Root, (node, shape) =>
        {
            if (node is not YamlNode.Mapping mapping)
            {
                why = new Refusal(RefusalKind.WrongKind, path, "only a mapping takes another key");
                return node;
            }

            // Two keys of one part would be told apart by no path.
            if (mapping.Entries.Any(one => DocumentPath.Part(one.Key.Value) == DocumentPath.Part(key)))
            {
                why = Twice(path, key);
                return node;
            }

            return mapping with { Entries = mapping.Entries.Add(TreeEdit.NewEntry(mapping, key, shape, value)) };
        });
        return why is null ? (changed, null) : (null, why);
    }

    // Done in the text: an expression has no node of the document, and what stands round it stays as it is.
    private static (string Text, Refusal? Why) Replace(SourceText source, YamlNode root, Edit.ReplaceExpression edit)
    {
        if (DocumentPath.Find(root, edit.Path) is not { } way
            || TreeEdit.Node(root, way.AsSpan()) is not YamlNode.Scalar scalar)
        {
            return ("", new Refusal(RefusalKind.NoSuchPath, edit.Path, "no code stands there"));
        }

        if (scalar.Style != ScalarStyle.Literal)
        {
            return ("", new Refusal(RefusalKind.WrongKind, edit.Path, "it is no body of statements"));
        }

        var tree = CodeTree.Of(CodeParser.ParseBody(scalar.Slice, new DiagnosticBag()));
        if (tree.Find(edit.Way.AsSpan()) is not { Value: not null } part)
        {
            string text = string.Join('/', edit.Way.Select(one => one.ToString(CultureInfo.InvariantCulture)));
            return ("", new Refusal(RefusalKind.NoSuchPath, edit.Path, $"no expression at {text}"));
        }

        var bag = new DiagnosticBag();
        var expression = CodeParser.ParseExpression(NodeMaker.Key(edit.Expression).Slice, bag);
        if (bag.HasErrors || expression is Expr.Missing)
        {
            return ("", new Refusal(RefusalKind.WrongKind, edit.Path, "what is to stand there is no expression"));
        }

        // Written as one thing where it stands within another expression.
        string written = CodeForm.Flat(expression);
        bool isSimple = tree.Find(edit.Way.AsSpan()[..^1])?.Value is null
            || expression is Expr.Name or Expr.Int or Expr.Float or Expr.Call or Expr.Parenthesized;
        var at = part.Span;
        return (source.Text[..at.Start] + (isSimple ? written : $"({written})") + source.Text[at.End..], null);
    }

    private static double? NumberOf(string text) => text.Length <= Limits.TunedNumberMax && double.TryParse(
        text.Replace("_", "", StringComparison.Ordinal),
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
        CultureInfo.InvariantCulture,
        out double number) && double.IsFinite(number) ? number : null;

    private static Refusal Twice(string path, string key) =>
        new(RefusalKind.DuplicateId, DocumentPath.Below(path, key), "that name is taken");

    private static Refusal NotReadable(string path, DiagnosticBag bag) =>
        new(RefusalKind.NotReadable, path, bag.ToSorted().First(one => one.Severity == Severity.Error).Title);
}
