using System.Globalization;
using System.Text.Json;
using Tars.Bundle.Wasm.Interpreter;

namespace Tars.Sim.Spec;

/// <summary>Reads the suite's values and compares results with what it expects.</summary>
internal static class SpecValues
{
    public static Value[] Arguments(JsonElement action) =>
        action.TryGetProperty("args", out var list) ? [.. list.EnumerateArray().Select(Read)] : [];

    public static bool Match(IReadOnlyList<Value> actual, JsonElement expected) =>
        actual.Count == expected.GetArrayLength()
        && expected.EnumerateArray().Zip(actual).All(pair => Match(pair.Second, pair.First));

    public static string Show(IEnumerable<Value> values) =>
        string.Join(", ", values.Select(value => value.Reference?.ToString() ?? $"{value.High:x}:{value.Low:x}"));

    private static Value Read(JsonElement json)
    {
        string type = json.GetProperty("type").GetString()!;
        if (type == "v128")
        {
            return Vector(json);
        }

        string text = json.GetProperty("value").GetString()!;
        return type is "externref" or "funcref"
            ? Value.OfReference(text == "null" ? null : Bits(text))
            : new Value(Bits(text));
    }

    private static bool Match(Value actual, JsonElement expected)
    {
        string type = expected.GetProperty("type").GetString()!;
        if (type == "v128")
        {
            return MatchVector(actual, expected);
        }

        if (!expected.TryGetProperty("value", out var value))
        {
            // Any reference will do, as long as there is one.
            return actual.Reference is not null;
        }

        string text = value.GetString()!;
        return type is "externref" or "funcref"
            ? Equals(actual.Reference, text == "null" ? null : Bits(text))
            : actual.High == 0 && MatchBits(actual.Low, text, is64: type is "f64" or "i64");
    }

    private static bool MatchVector(Value actual, JsonElement expected)
    {
        string shape = expected.GetProperty("lane_type").GetString()!;
        int width = Width(shape);
        int place = 0;
        foreach (var lane in expected.GetProperty("value").EnumerateArray())
        {
            ulong half = place < 64 ? actual.Low : actual.High;
            ulong bits = width == 64 ? half : (half >> (place % 64)) & ((1UL << width) - 1);
            if (!MatchBits(bits, lane.GetString()!, is64: width == 64))
            {
                return false;
            }

            place += width;
        }

        return true;
    }

    // A canonical NaN has only the highest bit of its payload set, an arithmetic one has at least that.
    private static bool MatchBits(ulong bits, string expected, bool is64)
    {
        ulong quiet = is64 ? 0x7FF8000000000000 : 0x7FC00000UL;
        ulong sign = is64 ? 0x8000000000000000 : 0x80000000UL;
        return expected switch
        {
            "nan:canonical" => (bits & ~sign) == quiet,
            "nan:arithmetic" => (bits & quiet) == quiet,
            _ => bits == Bits(expected),
        };
    }

    private static Value Vector(JsonElement json)
    {
        int width = Width(json.GetProperty("lane_type").GetString()!);
        ulong low = 0;
        ulong high = 0;
        int place = 0;
        foreach (var lane in json.GetProperty("value").EnumerateArray())
        {
            ulong bits = Bits(lane.GetString()!);
            low |= place < 64 ? bits << place : 0;
            high |= place < 64 ? 0 : bits << (place - 64);
            place += width;
        }

        return new Value(low, high);
    }

    private static int Width(string shape) => int.Parse(shape.AsSpan(1), CultureInfo.InvariantCulture);

    private static ulong Bits(string text) => ulong.Parse(text, CultureInfo.InvariantCulture);
}
