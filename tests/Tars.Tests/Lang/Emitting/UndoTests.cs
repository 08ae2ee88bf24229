using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Lang.Emitting;

/// <summary>
/// A trap anywhere takes the whole event back: the state is what it was, and what follows is as if it had not been.
/// </summary>
public sealed class UndoTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Events_stopped_at_any_place_change_nothing_now_or_later(ulong seed)
    {
        var random = new Xoshiro256(seed);
        using var disturbed = CompiledProcess.Start(Churn.Program);
        using var quiet = CompiledProcess.Start(Churn.Program);
        for (int step = 0; step < 60; step++)
        {
            var next = Any(disturbed, random);
            byte[] before = disturbed.Save();
            var stopped = disturbed.Run([Any(disturbed, random)], fuel: 200 + random.Next(200_000));
            if (stopped.Trap is not null)
            {
                Assert.Equal(FaultKind.OutOfFuel, stopped.Trap.Kind);
                Assert.Equal(before, disturbed.Save());
            }
            else
            {
                // It had enough fuel: both must have it.
                CatchUp(disturbed, quiet);
            }

            Assert.Null(disturbed.Run([next]).Trap);
            Assert.Null(quiet.Run([next]).Trap);
            Assert.Equal(quiet.Save(), disturbed.Save());
        }
    }

    [Fact]
    public void A_saved_state_can_be_loaded_by_another_process()
    {
        using var first = CompiledProcess.Start(Churn.Program);
        first.Run([first.Event("ask fill", "[100]"), first.Event("ask turn", "[33]")]);
        byte[] saved = first.Save();
        using var second = CompiledProcess.Start(Churn.Program);
        second.Run([second.Event("ask turn", "[5]")]);
        Assert.Null(second.Run([new GuestEvent(EventKind.Load, 0, 0, saved)]).Trap);
        Assert.Equal(saved, second.Save());
        first.Run([first.Event("ask turn", "[7]")]);
        second.Run([second.Event("ask turn", "[7]")]);
        Assert.Equal(first.Save(), second.Save());
    }

    [Fact]
    public void Bytes_that_are_no_event_of_the_handler_are_malformed()
    {
        using var process = CompiledProcess.Start(Churn.Program);
        byte[] before = process.Save();
        var turn = process.Event("ask turn", "[1]");
        Refused(turn with { Payload = [] });
        Refused(turn with { Payload = [.. turn.Payload, 0] });
        Refused(turn with { Payload = turn.Payload[..^1] });
        Refused(turn with { Handler = 99 });
        Refused(new GuestEvent((EventKind)77, 0, 0, []));
        Refused(new GuestEvent(EventKind.Load, 0, 0, before[..^1]));
        Refused(new GuestEvent(EventKind.Load, 0, 0, [.. before, 1]));

        void Refused(GuestEvent one)
        {
            Assert.Equal(GuestTrap.MalformedEvent, process.Run([one]).Trap?.Trap);
            Assert.Equal(before, process.Save());
        }
    }

    private static GuestEvent Any(CompiledProcess process, Xoshiro256 random) => random.Next(10) switch
    {
        < 5 => process.Event("ask turn", $"[{random.Next(60)}]"),
        < 9 => process.Event("ask fill", $"[{random.Next(120)}]"),
        _ => process.Event("ask clear"),
    };

    private static void CatchUp(CompiledProcess from, CompiledProcess to) =>
        Assert.Null(to.Run([new GuestEvent(EventKind.Load, 0, 0, from.Save())]).Trap);
}
