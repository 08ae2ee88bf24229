using System.Globalization;

namespace Tars.Bundle.Schema;

/// <summary>The one text of a float: the shortest digits that read back the same.</summary>
/// <remarks>
/// With a point for 1e-5 ≤ |x| &lt; 1e16, otherwise as <c>1.5e-7</c>; <c>nan</c>, <c>inf</c> and <c>-inf</c>.
/// </remarks>
public static class FloatText
{
    public static string Of(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
        }

        var (digits, point) = Shortest(Math.Abs(value));
        var sign = double.IsNegative(value) ? "-" : "";
        if (point is < -4 or > 16)
        {
            var rest = digits.Length == 1 ? "" : $".{digits[1..]}";
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{digits[0]}{rest}e{point - 1}");
        }

        if (point <= 0)
        {
            return $"{sign}0.{new string('0', -point)}{digits}";
        }

        return digits.Length <= point
            ? $"{sign}{digits.PadRight(point, '0')}.0"
            : $"{sign}{digits[..point]}.{digits[point..]}";
    }

    // The runtime's "R" form is the shortest that reads back; only its layout differs from ours. The value is
    // 0.DIGITS times ten to the power of the point.
    private static (string Digits, int Point) Shortest(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        int exponentAt = text.IndexOf('E', StringComparison.Ordinal);
        int exponent = exponentAt < 0 ? 0 : int.Parse(text.AsSpan(exponentAt + 1), CultureInfo.InvariantCulture);
        var mantissa = exponentAt < 0 ? text : text[..exponentAt];
        int pointAt = mantissa.IndexOf('.', StringComparison.Ordinal);
        int point = (pointAt < 0 ? mantissa.Length : pointAt) + exponent;
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var trimmed = digits.TrimStart('0');
        return trimmed.Length == 0
            ? ("0", 1)
            : (trimmed.TrimEnd('0'), point - (digits.Length - trimmed.Length));
    }
}
