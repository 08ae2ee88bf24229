using System.Globalization;
using System.Numerics;
using System.Text;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Lang.Emitting;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Xunit;

namespace Tars.Tests.Lang.Emitting;

/// <summary>
/// Numbers become text and texts become numbers exactly: .NET's own conversions and whole numbers are the judge.
/// </summary>
public sealed class NumberTextTests
{
    private const int Rounds = 1500;

    [Fact]
    public void The_text_of_a_float_is_the_shortest_that_reads_back_the_same()
    {
        using var texts = new LibraryGuest((unit, body) => body.Store64(
            LibraryGuest.Answer, Shortest(unit)));
        using var floats = Parser();
        foreach (double value in Floats(seed: 1))
        {
            string text = texts.Text(texts.Run<ulong>(value));
            Assert.Equal(BitConverter.DoubleToInt64Bits(value),
                BitConverter.DoubleToInt64Bits(Parse(floats, text)!.Value));
            // For some powers of two .NET gives a digit less than reads back the same; its answer counts when it does.
            string judge = value.ToString("R", CultureInfo.InvariantCulture);
            if (double.Parse(judge, CultureInfo.InvariantCulture).Equals(value))
            {
                Assert.Equal(Digits(judge), Digits(text));
            }
        }
    }

    [Fact]
    public void The_host_writes_every_float_as_a_handler_does()
    {
        using var texts = new LibraryGuest((unit, body) => body.Store64(LibraryGuest.Answer, Shortest(unit)));
        var powersOfTwo = Enumerable.Range(-1074, 2098).Select(power => Math.ScaleB(1, power));
        double[] edges =
            [0.0, -0.0, 1e15, 1e16, 1e-5, 9e-6, 5e-324, double.MaxValue, double.NaN, double.NegativeInfinity];
        foreach (double value in Floats(seed: 5).Concat(powersOfTwo).Concat(edges))
        {
            Assert.Equal(texts.Text(texts.Run<ulong>(value)), FloatText.Of(value));
        }
    }

    [Theory]
    [InlineData(0.0, "0.0")]
    [InlineData(-0.0, "-0.0")]
    [InlineData(1e15, "1000000000000000.0")]
    [InlineData(9007199254740993, "9007199254740992.0")]
    [InlineData(1e16, "1e16")]
    [InlineData(1e-5, "0.00001")]
    [InlineData(1.5e-7, "1.5e-7")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(1.7976931348623157e308, "1.7976931348623157e308")]
    [InlineData(2.9802322387695312e-8, "2.9802322387695312e-8")]
    [InlineData(double.NaN, "nan")]
    [InlineData(double.NegativeInfinity, "-inf")]
    public void The_text_of_a_float_has_a_point_in_the_middle_and_an_exponent_outside(double value, string text)
    {
        using var texts = new LibraryGuest((unit, body) => body.Store64(
            LibraryGuest.Answer, Shortest(unit)));
        Assert.Equal(text, texts.Text(texts.Run<ulong>(value)));
    }

    [Fact]
    public void Digits_after_the_point_are_the_exact_value_rounded_half_to_even()
    {
        using var guest = new LibraryGuest((unit, body) => body.Store64(
            LibraryGuest.Answer,
            unit.Standard(StandardModule.FloatTexts, "with_digits").Call(
                Term.I64(LibraryGuest.Room), LibraryGuest.FloatAt(0), LibraryGuest.FloatAt(1).Truncate())));
        var random = new Xoshiro256(7);
        foreach (double value in Floats(seed: 2))
        {
            int count = random.Next(10);
            double near = random.Next(3) == 0 ? Math.Round(value * 8) / 8 : value;
            if (double.IsFinite(near))
            {
                Assert.Equal(Rounded(near, count), guest.Text(guest.Run<ulong>(near, count)));
            }
        }
    }

    [Fact]
    public void A_text_is_read_to_the_nearest_float()
    {
        using var floats = Parser();
        var random = new Xoshiro256(3);
        for (int round = 0; round < Rounds; round++)
        {
            string text = AnyNumber(random);
            double expected = double.Parse(text, CultureInfo.InvariantCulture);
            Assert.Equal(BitConverter.DoubleToInt64Bits(expected),
                BitConverter.DoubleToInt64Bits(Parse(floats, text)!.Value));
        }

        Assert.All((string[])["", ".", "-", "1e", "abc", "1.2.3", "+1", " 1", "1 ", "1e+", "--1", "0x10"], text =>
            Assert.Null(Parse(floats, text)));
        Assert.Equal(0.5, Parse(floats, ".5"));
        Assert.Equal(double.NegativeInfinity, Parse(floats, "-inf"));
        Assert.Equal(double.PositiveInfinity, Parse(floats, "1e999999999999"));
    }

    [Fact]
    public void Whole_numbers_are_written_and_read_over_their_whole_range()
    {
        using var texts = new LibraryGuest((unit, body) => body.Store64(
            LibraryGuest.Answer,
            unit.Standard(StandardModule.WholeNumbers, "text_of_int").Call(
                Term.I64(LibraryGuest.Room), LibraryGuest.IntAt(0))));
        using var ints = new LibraryGuest((unit, body) =>
        {
            body.Store32(LibraryGuest.Answer,
                unit.Standard(StandardModule.WholeNumbers, "parse").Call(
                    Term.I64(LibraryGuest.Room), LibraryGuest.IntAt(0), Term.I64(MemoryMap.Result)));
            body.Store64(LibraryGuest.Answer, Term.I32(MemoryMap.Result).Load64(), 8);
        });
        var random = new Xoshiro256(4);
        long[] edges = [0, -1, 9, 10, long.MaxValue, long.MinValue];
        foreach (long value in edges.Concat(Enumerable.Range(0, Rounds).Select(_ =>
            (long)random.Next() >> random.Next(64))))
        {
            string text = texts.Text(texts.Run<ulong>(value));
            Assert.Equal(value.ToString(CultureInfo.InvariantCulture), text);
            Assert.Equal(1, ReadInt(ints, text));
            Assert.Equal(value, BitConverter.ToInt64(ints.Memory[(LibraryGuest.Answer + 8)..]));
        }

        Assert.All(
            (string[])["", "-", "9223372036854775808", "-9223372036854775809", "1 ", "+1", "1a",
                "99999999999999999999999"],
            text => Assert.Equal(0, ReadInt(ints, text)));
    }

    private static Term Shortest(Emitter unit) => unit.Standard(StandardModule.FloatTexts, "shortest").Call(
        Term.I64(LibraryGuest.Room), LibraryGuest.FloatAt(0));

    private static int ReadInt(LibraryGuest guest, string text)
    {
        int size = Encoding.UTF8.GetBytes(text, guest.Memory[LibraryGuest.Room..]);
        return guest.Run<int>((long)(LibraryGuest.Room + size));
    }

    private static LibraryGuest Parser() => new((unit, body) =>
    {
        body.Store32(LibraryGuest.Answer,
            unit.Standard(StandardModule.FloatParsing, "parse").Call(
                Term.I64(LibraryGuest.Room), LibraryGuest.IntAt(0), Term.I64(MemoryMap.Result)));
        body.Store64(LibraryGuest.Answer, Term.I32(MemoryMap.Result).Load64(), 8);
    });

    private static double? Parse(LibraryGuest guest, string text)
    {
        int size = Encoding.UTF8.GetBytes(text, guest.Memory[LibraryGuest.Room..]);
        return guest.Run<int>((long)(LibraryGuest.Room + size)) == 1
            ? BitConverter.ToDouble(guest.Memory[(LibraryGuest.Answer + 8)..])
            : null;
    }

    private static IEnumerable<double> Floats(ulong seed)
    {
        var random = new Xoshiro256(seed);
        for (int round = 0; round < Rounds; round++)
        {
            double any = BitConverter.Int64BitsToDouble((long)random.Next());
            double value = random.Next(4) switch
            {
                0 => Math.Round((random.NextUnit() - 0.5) * 2e6, random.Next(8)),
                1 => (random.NextUnit() - 0.5) * 1e6,
                2 => Math.ScaleB(1, random.Next(2098) - 1074),
                _ => any,
            };
            if (double.IsFinite(value))
            {
                yield return value;
            }
        }
    }

    // The significant digits of a number as it is written.
    private static string Digits(string text)
    {
        int end = text.IndexOfAny(['e', 'E']);
        return string.Concat((end < 0 ? text : text[..end]).Where(char.IsAsciiDigit)).Trim('0');
    }

    private static string Rounded(double value, int count)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)((bits >> 52) & 0x7FF);
        long fraction = (bits & ((1L << 52) - 1)) | (exponent == 0 ? 0 : 1L << 52);
        int shift = Math.Max(exponent, 1) - 1075;
        var scaled = fraction * BigInteger.Pow(10, count);
        if (0 <= shift)
        {
            scaled <<= shift;
        }
        else
        {
            var rest = scaled & ((BigInteger.One << -shift) - 1);
            var half = BigInteger.One << (-shift - 1);
            scaled >>= -shift;
            scaled += half < rest || (half == rest && !scaled.IsEven) ? 1 : 0;
        }

        string digits = scaled.ToString(CultureInfo.InvariantCulture).PadLeft(count + 1, '0');
        string sign = bits < 0 ? "-" : "";
        return count == 0 ? sign + digits : $"{sign}{digits[..^count]}.{digits[^count..]}";
    }

    private static string AnyNumber(Xoshiro256 random)
    {
        var text = new StringBuilder(random.Next(2) == 0 ? "-" : "");
        Append(1 + random.Next(random.Next(20) == 0 ? 900 : 25));
        if (random.Next(2) == 0)
        {
            text.Append('.');
            Append(1 + random.Next(25));
        }

        if (random.Next(2) == 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"e{random.Next(700) - 370}");
        }

        return text.ToString();

        void Append(int count)
        {
            for (int place = 0; place < count; place++)
            {
                text.Append((char)('0' + random.Next(10)));
            }
        }
    }
}
