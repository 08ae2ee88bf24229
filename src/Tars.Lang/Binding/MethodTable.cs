using System.Collections.Immutable;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>
/// The methods of each type by name. To add one: a row here, its meaning in the emitter, docs/language.md.
/// </summary>
internal static class MethodTable
{
    private static readonly LangType _text = CoreTypes.Text;
    private static readonly LangType _int = CoreTypes.Int;
    private static readonly LangType _bytes = CoreTypes.Bytes;

    private static readonly Dictionary<string, MethodRow> _ofText = Rows(
        Reads("size", Method.TextSize, _int),
        Reads("contains", Method.TextContains, CoreTypes.Bool, _text),
        Reads("starts_with", Method.TextStartsWith, CoreTypes.Bool, _text),
        Reads("split", Method.TextSplit, new LangType.List(_text), _text),
        Reads("trim", Method.TextTrim, _text),
        Reads("lower", Method.TextLower, _text),
        Reads("replace", Method.TextReplace, _text, _text, _text),
        Reads("to_bytes", Method.TextToBytes, _bytes));

    private static readonly Dictionary<string, MethodRow> _ofBytes = Rows(
        Reads("len", Method.BytesLen, _int),
        Reads("slice", Method.BytesSlice, _bytes, _int, _int),
        Reads("to_text", Method.BytesToText, new LangType.Optional(_text)),
        Reads("crc32", Method.BytesCrc32, _int),
        Reads("u32", Method.BytesU32, _int, _int),
        Reads("i64", Method.BytesI64, _int, _int),
        Changes("set_u32", Method.BytesSetU32, _int, _int),
        Changes("set_i64", Method.BytesSetI64, _int, _int),
        Changes("set_bytes", Method.BytesSetBytes, _int, _bytes));

    private static readonly Dictionary<string, MethodRow> _ofBlob = Rows(
        Reads("len", Method.BlobLen, _int),
        Reads("read", Method.BlobRead, _bytes, _int, _int));

    private static readonly string[] _mutating =
        ["push", "remove_at", "remove", "set_u32", "set_i64", "set_bytes"];

    /// <summary>Whether some type has a method of that name which changes its receiver.</summary>
    public static bool Mutates(string name) => Array.IndexOf(_mutating, name) >= 0;

    public static IReadOnlyDictionary<string, MethodRow> Of(LangType receiver) => receiver switch
    {
        LangType.Text => _ofText,
        LangType.Bytes => _ofBytes,
        LangType.Blob => _ofBlob,
        LangType.List list => OfList(list),
        LangType.Map map => OfMap(map),
        _ => ImmutableDictionary<string, MethodRow>.Empty,
    };

    private static Dictionary<string, MethodRow> OfList(LangType.List list) => Rows(
        Reads("len", Method.ListLen, _int),
        Changes("push", Method.ListPush, list.Element),
        Changes("remove_at", Method.ListRemoveAt, _int),
        Reads("take", Method.ListTake, list, _int),
        Reads("join", Method.ListJoin, _text, _text),
        Reads("max", Method.ListMax, new LangType.Optional(list.Element)),
        Takes("map", Method.ListMap),
        Takes("filter", Method.ListFilter),
        Takes("any", Method.ListAny),
        Takes("sum", Method.ListSum),
        Takes("sort_by", Method.ListSortBy),
        Takes("min_by", Method.ListMinBy),
        Takes("max_by", Method.ListMaxBy));

    private static Dictionary<string, MethodRow> OfMap(LangType.Map map) => Rows(
        Reads("len", Method.MapLen, _int),
        Reads("get", Method.MapGet, new LangType.Optional(map.Value), map.Key),
        Reads("has", Method.MapHas, CoreTypes.Bool, map.Key),
        Reads("keys", Method.MapKeys, new LangType.List(map.Key)),
        Changes("remove", Method.MapRemove, map.Key));

    private static Dictionary<string, MethodRow> Rows(params ReadOnlySpan<MethodRow> rows)
    {
        var table = new Dictionary<string, MethodRow>(StringComparer.Ordinal);
        foreach (MethodRow row in rows)
        {
            table.Add(row.Name, row);
        }

        return table;
    }

    private static MethodRow Reads(
        string name, Method method, LangType returns, params ImmutableArray<LangType> parameters) =>
        new(name, method, MethodForm.Reads, parameters, returns);

    private static MethodRow Changes(string name, Method method, params ImmutableArray<LangType> parameters) =>
        new(name, method, MethodForm.Changes, parameters, CoreTypes.Unit);

    private static MethodRow Takes(string name, Method method) =>
        new(name, method, MethodForm.TakesLambda, [], CoreTypes.Unit);
}

/// <summary>One method of one type.</summary>
/// <param name="Returns">Of one that takes a lambda it depends on the lambda.</param>
internal sealed record MethodRow(
    string Name, Method Method, MethodForm Form, ImmutableArray<LangType> Parameters, LangType Returns);

internal enum MethodForm
{
    Reads,

    /// <summary>A statement: it changes its receiver, which must be a place.</summary>
    Changes,

    TakesLambda,
}
