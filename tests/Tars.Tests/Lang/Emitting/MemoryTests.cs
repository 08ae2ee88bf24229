using Tars.Bundle.Abi;
using Xunit;

namespace Tars.Tests.Lang.Emitting;

/// <summary>Memory follows what a process keeps, not how long it runs.</summary>
public sealed class MemoryTests
{
    private const int Megabyte = 1024 * 1024;

    [Fact]
    public void Neither_many_events_nor_many_turns_of_one_handler_grow_the_memory()
    {
        using var process = CompiledProcess.Start(Churn.Program);
        Assert.Null(process.Run([process.Event("ask turn", "[100000]")]).Trap);
        Assert.Null(process.Run([.. Enumerable.Repeat(process.Event("ask turn", "[1]"), 20_000)], batch: 500).Trap);
        Assert.InRange(process.MemorySize, 1, Megabyte);
        Assert.Contains("last = \"turn 0 of 1 and some more text\"", process.StateText());
    }

    [Fact]
    public void A_handler_with_ten_million_turns_stays_below_a_megabyte()
    {
        using var process = CompiledProcess.Start(Churn.Program);
        Assert.Null(process.Run([process.Event("ask write", "[10000000]")]).Trap);
        Assert.InRange(process.MemorySize, 1, Megabyte);
        Assert.Contains("last = \"turn 9999999 of 10000000\"", process.StateText());
    }

    [Fact]
    public void A_million_events_stay_below_a_megabyte()
    {
        using var process = CompiledProcess.Start(Churn.Program);
        GuestEvent[] batch = [.. Enumerable.Repeat(process.Event("ask turn", "[1]"), 1_000)];
        for (int round = 0; round < 1_000; round++)
        {
            Assert.Null(process.Run(batch).Trap);
        }

        Assert.InRange(process.MemorySize, 1, Megabyte);
    }

    [Fact]
    public void Values_that_die_are_reused_and_a_second_round_takes_no_more()
    {
        using var process = CompiledProcess.Start(Churn.Program);
        var fill = process.Event("ask fill", "[3000]");
        var clear = process.Event("ask clear");
        process.Run([fill, clear]);
        int once = process.MemorySize;
        for (int round = 0; round < 5; round++)
        {
            Assert.Null(process.Run([fill, clear]).Trap);
        }

        // A block freed in an event that saved it is on its list from the next event on, so one round may still add.
        Assert.InRange(process.MemorySize, once, once + (once / 2));
    }

    // A hundred thousand that wait have two pages each, and a birth takes two page faults.
    [Fact]
    public void A_birth_takes_the_first_page_and_one_of_the_state_and_a_small_event_one_for_its_frame()
    {
        using var process = CompiledProcess.Start("""
            tars: 1
            module: waits
            version: 1.0.0
            summary: Waits.

            capabilities:
              subscribe: { visit: int }

            agentic:
              agents:
                main:
                  role: Waits.
                  state:
                    number: int = 7
                    visits: int = 0
                    name: text = "nobody"
                  handlers:
                    message visit as count:
                      do: |
                        visits += count
                        name = "somebody"
            """);
        Assert.Equal([0, process.StateBase / 4096 * 4096], process.UsedPages);
        Assert.Null(process.Run([process.Event("message visit", "[7]")]).Trap);
        Assert.Equal(3, process.UsedPages.Length);
        Assert.Contains("visits = 7", process.StateText(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_handler_that_allocates_for_ever_is_out_of_memory_and_leaves_no_trace()
    {
        using var process = CompiledProcess.Start(Churn.Program);
        process.Run([process.Event("ask fill", "[10]")]);
        byte[] before = process.Save();
        var outcome = process.Run([process.Event("ask hoard")]);
        Assert.Equal(GuestTrap.OutOfMemory, outcome.Trap?.Trap);
        Assert.Equal(before, process.Save());
        Assert.Null(process.Run([process.Event("ask fill", "[10]")]).Trap);
    }
}
