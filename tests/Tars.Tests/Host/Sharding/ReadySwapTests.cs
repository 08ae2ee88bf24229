using Tars.Host.Sharding;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Host.Sharding;

/// <summary>A swap for which all shards are to stand still is forgotten when it has ended, and not when another has.
/// </summary>
/// <remarks>A kept run tells of a refusal when the disk has it, so it may come when the next swap is ready.</remarks>
public sealed class ReadySwapTests
{
    private readonly ReadySwap _ready = new();

    [Fact]
    public void The_refusal_of_another_swap_leaves_it_waiting()
    {
        _ready.Begin(new SwapReadiness(Ticket: 2, Now: null!, Newcomers: [])); // Nobody looks at the version.
        _ready.End(Report(ticket: 0));
        _ready.End(Report(ticket: 1));
        Assert.True(_ready.IsWaiting);
        Assert.Equal(2, _ready.Take()?.Ticket);
        Assert.False(_ready.IsWaiting);
    }

    [Fact]
    public void Its_own_end_is_one_and_who_recovers_knows_it_still()
    {
        _ready.Begin(new SwapReadiness(Ticket: 2, Now: null!, Newcomers: [])); // The same.
        _ready.End(Report(ticket: 2));
        Assert.False(_ready.IsWaiting);
        Assert.Null(_ready.Take());
        Assert.Equal(2, _ready.Newest?.Ticket);
    }

    private static SwapReport Report(long ticket) =>
        new("one", "1.0.0", "1.1.0", IsReturn: false, "", ["another swap is under way"], [], [], 0, System: null!)
        {
            Ticket = ticket, // Nor at the system.
        };
}
