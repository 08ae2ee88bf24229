using Tars.Kernel.Journal;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Kernel.Journal;

/// <summary>A kernel is not stepped with what no host would say.</summary>
public sealed class EventAdmissionTests
{
    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(5, 4, "its clock goes back")]
    [InlineData(-1, 0, "its clock goes back")]
    [InlineData(long.MinValue, long.MaxValue, "its clock goes back")]
    public void A_clock_begins_at_zero_and_never_goes_back(long boot, long turn, string? reason)
    {
        var system = Assert.IsType<LinkResult.Linked>(SystemImage.Link([])).System;
        var admission = new EventAdmission(system);
        string? why = admission.WhyNot(new KernelEvent.Boot(new Moment(0, boot), Seed: 1))
            ?? admission.WhyNot(new KernelEvent.Turn(new Moment(0, turn)));
        Assert.Equal(reason, why);
    }
}
