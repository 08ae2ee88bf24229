using Tars.Base;
using Tars.Lang.Emitting;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Xunit;

namespace Tars.Tests.Lang.Emitting;

/// <summary>
/// exp, ln, pow, sin, cos and atan2 are within one unit in the last place of the host's, special cases exactly; and
/// every bit of all results is as it was when the sums were taken.
/// </summary>
public sealed class ElementaryTests
{
    private const int Rounds = 3000;

    private static readonly double[] _special =
    [
        0.0, -0.0, 1, -1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 5e-324, -5e-324,
            double.MaxValue,
        double.MinValue, 0.5, -0.5, 2, -2, 3, -3, 1e300, 1e-300, 2.2250738585072014E-308,
    ];

    [Fact]
    public void Exp_is_close() => One(
        unit => unit.Standard(StandardModule.Elementary, "exponential"),
        Math.Exp,
        random => (random.NextUnit() - 0.5) * 1480,
        2905837475771448341UL);

    [Fact]
    public void Ln_is_close() => One(
        unit => unit.Standard(StandardModule.Elementary, "logarithm"),
        Math.Log,
        random => random.Next(2) == 0 ? Math.Abs(Any(random)) : random.NextUnit() * 3,
        17927670548041304485UL);

    [Fact]
    public void Sin_is_close_for_angles_of_any_size() => One(
        unit => unit.Standard(StandardModule.Circular, "sine"), Math.Sin, Angle, 13029682249533986652UL);

    [Fact]
    public void Cos_is_close_for_angles_of_any_size() => One(
        unit => unit.Standard(StandardModule.Circular, "cosine"), Math.Cos, Angle, 14752069852433316799UL);

    [Fact]
    public void Atan2_is_close() => Two(
        unit => unit.Standard(StandardModule.Elementary, "angle_of"), Math.Atan2, Wide, Wide, 16913849687638556452UL);

    [Fact]
    public void Pow_is_close() => Two(
        unit => unit.Standard(StandardModule.Powers, "power"),
        Math.Pow,
        random => random.Next(3) switch
        {
            0 => Math.Abs(Any(random)),
            1 => 0.9 + (random.NextUnit() / 5),
            _ => Wide(random),
        },
        random => random.Next(3) switch
        {
            0 => (random.NextUnit() - 0.5) * 2000,
            1 => random.Next(100) - 50,
            _ => (random.NextUnit() - 0.5) * 10,
        },
        8879393249088642005UL);

    private static void One(
        Func<Emitter, Routine> pick, Func<double, double> judge, Func<Xoshiro256, double> draw, ulong sum)
    {
        using var guest = new LibraryGuest((unit, body) =>
            body.StoreF64(LibraryGuest.Answer, pick(unit).Call(LibraryGuest.FloatAt(0))));
        var random = new Xoshiro256(11);
        ulong actual = 0;
        foreach (double x in _special.Concat(Enumerable.Range(0, Rounds).Select(_ => draw(random))))
        {
            double value = guest.Run<double>(x);
            AssertClose(judge(x), value, $"{x:R}");
            actual = (actual * 31) + BitConverter.DoubleToUInt64Bits(value);
        }

        Assert.Equal(sum, actual);
    }

    private static void Two(
        Func<Emitter, Routine> pick,
        Func<double, double, double> judge,
        Func<Xoshiro256, double> drawFirst,
        Func<Xoshiro256, double> drawSecond,
        ulong sum)
    {
        using var guest = new LibraryGuest((unit, body) => body.StoreF64(
            LibraryGuest.Answer, pick(unit).Call(LibraryGuest.FloatAt(0), LibraryGuest.FloatAt(1))));
        var random = new Xoshiro256(12);
        ulong actual = 0;
        var drawn = Enumerable.Range(0, Rounds).Select(_ => (drawFirst(random), drawSecond(random)));
        foreach (var (x, y) in _special.SelectMany(a => _special.Select(b => (a, b))).Concat(drawn))
        {
            double value = guest.Run<double>(x, y);
            AssertClose(judge(x, y), value, $"{x:R}, {y:R}");
            actual = (actual * 31) + BitConverter.DoubleToUInt64Bits(value);
        }

        Assert.Equal(sum, actual);
    }

    // Both a NaN, the same zero, or at most neighbours.
    private static void AssertClose(double expected, double actual, string at)
    {
        long distance = Math.Abs(Place(expected) - Place(actual));
        Assert.True(
            (double.IsNaN(expected) && double.IsNaN(actual)) || distance <= 1, $"at {at}: {expected:R} and {actual:R}");
    }

    private static long Place(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        return bits < 0 ? -(bits & long.MaxValue) - 1 : bits;
    }

    private static double Any(Xoshiro256 random)
    {
        double value = BitConverter.Int64BitsToDouble((long)random.Next());
        return double.IsNaN(value) ? 1 : value;
    }

    private static double Wide(Xoshiro256 random) => random.Next(2) == 0 ? Any(random) : (random.NextUnit() - 0.5) * 10;

    private static double Angle(Xoshiro256 random) => random.Next(3) switch
    {
        0 => Any(random),
        1 => (random.NextUnit() - 0.5) * 20,
        _ => (random.NextUnit() - 0.5) * 4e6,
    };
}
