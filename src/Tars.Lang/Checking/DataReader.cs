using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Symbols;
using Tars.Lang.Types;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>Reads a value of the document by the type that its place has.</summary>
/// <remarks>
/// A record is a mapping, a list a sequence, a variant its case, an absent <c>T?</c> is left out or <c>none</c>. Bytes
/// are written as the text whose UTF-8 they are.
/// </remarks>
internal sealed class DataReader(CodeReader code)
{
    public BoundExpr Read(YamlNode node, LangType type)
    {
        if (node is YamlNode.Missing || type.IsBad())
        {
            code.Module.Complaints.Recovery.Mention(node.Span);
            return new BoundExpr.Bad(node.Span);
        }

        return type switch
        {
            LangType.Optional when node is YamlNode.Scalar { Value: "none" } => new BoundExpr.None(type, node.Span),
            LangType.Optional optional => new BoundExpr.Some(Read(node, optional.Inner)),
            LangType.List list when node is YamlNode.Sequence sequence => new BoundExpr.ListLiteral(
                [.. sequence.Items.Select(item => Read(item.Value, list.Element))], type, node.Span),
            LangType.Map map when node is YamlNode.Mapping mapping => new BoundExpr.MapLiteral(
                [.. mapping.Entries.Select(entry =>
                    KeyValuePair.Create(Read(entry.Key, map.Key), Read(entry.Value, map.Value)))],
                type,
                node.Span),
            LangType.Record record when node is YamlNode.Mapping mapping => ReadRecord(mapping, record.Symbol),
            LangType.Variant variant => ReadVariant(node, variant.Symbol),
            _ when node is YamlNode.Scalar scalar => ReadScalar(scalar, type),
            _ => Wrong(node, type),
        };
    }

    private BoundExpr ReadScalar(YamlNode.Scalar scalar, LangType type)
    {
        string text = scalar.Value;
        BoundExpr? value = type switch
        {
            LangType.Bool when text is "true" or "false" => new BoundExpr.BoolLiteral(text == "true", scalar.Span),
            LangType.Int when Literals.Int(text) is long number => new BoundExpr.IntLiteral(number, type, scalar.Span),
            LangType.Float when Literals.Float(text) is double number =>
                new BoundExpr.FloatLiteral(number, scalar.Span),
            LangType.Duration when Literals.Duration(text) is long length =>
                new BoundExpr.IntLiteral(length, type, scalar.Span),
            LangType.Instant when Literals.Instant(text) is long instant =>
                new BoundExpr.IntLiteral(instant, type, scalar.Span),
            LangType.Text => new BoundExpr.TextLiteral(text, scalar.Span),
            LangType.Bytes => new BoundExpr.CallMethod(
                Method.TextToBytes, new BoundExpr.TextLiteral(text, scalar.Span), [], type, scalar.Span),
            _ => null,
        };
        return value ?? Wrong(scalar, type);
    }

    private BoundExpr.Bad Wrong(YamlNode node, LangType type)
    {
        string written = node is YamlNode.Scalar scalar ? scalar.Value : node is YamlNode.Sequence ? "[…]" : "{…}";
        code.Report(node.Span, Report.NotALiteral(node.Span, written, TypeText.Of(type), HintFor(type)));
        return new BoundExpr.Bad(node.Span);
    }

    private static string HintFor(LangType type) => type switch
    {
        LangType.Bool => "write `true` or `false`",
        LangType.Int => "write a whole number",
        LangType.Float => "write a number such as `0.25`",
        LangType.Duration => "write a whole number and one of ns us ms s m h d: `250ms`",
        LangType.Instant => "write an instant such as `2000-01-01T00:00:00Z`",
        LangType.List => "write a list: `[a, b]`, or one `- item` a line",
        LangType.Map or LangType.Record => "write a mapping: `{ name: value }`",
        LangType.Variant variant => $"write one of: {string.Join(", ", variant.Symbol.Cases.Select(one => one.Name))}",
        _ => "a value of this type cannot be written in a document",
    };

    private BoundExpr ReadRecord(YamlNode.Mapping mapping, RecordSymbol record)
    {
        code.Module.PrepareDefaults?.Invoke(record);
        return ReadFields(mapping, record.Fields, record.Name) is { IsDefault: false } fields
            ? new BoundExpr.MakeRecord(record, fields, mapping.Span)
            : new BoundExpr.Bad(mapping.Span);
    }

    private BoundExpr ReadVariant(YamlNode node, VariantSymbol variant)
    {
        var (name, payload) = node switch
        {
            YamlNode.Scalar scalar => (scalar, null),
            YamlNode.Mapping { Entries: [var entry] } => (entry.Key, entry.Value as YamlNode.Mapping),
            _ => (null, (YamlNode.Mapping?)null),
        };
        CaseSymbol? found = variant.Cases.FirstOrDefault(one => one.Name == name?.Value);
        if (found is null)
        {
            return Wrong(node, new LangType.Variant(variant));
        }

        var empty = new YamlNode.Mapping(node.Span, CollectionStyle.Flow, [], []);
        return ReadFields(payload ?? empty, found.Fields, found.Name) is { IsDefault: false } fields
            ? new BoundExpr.MakeCase(variant, found, fields, node.Span)
            : new BoundExpr.Bad(node.Span);
    }

    /// <summary>Default where a field is unknown or missing, which is reported.</summary>
    private ImmutableArray<BoundFieldValue> ReadFields(
        YamlNode.Mapping mapping, ImmutableArray<FieldSymbol> fields, string owner)
    {
        bool isWhole = true;
        foreach (YamlEntry entry in mapping.Entries.Where(entry => fields.All(field => field.Name != entry.Key.Value)))
        {
            string nearest = NearestName.Of(entry.Key.Value, fields.Select(field => field.Name));
            code.Report(Report.UnknownKey(entry.Key.Span, entry.Key.Value, $"a value of `{owner}`", nearest));
            isWhole = false;
        }

        var values = ImmutableArray.CreateBuilder<BoundFieldValue>(fields.Length);
        for (int index = 0; index < fields.Length; index++)
        {
            FieldSymbol field = fields[index];
            BoundExpr? value = mapping.Find(field.Name) is YamlNode node ? Read(node, field.Type)
                : field.Default is not null ? field.Default
                : field.Type is LangType.Optional ? new BoundExpr.None(field.Type, mapping.Span)
                : null;
            if (value is null)
            {
                if (isWhole)
                {
                    code.Report(mapping.Span, Report.MissingKey(StartOf(mapping), $"a value of `{owner}`", field.Name));
                }

                isWhole = false;
                continue;
            }

            values.Add(new BoundFieldValue(index, value));
        }

        return isWhole ? values.ToImmutable() : default;
    }

    private static TextSpan StartOf(YamlNode.Mapping mapping) =>
        mapping.Entries.IsEmpty ? mapping.Span : mapping.Entries[0].Key.Span;
}
