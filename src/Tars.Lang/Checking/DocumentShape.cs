using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;
using Tars.Lang.Text;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>
/// Compares keys, words, literals and names of a document with the table of keys, and mends what it can.
/// </summary>
/// <remarks>
/// The YAML reader has checked the kinds of nodes before. What comes out has only known keys, and only words and
/// literals that can be read; a key that was clearly meant is taken for it, so that one slip is one message.
/// </remarks>
internal sealed class DocumentShape(DiagnosticBag bag, Recovery recovery)
{
    public YamlNode Check(YamlNode root) => Visit(root, KeyTable.Root);

    private YamlNode Visit(YamlNode node, KeyShape shape)
    {
        switch (shape)
        {
            case KeyShape.Scalar scalar when node is YamlNode.Scalar value:
                return CheckScalar(value, scalar);
            case KeyShape.Fixed block when node is YamlNode.Mapping mapping:
                return VisitBlock(mapping, KeyTable.Block(block.Block));
            case KeyShape.MapOf map when node is YamlNode.Mapping mapping:
                return VisitMap(mapping, map);
            case KeyShape.ListOf list when node is YamlNode.Sequence sequence:
                CheckCount(sequence.Items.Length, sequence.Span);
                return sequence with
                {
                    Items =
                    [
                        .. sequence.Items.Take(Limits.EntryCountMax)
                            .Select(item => item with { Value = Visit(item.Value, list.Item) }),
                    ],
                };
            case KeyShape.Either either:
                return Chosen(either, node) is KeyShape option ? Visit(node, option) : Lost(node);
            case KeyShape.Data:
                return node;
            default:
                return Lost(node);
        }
    }

    /// <summary>A node that could not be read: what stands there may have declared and used all its names.</summary>
    private YamlNode.Missing Lost(YamlNode node)
    {
        recovery.LostDeclarations(node.Span);
        return new YamlNode.Missing(node.Span, IsReported: true);
    }

    private static KeyShape? Chosen(KeyShape.Either either, YamlNode node) => either.Options.FirstOrDefault(option =>
        option switch
        {
            KeyShape.Scalar => node is YamlNode.Scalar,
            KeyShape.Fixed or KeyShape.MapOf => node is YamlNode.Mapping,
            KeyShape.ListOf => node is YamlNode.Sequence,
            _ => node is not YamlNode.Missing,
        });

    private YamlNode.Mapping VisitBlock(YamlNode.Mapping mapping, KeyBlock block)
    {
        var entries = ImmutableArray.CreateBuilder<YamlEntry>(mapping.Entries.Length);
        var present = new HashSet<string>(
            mapping.Entries.Select(entry => entry.Key.Value).Where(key => block.Find(key) is not null),
            StringComparer.Ordinal);
        foreach (YamlEntry entry in mapping.Entries)
        {
            if (block.Find(entry.Key.Value) is KeyRow row)
            {
                entries.Add(entry with { Value = Visit(entry.Value, row.Shape) });
                continue;
            }

            string nearest = bag.Count < Limits.SuggestionsMax
                ? NearestName.Of(entry.Key.Value, block.Rows.Select(one => one.Key))
                : "";
            bag.Add(Report.UnknownKey(entry.Key.Span, entry.Key.Value, block.Name, nearest));
            if (nearest.Length > 0 && present.Add(nearest))
            {
                YamlNode value = Visit(entry.Value, block.Find(nearest)!.Shape);
                entries.Add(entry with { Key = Renamed(entry.Key, nearest), Value = value });
            }
            else
            {
                recovery.LostDeclarations(entry.Span);
            }
        }

        CheckPresent(mapping, block, present);
        return mapping with { Entries = entries.ToImmutable() };
    }

    private static YamlNode.Scalar Renamed(YamlNode.Scalar key, string name) =>
        key with { Slice = SourceSlice.Verbatim(name, key.Slice.ToFile(0)) };

    private void CheckPresent(YamlNode.Mapping mapping, KeyBlock block, HashSet<string> present)
    {
        string owner = block.Name == KeyTable.ModuleBlock ? "the module" : $"this {block.Name}";
        foreach (KeyRow row in block.Rows.Where(row => row.IsRequired && !present.Contains(row.Key)))
        {
            // What could not be read may have been this key.
            if (!recovery.MayBeDeclared(row.Key))
            {
                bag.Add(Report.MissingKey(HeadOf(mapping), owner, row.Key));
            }
        }
    }

    // Where a missing key is told: at the first key of the block.
    private static TextSpan HeadOf(YamlNode.Mapping mapping) =>
        mapping.Entries.IsEmpty ? mapping.Span : mapping.Entries[0].Key.Span;

    private YamlNode.Mapping VisitMap(YamlNode.Mapping mapping, KeyShape.MapOf map)
    {
        var entries = ImmutableArray.CreateBuilder<YamlEntry>(mapping.Entries.Length);
        CheckCount(mapping.Entries.Length, mapping.Span);
        foreach (YamlEntry entry in mapping.Entries.Take(Limits.EntryCountMax))
        {
            if (CheckKey(entry.Key, map.Key))
            {
                entries.Add(entry with { Value = Visit(entry.Value, map.Value) });
            }
            else
            {
                recovery.LostDeclarations(entry.Key.Span);
                recovery.Mention(entry.Value.Span);
            }
        }

        return mapping with { Entries = entries.ToImmutable() };
    }

    /// <summary>What lies beyond the limit is not read, and may be what others name.</summary>
    private void CheckCount(int count, TextSpan at)
    {
        if (Limits.EntryCountMax < count)
        {
            bag.Add(Report.TooManyEntries(new TextSpan(at.Start, 0), count, Limits.EntryCountMax));
            recovery.LostDeclarations(at);
        }
    }

    private bool CheckKey(YamlNode.Scalar key, Reading reading)
    {
        Diagnostic? problem = reading switch
        {
            Reading.Name => NameProblem(key.Span, LastPart(key.Value)),
            Reading.TypeName when !IsTypeName(key.Value) => Report.WrongCase(key.Span, key.Value),
            Reading.Channel when !ChannelPattern.IsWellFormed(key.Value) => Report.NotAChannel(key.Span, key.Value),
            _ => null,
        };
        return Add(problem);
    }

    private static Diagnostic? NameProblem(TextSpan at, string name) =>
        Limits.NameLengthMax < name.Length ? Report.NameTooLong(at)
        : IsName(name) ? null
        : Report.WrongCase(at, name);

    // A metric of an environment is written with the module before it.
    private static string LastPart(string name) => name[(name.IndexOf('.') + 1)..];

    public static bool IsName(string text) =>
        text.Length > 0 && char.IsAsciiLetterLower(text[0])
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    public static bool IsTypeName(string text) =>
        text.Length is > 0 and <= Limits.NameLengthMax && char.IsAsciiLetterUpper(text[0])
        && text.All(char.IsAsciiLetterOrDigit);

    private YamlNode CheckScalar(YamlNode.Scalar value, KeyShape.Scalar shape)
    {
        Diagnostic? problem = shape.Reading switch
        {
            Reading.Word when !shape.Words.Contains(value.Value) => Report.NotAWord(
                value.Span, value.Value, shape.Words, NearestName.Of(value.Value, shape.Words)),
            Reading.Literal => LiteralProblem(value, shape.LiteralType),
            Reading.Channel when !ChannelPattern.IsWellFormed(value.Value) =>
                Report.NotAChannel(value.Span, value.Value),
            _ => null,
        };
        return Add(problem) ? value : new YamlNode.Missing(value.Span, IsReported: true);
    }

    private static Diagnostic? LiteralProblem(YamlNode.Scalar value, string type)
    {
        string text = value.Value;
        var (isRight, example) = type switch
        {
            "int" => (Literals.Int(text) is not null, "write a whole number such as `20_000`"),
            "float" => (Literals.Float(text) is not null, "write a number such as `0.25`"),
            "duration" =>
                (Literals.Duration(text) is >= 0, "write a whole number and one of ns us ms s m h d: `250ms`"),
            "size" => (Literals.Size(text) is not null, "write a whole number and one of B KiB MiB GiB: `1MiB`"),
            _ => (Literals.Share(text) is not null, "write a share such as `2%`"),
        };
        return isRight ? null : Report.NotALiteral(value.Span, text, type, example);
    }

    /// <summary>True when there is no problem.</summary>
    private bool Add(Diagnostic? problem)
    {
        if (problem is not null && !bag.HasErrorWithin(problem.Span))
        {
            bag.Add(problem);
        }

        return problem is null;
    }
}
