using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using Tars.Bundle.Abi;
using Tars.Lang.Binding;
using Tars.Lang.Types;

namespace Tars.Sim.Reference;

/// <summary>Built-in functions and methods of the reference evaluator.</summary>
internal sealed partial class Evaluator
{
    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true);

    private object? CallBuiltIn(BoundExpr.CallBuiltIn call)
    {
        object?[] a = [.. call.Arguments.Select(Evaluate)];
        return call.BuiltIn switch
        {
            BuiltIn.Abs => a[0] is double x ? (object)Math.Abs(x) : (long)a[0]! < 0
                ? Arithmetic.Subtract(0, (long)a[0]!) : a[0],
            BuiltIn.Min => a[0] is double x ? (object)Math.Min(x, (double)a[1]!) : Math.Min((long)a[0]!, (long)a[1]!),
            BuiltIn.Max => a[0] is double x ? (object)Math.Max(x, (double)a[1]!) : Math.Max((long)a[0]!, (long)a[1]!),
            BuiltIn.Clamp => Clamp(a[0]!, a[1]!, a[2]!),
            BuiltIn.Sqrt => (object)Math.Sqrt((double)a[0]!),
            BuiltIn.Ceil => Math.Ceiling((double)a[0]!),
            BuiltIn.Round => Math.Round((double)a[0]!, MidpointRounding.ToEven),
            BuiltIn.IntOfFloat => Arithmetic.Truncate((double)a[0]!),
            BuiltIn.FloatOfInt => (double)(long)a[0]!,
            BuiltIn.Now => _now,
            BuiltIn.ListOf => Repeated((long)a[0]!, a[1]!),
            BuiltIn.BytesOf => new Octets([.. new byte[Count((long)a[0]!)]]),
            BuiltIn.JsonDecode => ReferenceJson.Read(((LangType.Fallible)call.Type).Inner, (Octets)a[0]!),
            BuiltIn.JsonResponse => Response((long)a[0]!, call.Arguments[1].Type, a[1]),
            _ => throw new EvaluatorTrapException(GuestTrap.NotInForce),
        };
    }

    private static RecordValue Response(long status, LangType type, object? value)
    {
        var body = ReferenceJson.Write(type, value);
        Require(body is not null, GuestTrap.ValueOutOfRange);
        return new RecordValue([status, Values.EmptyMap.Add("content-type", "application/json"), body]);
    }

    private static object Clamp(object x, object low, object high) =>
        x is double f
            ? f < (double)low ? low : f > (double)high ? high : x
            : (long)x < (long)low ? low : (long)x > (long)high ? high : x;

    private static int Count(long count)
    {
        Require(count is >= 0 and <= 1 << 20, GuestTrap.ValueOutOfRange);
        return (int)count;
    }

    private static ImmutableList<object> Repeated(long count, object item) =>
        ImmutableList.CreateRange(Enumerable.Repeat(item, Count(count)));

    private object? CallMethod(BoundExpr.CallMethod call)
    {
        object receiver = Evaluate(call.Receiver)!;
        object?[] a = [.. call.Arguments.Select(Evaluate)];
        return receiver switch
        {
            string text => TextMethod(call.Method, text, a),
            ImmutableList<object> list => ListMethod(call.Method, list, a),
            ImmutableSortedDictionary<object, object> map => MapMethod(call.Method, map, a),
            Octets octets => BytesMethod(call.Method, octets, a),
            _ => throw new UnreachableException(),
        };
    }

    private static object? TextMethod(Method method, string text, object?[] a)
    {
        switch (method)
        {
            case Method.TextSize:
                return (long)Encoding.UTF8.GetByteCount(text);
            case Method.TextContains:
                return text.Contains((string)a[0]!, StringComparison.Ordinal);
            case Method.TextStartsWith:
                return text.StartsWith((string)a[0]!, StringComparison.Ordinal);
            case Method.TextSplit:
                Require((string)a[0]! != "", GuestTrap.ValueOutOfRange);
                return ImmutableList.CreateRange(text.Split((string)a[0]!).Cast<object>());
            case Method.TextTrim:
                return text.Trim(' ', '\t', '\r', '\n');
            case Method.TextLower:
                return string.Concat(text.Select(c => c is >= 'A' and <= 'Z' ? (char)(c + 32) : c));
            case Method.TextReplace:
                Require((string)a[0]! != "", GuestTrap.ValueOutOfRange);
                return text.Replace((string)a[0]!, (string)a[1]!, StringComparison.Ordinal);
            case Method.TextToBytes:
                return new Octets([.. Encoding.UTF8.GetBytes(text)]);
            default:
                throw new UnreachableException();
        }
    }

    private static object? ListMethod(Method method, ImmutableList<object> list, object?[] a) => method switch
    {
        Method.ListLen => (long)list.Count,
        Method.ListTake => list.GetRange(0, (int)Math.Clamp((long)a[0]!, 0, list.Count)),
        Method.ListJoin => string.Join((string)a[0]!, list.Cast<string>()),
        Method.ListMax => Extreme(list, item => item, sign: 1),
        _ => throw new UnreachableException(),
    };

    private static object? MapMethod(Method method, ImmutableSortedDictionary<object, object> map, object?[] a) =>
        method switch
        {
            Method.MapLen => (long)map.Count,
            Method.MapGet => map.GetValueOrDefault(a[0]!),
            Method.MapHas => map.ContainsKey(a[0]!),
            Method.MapKeys => ImmutableList.CreateRange(map.Keys),
            _ => throw new UnreachableException(),
        };

    private static object? BytesMethod(Method method, Octets octets, object?[] a)
    {
        switch (method)
        {
            case Method.BytesLen:
                return (long)octets.Bytes.Length;
            case Method.BytesSlice:
                long from = (long)a[0]!;
                long to = (long)a[1]!;
                Require(0 <= from && from <= to && to <= octets.Bytes.Length, GuestTrap.IndexOutOfRange);
                return new Octets([.. octets.Bytes.AsSpan((int)from, (int)(to - from))]);
            case Method.BytesToText:
                return Decoded(octets);
            case Method.BytesCrc32:
                return (long)Crc(octets.Bytes.AsSpan());
            case Method.BytesU32:
                return (long)BitConverter.ToUInt32(Part(octets, (long)a[0]!, 4));
            case Method.BytesI64:
                return BitConverter.ToInt64(Part(octets, (long)a[0]!, 8));
            default:
                throw new UnreachableException();
        }
    }

    private static ReadOnlySpan<byte> Part(Octets octets, long at, int size)
    {
        Require(0 <= at && at <= octets.Bytes.Length - size, GuestTrap.IndexOutOfRange);
        return octets.Bytes.AsSpan((int)at, size);
    }

    /// <summary>CRC-32 (ISO-HDLC), bit by bit.</summary>
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte one in bytes)
        {
            crc ^= one;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }

    private static string? Decoded(Octets octets)
    {
        try
        {
            return _strict.GetString(octets.Bytes.AsSpan());
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private object? CallLambda(BoundExpr.LambdaMethod call)
    {
        var list = (ImmutableList<object>)Evaluate(call.Receiver)!;
        object? Of(object item)
        {
            _frame.Locals[call.Item] = item;
            return Evaluate(call.Body);
        }

        switch (call.Method)
        {
            case Method.ListMap:
                return ImmutableList.CreateRange(list.Select(item => Of(item)!).ToArray());
            case Method.ListFilter:
                return ImmutableList.CreateRange(list.Where(item => (bool)Of(item)!).ToArray());
            case Method.ListAny:
                return list.Any(item => (bool)Of(item)!);
            case Method.ListSum:
                object sum = call.Type is LangType.Float ? (object)0.0 : 0L;
                return list.Aggregate(sum, (all, item) =>
                    Arithmetic.Apply(BoundBinaryOp.Add, all, Of(item)!, call.Type));
            case Method.ListSortBy:
                object?[] keys = [.. list.Select(item => Ordered(Of(item)!))];
                return ImmutableList.CreateRange(
                    Enumerable.Range(0, list.Count).OrderBy(at => keys[at], ValueOrder.Instance!).Select(at =>
                        list[at]));
            case Method.ListMinBy:
                return Extreme(list, item => Of(item)!, sign: -1);
            case Method.ListMaxBy:
                return Extreme(list, item => Of(item)!, sign: 1);
            default:
                throw new UnreachableException();
        }
    }

    private static object Ordered(object key)
    {
        Require(!(key is double x && double.IsNaN(x)), GuestTrap.ValueOutOfRange);
        return key;
    }

    private static object? Extreme(ImmutableList<object> list, Func<object, object> keyOf, int sign)
    {
        object? best = null;
        object? bestKey = null;
        foreach (object item in list)
        {
            object key = Ordered(keyOf(item));
            if (bestKey is null || ValueOrder.Instance.Compare(key, bestKey) * sign > 0)
            {
                best = item;
                bestKey = key;
            }
        }

        return best;
    }
}
