using Tars.Devices.Host;
using Xunit;

namespace Tars.Tests.Devices;

/// <summary>A sleep that another thread can end.</summary>
public sealed class AlarmTests
{
    [Fact]
    public void Who_rings_before_the_sleep_ends_it_at_once_and_only_that_one()
    {
        using var alarm = new Alarm();
        alarm.Ring();
        alarm.Ring();
        alarm.Sleep(-1); // Would last for ever.
        var second = new Thread(() => alarm.Sleep(-1));
        second.Start();
        Assert.False(second.Join(TimeSpan.FromMilliseconds(20)), "the rings of before count once");
        alarm.Ring();
        second.Join();
    }

    [Fact]
    public void A_sleep_of_a_moment_ends_by_itself()
    {
        using var alarm = new Alarm();
        alarm.Sleep(0);
        alarm.Sleep(1_000);
    }

    [Fact]
    public void Who_rings_after_the_end_is_not_answered()
    {
        var alarm = new Alarm();
        alarm.Dispose();
        alarm.Ring();
    }
}
