using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;

namespace Tars.Lang.Yaml;

/// <summary>Compares the kinds of nodes with the table of keys, and finds values that a comment has cut.</summary>
/// <remarks>
/// A node that it refuses is taken out of the tree, so that nobody reads what was cut or misplaced and reports it
/// again. Unknown and missing keys are the checker's.
/// </remarks>
internal sealed class PlaceCheck
{
    private readonly DiagnosticBag _bag;

    private readonly HashSet<YamlNode> _refused = new(ReferenceEqualityComparer.Instance);

    private PlaceCheck(DiagnosticBag bag) => _bag = bag;

    /// <summary>The tree without the nodes that have been refused.</summary>
    public static YamlNode Run(YamlNode root, DiagnosticBag bag)
    {
        var check = new PlaceCheck(bag);
        check.Visit(root, KeyTable.Root, Trivia.None, "the document");
        return check._refused.Count == 0 ? root : check.WithoutRefused(root);
    }

    private void Refuse(YamlNode node, Diagnostic why)
    {
        _bag.Add(why);
        _refused.Add(node);
    }

    private YamlNode WithoutRefused(YamlNode node) => node switch
    {
        _ when _refused.Contains(node) => new YamlNode.Missing(node.Span, IsReported: true),
        YamlNode.Mapping mapping => mapping with
        {
            Entries = [.. mapping.Entries.Select(entry => entry with { Value = WithoutRefused(entry.Value) })],
        },
        YamlNode.Sequence sequence => sequence with
        {
            Items = [.. sequence.Items.Select(item => item with { Value = WithoutRefused(item.Value) })],
        },
        _ => node,
    };

    private void Visit(YamlNode node, KeyShape shape, Trivia trivia, string place)
    {
        if (node is YamlNode.Missing { IsReported: true })
        {
            return;
        }

        switch (shape)
        {
            case KeyShape.Scalar scalar when node is YamlNode.Scalar value:
                CheckScalar(value, scalar, trivia, place);
                break;
            case KeyShape.Fixed block when node is YamlNode.Mapping mapping:
                VisitBlock(mapping, KeyTable.Block(block.Block));
                break;
            case KeyShape.MapOf map when node is YamlNode.Mapping mapping:
                foreach (YamlEntry entry in mapping.Entries)
                {
                    Visit(entry.Value, map.Value, entry.Trivia, entry.Key.Value);
                }

                break;
            case KeyShape.ListOf list when node is YamlNode.Sequence sequence:
                VisitList(sequence, list, place);
                break;
            case KeyShape.Either either when Chosen(either, node) is KeyShape option:
                Visit(node, option, trivia, place);
                break;
            case KeyShape.Data when node is not YamlNode.Missing:
                VisitData(node, trivia);
                break;
            default:
                Refuse(node, Report.WrongKindOfValue(node.Span, place, Wanted(shape)));
                break;
        }
    }

    private void VisitBlock(YamlNode.Mapping mapping, KeyBlock block)
    {
        foreach (YamlEntry entry in mapping.Entries)
        {
            if (block.Find(entry.Key.Value) is KeyRow row)
            {
                Visit(entry.Value, row.Shape, entry.Trivia, entry.Key.Value);
            }
        }
    }

    private void VisitList(YamlNode.Sequence sequence, KeyShape.ListOf list, string place)
    {
        bool isOfExpressions = list.Item is KeyShape.Scalar { Reading: Reading.Expression };
        if (isOfExpressions && sequence.Style == CollectionStyle.Flow && !sequence.Items.IsEmpty)
        {
            Refuse(sequence, Report.ExpressionsInFlow(sequence.Span));
            return;
        }

        foreach (YamlItem item in sequence.Items)
        {
            Visit(item.Value, list.Item, item.Trivia, $"an item of {place}");
        }
    }

    private void VisitData(YamlNode node, Trivia trivia)
    {
        switch (node)
        {
            case YamlNode.Scalar scalar when scalar.Value.Contains(' ', StringComparison.Ordinal):
                CheckNotCut(scalar, trivia);
                break;
            case YamlNode.Mapping mapping:
                foreach (YamlEntry entry in mapping.Entries)
                {
                    VisitData(entry.Value, entry.Trivia);
                }

                break;
            case YamlNode.Sequence sequence:
                foreach (YamlItem item in sequence.Items)
                {
                    VisitData(item.Value, item.Trivia);
                }

                break;
            default:
                break;
        }
    }

    private void CheckScalar(YamlNode.Scalar value, KeyShape.Scalar shape, Trivia trivia, string place)
    {
        if (shape.Reading is Reading.Code or Reading.Template)
        {
            if (value.Style != ScalarStyle.Literal)
            {
                Refuse(value, Report.CodeNotLiteral(value.Span, place));
            }

            return;
        }

        if (CanBeCut(value.Value, shape.Reading))
        {
            CheckNotCut(value, trivia);
        }
    }

    /// <summary>
    /// A name, a number and a type are whole before a comment; prose and expressions may have gone on.
    /// </summary>
    private static bool CanBeCut(string value, Reading reading) => reading switch
    {
        Reading.Text or Reading.Expression => true,
        Reading.Declaration => value.Count(c => c == '"') % 2 != 0,
        Reading.Type or Reading.Literal or Reading.Word or Reading.Name or Reading.TypeName => false,
        Reading.Channel or Reading.Path or Reading.Event => value.Contains(' ', StringComparison.Ordinal),
        Reading.Code or Reading.Template => false,
    };

    private void CheckNotCut(YamlNode.Scalar value, Trivia trivia)
    {
        if (value.Style == ScalarStyle.Plain && trivia.Trailing is not null)
        {
            Refuse(value, Report.CommentCutsText(trivia.Trailing.Span));
        }
    }

    private static KeyShape? Chosen(KeyShape.Either either, YamlNode node) =>
        either.Options.FirstOrDefault(option => Fits(option, node));

    private static bool Fits(KeyShape shape, YamlNode node) => shape switch
    {
        KeyShape.Scalar => node is YamlNode.Scalar,
        KeyShape.Fixed or KeyShape.MapOf => node is YamlNode.Mapping,
        KeyShape.ListOf => node is YamlNode.Sequence,
        KeyShape.Either either => Chosen(either, node) is not null,
        _ => node is not YamlNode.Missing,
    };

    private static string Wanted(KeyShape shape) => shape switch
    {
        KeyShape.Scalar { Reading: Reading.Code or Reading.Template } => "a block of lines after `|`",
        KeyShape.Scalar => "a value on one line",
        KeyShape.Fixed or KeyShape.MapOf => "a mapping of `key: value`",
        KeyShape.ListOf => "a list",
        KeyShape.Either either => string.Join(" or ", either.Options.Select(Wanted)),
        _ => "a value",
    };
}
