using System.Globalization;
using System.Numerics;
using System.Text;

namespace Tars.Bundle.Schema;

/// <summary>The one text of a float: the shortest digits that read back the same.</summary>
/// <remarks>
/// With a point for 1e-5 ≤ |x| &lt; 1e16, otherwise as <c>1.5e-7</c>; <c>nan</c>, <c>inf</c> and <c>-inf</c>.
/// </remarks>
public static class FloatText
{
    private const long HiddenBit = 1L << 52;
    private const double ExactMax = 1e15;

    // The common logarithm of 2, with 32 bits behind the point.
    private const long Log2 = 1_292_913_986;

    private static readonly double[] _exactPowers =
    [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ];

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

    // The value is 0.DIGITS times ten to the power of the point. Not the runtime's "R": for some powers of two it gives
    // a digit more or less. This is the algorithm of the handlers' own library, so both write one text.
    private static (string Digits, int Point) Shortest(double value)
    {
        if (value == 0)
        {
            return ("0", 1);
        }

        if (value is >= 1e-7 and < ExactMax)
        {
            for (int power = 0; power < _exactPowers.Length; power++)
            {
                double scaled = Math.Round(value * _exactPowers[power]);
                if (scaled < ExactMax && (scaled / _exactPowers[power]).Equals(value))
                {
                    var whole = ((long)scaled).ToString(CultureInfo.InvariantCulture);
                    return (whole.TrimEnd('0'), whole.Length - power);
                }
            }
        }

        return Exact(BitConverter.DoubleToInt64Bits(value));
    }

    // The shortest digits between the halves of the way to both neighbours, after Steele and White (1990) and Burger
    // and Dybvig (1996): value = rest / scale, and the halves are above / scale and below / scale.
    private static (string Digits, int Point) Exact(long bits)
    {
        long stored = bits >> 52;
        long fraction = (bits & (HiddenBit - 1)) | (stored == 0 ? 0 : HiddenBit);
        int exponent = (int)Math.Max(stored, 1) - 1075;
        // At a power of two the neighbour below is half as far away, but for the least normal number.
        int uneven = fraction == HiddenBit && exponent > -1074 ? 1 : 0;
        var unit = BigInteger.One << Math.Max(exponent, 0);
        var rest = (unit * fraction) << (1 + uneven);
        var scale = BigInteger.One << (1 + uneven + Math.Max(-exponent, 0));
        var above = unit << uneven;
        var below = unit;
        // The bounds themselves read back as this float exactly when its fraction is even.
        bool isEven = (fraction & 1) == 0;
        int point = (int)(((exponent + 63 - BitOperations.LeadingZeroCount((ulong)fraction)) * Log2) >> 32) + 1;
        var power = BigInteger.Pow(10, Math.Abs(point));
        (rest, above, below, scale) = point < 0
            ? (rest * power, above * power, below * power, scale)
            : (rest, above, below, scale * power);
        if (IsBeyond((rest + above).CompareTo(scale)))
        {
            point++;
        }
        else
        {
            (rest, above, below) = (rest * 10, above * 10, below * 10);
        }

        var digits = new StringBuilder();
        while (true)
        {
            int digit = (int)BigInteger.DivRem(rest, scale, out rest);
            bool isLow = IsBeyond(below.CompareTo(rest));
            bool isHigh = IsBeyond((rest + above).CompareTo(scale));
            if (isLow || isHigh)
            {
                int half = (rest + rest).CompareTo(scale);
                bool goesUp = isLow && isHigh ? half > 0 || (half == 0 && (digit & 1) == 1) : isHigh;
                return (digits.Append((char)('0' + digit + (goesUp ? 1 : 0))).ToString(), point);
            }

            digits.Append((char)('0' + digit));
            (rest, above, below) = (rest * 10, above * 10, below * 10);
        }

        bool IsBeyond(int order) => order > 0 || (order == 0 && isEven);
    }
}
