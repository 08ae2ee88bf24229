using System.Collections.Immutable;
using System.Text;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>Writes literals in the value encoding of docs/abi.md: params, defaults, data of scenarios.</summary>
public static class ValueEncoder
{
    /// <summary>Null where the value is not literal, so that only the program itself can work it out.</summary>
    public static ImmutableArray<byte>? TryEncode(BoundExpr value)
    {
        var writer = new ByteWriter();
        return TryWrite(value, writer) ? [.. writer.ToArray()] : null;
    }

    private static bool TryWrite(BoundExpr value, ByteWriter writer)
    {
        switch (value)
        {
            case BoundExpr.BoolLiteral literal:
                writer.U8(literal.Value ? (byte)1 : (byte)0);
                return true;
            case BoundExpr.IntLiteral literal:
                writer.I64(literal.Value);
                return true;
            case BoundExpr.FloatLiteral literal:
                writer.F64(literal.Value);
                return true;
            case BoundExpr.TextLiteral literal:
                WriteBytes(Encoding.UTF8.GetBytes(literal.Value), writer);
                return true;
            case BoundExpr.CallMethod { Method: Method.TextToBytes, Receiver: BoundExpr.TextLiteral literal }:
                WriteBytes(Encoding.UTF8.GetBytes(literal.Value), writer);
                return true;
            case BoundExpr.None:
                writer.U8(0);
                return true;
            case BoundExpr.Some some:
                writer.U8(1);
                return TryWrite(some.Value, writer);
            case BoundExpr.ListLiteral list:
                writer.U32((uint)list.Items.Length);
                return list.Items.All(item => TryWrite(item, writer));
            case BoundExpr.MapLiteral map:
                return TryWriteMap(map, writer);
            case BoundExpr.MakeRecord record:
                return TryWriteFields(record.Fields, record.Symbol.Fields.Length, writer);
            case BoundExpr.MakeCase one:
                writer.U16((ushort)one.Case.Index);
                return TryWriteFields(one.Fields, one.Case.Fields.Length, writer);
            default:
                return false;
        }
    }

    private static void WriteBytes(byte[] bytes, ByteWriter writer)
    {
        writer.U32((uint)bytes.Length);
        writer.Bytes(bytes);
    }

    private static bool TryWriteFields(ImmutableArray<BoundFieldValue> fields, int count, ByteWriter writer) =>
        fields.Length == count
        && fields.OrderBy(field => field.FieldIndex).All(field => TryWrite(field.Value, writer));

    // Keys ascend and none stands twice: the later entry of a literal wins.
    private static bool TryWriteMap(BoundExpr.MapLiteral map, ByteWriter writer)
    {
        SchemaType keyType = SchemaOf.Type(((LangType.Map)map.Type).Key);
        var entries = new List<(byte[] Key, byte[] Value)>();
        foreach (var (key, value) in map.Entries)
        {
            var keyWriter = new ByteWriter();
            var valueWriter = new ByteWriter();
            if (!TryWrite(key, keyWriter) || !TryWrite(value, valueWriter))
            {
                return false;
            }

            byte[] encoded = keyWriter.ToArray();
            entries.RemoveAll(entry => entry.Key.AsSpan().SequenceEqual(encoded));
            entries.Add((encoded, valueWriter.ToArray()));
        }

        entries.Sort((left, right) => ValueEncoding.Compare(keyType, left.Key, right.Key));
        writer.U32((uint)entries.Count);
        foreach (var (key, value) in entries)
        {
            writer.Bytes(key);
            writer.Bytes(value);
        }

        return true;
    }
}
