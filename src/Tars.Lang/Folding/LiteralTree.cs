using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Base;
using Tars.Lang.Binding;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Folding;

/// <summary>Values that stand in a tree as they are: which trees those are, how one is read out of octets.</summary>
internal static class LiteralTree
{
    public static bool IsLiteral(BoundExpr value) => value switch
    {
        BoundExpr.BoolLiteral or BoundExpr.IntLiteral or BoundExpr.FloatLiteral or BoundExpr.TextLiteral => true,
        BoundExpr.BytesLiteral or BoundExpr.None => true,
        BoundExpr.Some some => IsLiteral(some.Value),
        BoundExpr.ListLiteral list => list.Items.All(IsLiteral),
        BoundExpr.MapLiteral map => map.Entries.All(entry => IsLiteral(entry.Key) && IsLiteral(entry.Value)),
        BoundExpr.MakeRecord record => record.Fields.All(field => IsLiteral(field.Value)),
        BoundExpr.MakeCase one => one.Fields.All(field => IsLiteral(field.Value)),
        _ => false,
    };

    /// <summary>The tree of a value in the encoding of docs/abi.md; the octets come from our own process.</summary>
    public static BoundExpr Read(ref ByteReader reader, LangType type, TextSpan span)
    {
        switch (type)
        {
            case LangType.Bool:
                return new BoundExpr.BoolLiteral(reader.U8() != 0, span);
            case LangType.Int or LangType.Duration or LangType.Instant:
                return new BoundExpr.IntLiteral(reader.I64(), type, span);
            case LangType.Float:
                return new BoundExpr.FloatLiteral(reader.F64(), span);
            case LangType.Text:
                return new BoundExpr.TextLiteral(reader.Text(), span);
            case LangType.Bytes:
                return new BoundExpr.BytesLiteral([.. reader.Bytes(reader.U32())], span);
            case LangType.Optional optional:
                return reader.U8() == 0
                    ? new BoundExpr.None(type, span)
                    : new BoundExpr.Some(Read(ref reader, optional.Inner, span));
            case LangType.List list:
                return new BoundExpr.ListLiteral(ReadItems(ref reader, list.Element, span), type, span);
            case LangType.Map map:
                return new BoundExpr.MapLiteral(ReadEntries(ref reader, map, span), type, span);
            case LangType.Record record:
                return new BoundExpr.MakeRecord(
                    record.Symbol, ReadFields(ref reader, record.Symbol.Fields, span), span);
            case LangType.Variant variant:
                var one = variant.Symbol.Cases[reader.U16()];
                return new BoundExpr.MakeCase(variant.Symbol, one, ReadFields(ref reader, one.Fields, span), span);
            default:
                throw new UnreachableException();
        }
    }

    private static ImmutableArray<BoundExpr> ReadItems(ref ByteReader reader, LangType element, TextSpan span)
    {
        uint count = reader.U32();
        var items = ImmutableArray.CreateBuilder<BoundExpr>();
        for (uint place = 0; place < count && !reader.Failed; place++)
        {
            items.Add(Read(ref reader, element, span));
        }

        return items.ToImmutable();
    }

    private static ImmutableArray<KeyValuePair<BoundExpr, BoundExpr>> ReadEntries(
        ref ByteReader reader, LangType.Map map, TextSpan span)
    {
        uint count = reader.U32();
        var entries = ImmutableArray.CreateBuilder<KeyValuePair<BoundExpr, BoundExpr>>();
        for (uint place = 0; place < count && !reader.Failed; place++)
        {
            var key = Read(ref reader, map.Key, span);
            entries.Add(KeyValuePair.Create(key, Read(ref reader, map.Value, span)));
        }

        return entries.ToImmutable();
    }

    private static ImmutableArray<BoundFieldValue> ReadFields(
        ref ByteReader reader, ImmutableArray<FieldSymbol> fields, TextSpan span)
    {
        var values = ImmutableArray.CreateBuilder<BoundFieldValue>(fields.Length);
        for (int place = 0; place < fields.Length; place++)
        {
            values.Add(new BoundFieldValue(place, Read(ref reader, fields[place].Type, span)));
        }

        return values.MoveToImmutable();
    }
}
