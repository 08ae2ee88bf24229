using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Base;
using Tars.Lang.Types;

namespace Tars.Sim.Reference;

/// <summary>The value encoding of docs/abi.md, written a second time so that the compiler's can be compared with
/// it.</summary>
internal static class ValueWriter
{
    public static void Write(ByteWriter to, LangType type, object? value)
    {
        switch (type)
        {
            case LangType.Unit:
                break;
            case LangType.Bool:
                to.U8((bool)value! ? (byte)1 : (byte)0);
                break;
            case LangType.Int or LangType.Duration or LangType.Instant or LangType.Ref or LangType.Cap or LangType.Blob:
                to.I64((long)value!);
                break;
            case LangType.Float:
                to.U64(double.IsNaN((double)value!) ? 0x7FF8000000000000
                    : BitConverter.DoubleToUInt64Bits((double)value!));
                break;
            case LangType.Text:
                to.Text((string)value!);
                break;
            case LangType.Bytes:
                to.U32((uint)((Octets)value!).Bytes.Length);
                to.Bytes(((Octets)value!).Bytes.AsSpan());
                break;
            case LangType.List list:
                WriteList(to, list, (ImmutableList<object>)value!);
                break;
            case LangType.Map map:
                WriteMap(to, map, (ImmutableSortedDictionary<object, object>)value!);
                break;
            case LangType.Optional optional:
                to.U8(value is null ? (byte)0 : (byte)1);
                if (value is not null)
                {
                    Write(to, optional.Inner, value);
                }

                break;
            case LangType.Fallible fallible:
                WriteFallible(to, fallible, value);
                break;
            case LangType.Record record:
                for (int at = 0; at < record.Symbol.Fields.Length; at++)
                {
                    Write(to, record.Symbol.Fields[at].Type, ((RecordValue)value!).Fields[at]);
                }

                break;
            case LangType.Variant variant:
                var one = (CaseValue)value!;
                to.U16((ushort)one.Case);
                for (int at = 0; at < one.Fields.Length; at++)
                {
                    Write(to, variant.Symbol.Cases[one.Case].Fields[at].Type, one.Fields[at]);
                }

                break;
            default:
                throw new UnreachableException();
        }
    }

    private static void WriteList(ByteWriter to, LangType.List type, ImmutableList<object> list)
    {
        to.U32((uint)list.Count);
        foreach (object item in list)
        {
            Write(to, type.Element, item);
        }
    }

    private static void WriteMap(ByteWriter to, LangType.Map type, ImmutableSortedDictionary<object, object> map)
    {
        to.U32((uint)map.Count);
        foreach (var (key, item) in map)
        {
            Write(to, type.Key, key);
            Write(to, type.Value, item);
        }
    }

    private static void WriteFallible(ByteWriter to, LangType.Fallible type, object? value)
    {
        if (value is Failed failed)
        {
            to.U8(1);
            to.U16((ushort)((CaseValue)failed.Failure.Fields[0]!).Case);
            to.Text((string)failed.Failure.Fields[1]!);
            return;
        }

        to.U8(0);
        Write(to, type.Inner, value);
    }
}
