using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using Tars.Lang.Types;

namespace Tars.Sim.Reference;

/// <summary>Values as text in holes (docs/language.md, determinism): the slow and obvious way.</summary>
internal static class Rendering
{
    private static readonly (string Unit, long Size)[] _units =
    [
        ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
        ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
    ];

    public static string Of(LangType type, object value, int? digits) => type switch
    {
        LangType.Text => (string)value,
        LangType.Int => ((long)value).ToString(CultureInfo.InvariantCulture),
        LangType.Bool => (bool)value ? "true" : "false",
        LangType.Float => digits is { } count ? Fixed((double)value, count) : Shortest((double)value),
        LangType.Duration => Duration((long)value),
        LangType.Instant => Instant((long)value),
        LangType.Variant variant => variant.Symbol.Cases[((CaseValue)value).Case].Name,
        _ => throw new UnreachableException(),
    };

    /// <summary>The fewest digits that read back the same ("R"), laid out as the language lays them out.</summary>
    public static string Shortest(double x) =>
        Special(x) ?? Layout(x.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>The exact value, rounded half to even after so many digits.</summary>
    public static string Fixed(double x, int digits)
    {
        if (Special(x) is { } special)
        {
            return special;
        }

        long bits = BitConverter.DoubleToInt64Bits(Math.Abs(x));
        int exponent = (int)(bits >> 52);
        long fraction = bits & ((1L << 52) - 1);
        var mantissa = new BigInteger(exponent == 0 ? fraction : fraction | (1L << 52));
        int power = Math.Max(exponent, 1) - 1075;
        var scaled = mantissa * BigInteger.Pow(10, digits);
        var whole = power >= 0 ? scaled << power : HalfEven(scaled, -power);
        string text = whole.ToString(CultureInfo.InvariantCulture).PadLeft(digits + 1, '0');
        string sign = double.IsNegative(x) ? "-" : "";
        return digits == 0 ? sign + text : $"{sign}{text[..^digits]}.{text[^digits..]}";
    }

    private static string? Special(double x) =>
        double.IsNaN(x) ? "nan" : double.IsPositiveInfinity(x) ? "inf" : double.IsNegativeInfinity(x) ? "-inf" : null;

    private static BigInteger HalfEven(BigInteger value, int shift)
    {
        var whole = value >> shift;
        var rest = value - (whole << shift);
        var half = BigInteger.One << (shift - 1);
        return rest > half || (rest == half && !whole.IsEven) ? whole + 1 : whole;
    }

    private static string Layout(string shortest)
    {
        bool negative = shortest.StartsWith('-');
        string body = negative ? shortest[1..] : shortest;
        int split = body.IndexOf('E', StringComparison.Ordinal);
        string mantissa = split < 0 ? body : body[..split];
        int exponent = split < 0 ? 0 : int.Parse(body[(split + 1)..], CultureInfo.InvariantCulture);
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        string digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        string trimmed = digits.TrimStart('0');
        int scale = (point < 0 ? mantissa.Length : point) + exponent - (digits.Length - trimmed.Length);
        trimmed = trimmed.TrimEnd('0');
        string sign = negative ? "-" : "";
        if (trimmed.Length == 0)
        {
            return sign + "0.0";
        }

        if (scale is > -5 and <= 16)
        {
            string whole = scale <= 0 ? "0" : trimmed.PadRight(scale, '0')[..scale];
            string rest = scale <= 0 ? new string('0', -scale) + trimmed : trimmed.Length > scale ? trimmed[scale..]
                : "0";
            return $"{sign}{whole}.{rest}";
        }

        string tail = trimmed.Length > 1 ? "." + trimmed[1..] : "";
        return $"{sign}{trimmed[0]}{tail}e{(scale - 1).ToString(CultureInfo.InvariantCulture)}";
    }

    private static string Duration(long ns)
    {
        if (ns == 0)
        {
            return "0s";
        }

        var (unit, size) = _units.First(u => ns % u.Size == 0);
        return (ns / size).ToString(CultureInfo.InvariantCulture) + unit;
    }

    private static string Instant(long ns)
    {
        long seconds = Math.DivRem(ns, 1_000_000_000, out long rest);
        if (rest < 0)
        {
            seconds--;
            rest += 1_000_000_000;
        }

        string whole = DateTime.UnixEpoch.AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss",
            CultureInfo.InvariantCulture);
        string fraction = rest == 0 ? "" : "." + rest.ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0');
        return whole + fraction + "Z";
    }
}
