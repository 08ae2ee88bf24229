using System.Globalization;
using Tars.Bundle.Wasm;

namespace Tars.Host.Commands;

/// <summary>Numbers as they are written on a command line and shown there.</summary>
internal static class ValueText
{
    /// <summary>Whether values of the type can be written as text.</summary>
    public static bool Has(ValType type) => type is ValType.I32 or ValType.I64 or ValType.F32 or ValType.F64;

    /// <summary>The bits, or null when the text is no such number. Integers may be signed, unsigned or
    /// hexadecimal.</summary>
    public static ulong? Parse(string text, ValType type) => type switch
    {
        ValType.I32 => Integer(text, int.MinValue, uint.MaxValue) is { } value ? (uint)value : null,
        ValType.I64 => Integer(text, long.MinValue, ulong.MaxValue) is { } value ? (ulong)value : null,
        ValType.F32 => Float(text) is { } value ? BitConverter.SingleToUInt32Bits((float)value) : null,
        ValType.F64 => Float(text) is { } value ? BitConverter.DoubleToUInt64Bits(value) : null,
        ValType.V128 or ValType.FuncRef or ValType.ExternRef => null,
    };

    public static string Show(ulong bits, ValType type) => type switch
    {
        ValType.I32 => ((int)bits).ToString(CultureInfo.InvariantCulture),
        ValType.I64 => ((long)bits).ToString(CultureInfo.InvariantCulture),
        ValType.F32 => Show(BitConverter.UInt32BitsToSingle((uint)bits)),
        ValType.F64 => Show(BitConverter.UInt64BitsToDouble(bits)),
        ValType.V128 or ValType.FuncRef or ValType.ExternRef => "?",
    };

    private static string Show(IFormattable number) => number.ToString("R", CultureInfo.InvariantCulture) switch
    {
        "NaN" => "nan",
        "Infinity" => "inf",
        "-Infinity" => "-inf",
        var text => text,
    };

    private static Int128? Integer(string text, Int128 least, Int128 most)
    {
        bool isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        var digits = isHex ? text.AsSpan(2) : text;
        var style = isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.AllowLeadingSign;
        bool isNumber = Int128.TryParse(digits, style, CultureInfo.InvariantCulture, out var value);
        return isNumber && least <= value && value <= most ? value : null;
    }

    private static double? Float(string text) => text switch
    {
        "nan" => double.NaN,
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null,
    };
}
