using Tars.Devices.Host;
using Xunit;

namespace Tars.Tests.Devices;

/// <summary>When a thread that wakes runs before all others, and how soon it is one of many again.</summary>
public sealed class WakeBoostTests
{
    private const long Millisecond = 1_000_000;

    private readonly List<bool> _asked = [];
    private long _now;

    [Fact]
    public void Who_sleeps_has_it_and_who_works_for_long_loses_it_until_the_next_sleep()
    {
        var boost = Boost();
        Assert.Empty(_asked);
        Sleep(boost, Millisecond);
        Work(boost, WakeBoost.StretchMax);
        Assert.Equal([true], _asked);
        Work(boost, Millisecond);
        Assert.Equal([true, false], _asked);
        Sleep(boost, Millisecond);
        Assert.Equal([true, false, true], _asked);
    }

    [Theory]
    [InlineData(1_000_000, 100_000)]
    [InlineData(1_500_000, 10_000)]
    [InlineData(400_000_000, 1_000_000)]
    public void However_it_works_it_does_so_before_others_for_at_most_half_of_the_time(long work, long sleep)
    {
        var boost = Boost();
        long before = 0;
        while (_now < 20_000 * Millisecond)
        {
            Sleep(boost, sleep);
            long began = _now;
            bool had = _asked[^1];
            _now += work; // One call into a guest: nobody looks meanwhile.
            before += had ? _now - began : 0;
            boost.GoesOn();
        }

        Assert.InRange(before, 1, (_now / 2) + WakeBoost.CreditMax + work);
    }

    [Fact]
    public void Who_works_for_a_quarter_of_the_time_always_has_it()
    {
        var boost = Boost();
        for (int turn = 0; turn < 10_000; turn++)
        {
            Sleep(boost, 3 * Millisecond / 2);
            Work(boost, Millisecond / 2);
        }

        Assert.Equal([true], _asked);
    }

    [Fact]
    public void Who_may_not_asks_once()
    {
        var boost = new WakeBoost(
            on =>
            {
                _asked.Add(on);
                return false;
            },
            () => _now);
        Sleep(boost, Millisecond);
        Work(boost, 10 * Millisecond);
        Sleep(boost, Millisecond);
        boost.End();
        Assert.Equal([true], _asked);
    }

    [Fact]
    public void A_thread_of_this_machine_is_afterwards_as_it_was()
    {
        string? first = WakeBoost.WhyNot();
        var boost = new WakeBoost();
        boost.BeforeSleep();
        Assert.True(first is not null || WakeBoost.WhyNot() is not null, "it is under the other policy now");
        boost.AfterSleep();
        boost.End();
        Assert.Equal(first, WakeBoost.WhyNot());
    }

    private WakeBoost Boost() => new(
        on =>
        {
            _asked.Add(on);
            return true;
        },
        () => _now);

    private void Sleep(WakeBoost boost, long time)
    {
        boost.BeforeSleep();
        _now += time;
        boost.AfterSleep();
    }

    private void Work(WakeBoost boost, long time)
    {
        for (long left = time; 0 < left; left -= Millisecond / 10)
        {
            _now += Math.Min(left, Millisecond / 10);
            boost.GoesOn();
        }
    }
}
