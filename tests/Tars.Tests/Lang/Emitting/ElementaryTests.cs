using Tars.Base;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Xunit;

namespace Tars.Tests.Lang.Emitting;

/// <summary>
/// exp, ln, pow, sin, cos and atan2 are within one unit in the last place of the host's, special cases exactly.
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
    public void Exp_is_close() => One(one => one.Exp, Math.Exp, random => (random.NextUnit() - 0.5) * 1480);

    [Fact]
    public void Ln_is_close() =>
        One(one => one.Ln, Math.Log, random => random.Next(2) == 0 ? Math.Abs(Any(random)) : random.NextUnit() * 3);

    [Fact]
    public void Sin_is_close_for_angles_of_any_size() => One(one => one.Sin, Math.Sin, Angle);

    [Fact]
    public void Cos_is_close_for_angles_of_any_size() => One(one => one.Cos, Math.Cos, Angle);

    [Fact]
    public void Atan2_is_close() => Two(one => one.Atan2, Math.Atan2, Wide, Wide);

    [Fact]
    public void Pow_is_close() => Two(
        one => one.Pow,
        Math.Pow,
        random => random.Next(3) switch { 0 => Math.Abs(Any(random)), 1 => 0.9 + (random.NextUnit() / 5), _ =>
            Wide(random) },
        random => random.Next(3) switch { 0 => (random.NextUnit() - 0.5) * 2000, 1 => random.Next(100) - 50, _ =>
            (random.NextUnit() - 0.5) * 10 });

    private static void One(Func<Elementary, Routine> pick, Func<double, double> judge, Func<Xoshiro256, double> draw)
    {
        using var guest = new LibraryGuest((module, body) =>
            body.StoreF64(LibraryGuest.Answer, pick(new Elementary(module)).Call(LibraryGuest.FloatAt(0))));
        var random = new Xoshiro256(11);
        foreach (double x in _special.Concat(Enumerable.Range(0, Rounds).Select(_ => draw(random))))
        {
            AssertClose(judge(x), guest.Run<double>(x), $"{x:R}");
        }
    }

    private static void Two(
        Func<Elementary, Routine> pick,
        Func<double, double, double> judge,
        Func<Xoshiro256, double> drawFirst,
        Func<Xoshiro256, double> drawSecond)
    {
        using var guest = new LibraryGuest((module, body) => body.StoreF64(
            LibraryGuest.Answer, pick(new Elementary(module)).Call(LibraryGuest.FloatAt(0), LibraryGuest.FloatAt(1))));
        var random = new Xoshiro256(12);
        var drawn = Enumerable.Range(0, Rounds).Select(_ => (drawFirst(random), drawSecond(random)));
        foreach (var (x, y) in _special.SelectMany(a => _special.Select(b => (a, b))).Concat(drawn))
        {
            AssertClose(judge(x, y), guest.Run<double>(x, y), $"{x:R}, {y:R}");
        }
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
