using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Lang.Types;

namespace Tars.Sim.Reference;

/// <summary>JSON for the reference evaluator, by the bundle's own reader and writer, which no guest uses.</summary>
internal static class ReferenceJson
{
    private const int Malformed = 6;

    /// <summary>The value, or a <see cref="Failed"/>.</summary>
    public static object? Read(LangType type, Octets json)
    {
        var encoded = new ByteWriter();
        if (ValueJsonReader.Read(SchemaOf.Type(type), json.Bytes.AsMemory(), encoded) is { } why)
        {
            return new Failed(Values.Failure(Malformed, why));
        }

        var reader = new ByteReader(encoded.Written);
        return Decode(type, ref reader);
    }

    /// <summary>Null when the value has no JSON.</summary>
    public static Octets? Write(LangType type, object? value)
    {
        var encoded = new ByteWriter();
        ValueWriter.Write(encoded, type, value);
        var json = new ByteWriter();
        string? why = ValueJson.Write(SchemaOf.Type(type), encoded.Written, json);
        return why is null ? new Octets([.. json.Written]) : null;
    }

    private static object? Decode(LangType type, ref ByteReader from)
    {
        switch (type)
        {
            case LangType.Bool:
                return from.U8() == 1;
            case LangType.Int or LangType.Duration or LangType.Instant or LangType.Ref:
                return from.I64();
            case LangType.Float:
                return from.F64();
            case LangType.Text:
                return from.Text();
            case LangType.Bytes:
                return new Octets([.. from.Bytes(from.U32())]);
            case LangType.List list:
                var items = ImmutableList.CreateBuilder<object>();
                for (uint left = from.U32(); 0 < left; left--)
                {
                    items.Add(Decode(list.Element, ref from)!);
                }

                return items.ToImmutable();
            case LangType.Map map:
                var entries = Values.EmptyMap;
                for (uint left = from.U32(); 0 < left; left--)
                {
                    object key = Decode(map.Key, ref from)!;
                    entries = entries.Add(key, Decode(map.Value, ref from)!);
                }

                return entries;
            case LangType.Optional optional:
                return from.U8() == 0 ? null : Decode(optional.Inner, ref from);
            case LangType.Record record:
                return new RecordValue(Fields(record.Symbol.Fields.Select(one => one.Type), ref from));
            case LangType.Variant variant:
                int index = from.U16();
                return new CaseValue(
                    index, Fields(variant.Symbol.Cases[index].Fields.Select(one => one.Type), ref from));
            default:
                throw new UnreachableException();
        }
    }

    private static ImmutableArray<object?> Fields(IEnumerable<LangType> types, ref ByteReader from)
    {
        var fields = ImmutableArray.CreateBuilder<object?>();
        foreach (var type in types)
        {
            fields.Add(Decode(type, ref from));
        }

        return fields.ToImmutable();
    }
}
