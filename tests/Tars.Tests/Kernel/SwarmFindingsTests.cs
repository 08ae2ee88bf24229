using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>What the swarm of tests/Tars.Sim has found in the kernel, each as small as it can be told.</summary>
public sealed class SwarmFindingsTests
{
    public static IEnumerable<TheoryDataRow<bool>> Modes => SystemRig.Modes;

    [Fact]
    public void A_subscriber_that_is_full_does_not_keep_a_message_from_the_others()
    {
        var rig = new SystemRig(running: false).Add("""
            tars: 1
            module: radio
            version: 1.0.0
            summary: One is slow.

            capabilities:
              subscribe: { go: int, news: int }
              publish: { news: int }

            agentic:
              agents:
                slow:
                  role: Takes one message at a time.
                  mailbox: { length: 1, when_full: reject }
                  handlers:
                    message news as n:
                      do: |
                        log("slow {n}")

                speaker:
                  role: Speaks.
                  handlers:
                    message go as n:
                      do: |
                        for i in 0..n { publish("news", i) }

                quick:
                  role: Hears all.
                  handlers:
                    message news as n:
                      do: |
                        log("quick {n}")
            """);
        rig.Boot().Message("go", SystemRig.Int(3));
        Assert.Contains("quick 2", rig.Journal, StringComparison.Ordinal);
        Assert.DoesNotContain("slow 1", rig.Journal, StringComparison.Ordinal);
    }

    [Fact]
    public void The_end_of_a_child_does_not_give_way_to_newer_messages()
    {
        var rig = new SystemRig(running: true).Add("""
            tars: 1
            module: home
            version: 1.0.0
            summary: A parent that is busy.

            capabilities:
              subscribe: { go: int }
              spawn: { child: 1 }

            agentic:
              agents:
                parent:
                  role: Has children.
                  mailbox: { length: 1, when_full: drop_oldest }
                  handlers:
                    message go as n:
                      do: |
                        for i in 0..n { spawn child() }
                        log("go {n}")

                    exit child as gone:
                      do: |
                        log("gone")

                child:
                  role: Lives.
                  starts: by_spawn
                  handlers:
                    ask rest:
                      do: |
                        exit()
            """);
        rig.Boot();
        rig.Once("three children, of which one may live", Go(rig, 3));
        rig.Deliver(1);
        rig.Once("more to do", Go(rig, 0));
        rig.Message("go", SystemRig.Int(0));
        Assert.Equal(2, rig.Journal.Split("logs gone").Length - 1);
    }

    [Fact]
    public void An_ask_that_was_refused_for_a_circle_is_none_that_others_are_caught_in()
    {
        var rig = new SystemRig(running: true).Add("""
            tars: 1
            module: ring
            version: 1.0.0
            summary: Three that ask each other.

            capabilities:
              subscribe: { go/+: int }

            agentic:
              agents:
                a:
                  role: Asks c.
                  handlers:
                    message go/a as n:
                      do: |
                        let got = ask c.serve(n = n) within 1s else { return }
                        log("a has {got}")

                    ask serve:
                      with: { n: int }
                      returns: int
                      do: |
                        return n

                b:
                  role: Asks a.
                  handlers:
                    message go/b as n:
                      do: |
                        let got = ask a.serve(n = n) within 1s else { return }
                        log("b has {got}")

                c:
                  role: Asks a as well.
                  handlers:
                    ask serve:
                      with: { n: int }
                      returns: int
                      do: |
                        let got = ask a.serve(n = n) within 1s else { return -1 }
                        return got
            """);
        rig.Boot();
        rig.Once("a asks c", new KernelEvent.Message(rig.At, "go/a", [.. SystemRig.Int(1)]));
        rig.Deliver(1);
        rig.Once("b is to ask a", new KernelEvent.Message(rig.At, "go/b", [.. SystemRig.Int(2)]));
        rig.Wait(0);
        Assert.Contains("a has -1", rig.Journal, StringComparison.Ordinal);
        Assert.Contains("b has 2", rig.Journal, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Capabilities_keep_their_places_when_several_neighbours_have_ended(bool running)
    {
        var rig = new SystemRig(running).Add("""
            tars: 1
            module: street
            version: 1.0.0
            summary: Two that leave and one that begins anew.

            capabilities:
              subscribe: { go/+: int }
              publish: { out: int }

            agentic:
              agents:
                first:
                  role: Leaves.
                  handlers:
                    message go/first as n:
                      do: |
                        exit()

                    ask hear:
                      do: |
                        log("heard")

                second:
                  role: Leaves.
                  handlers:
                    message go/second as n:
                      do: |
                        exit()

                    ask hear:
                      do: |
                        log("heard")

                last:
                  role: Stays.
                  on_trap: restart
                  handlers:
                    message go/last as n:
                      do: |
                        if n == 0 { fail "as told" }
                        tell first.hear()
                        tell second.hear()
                        publish("out", n)
            """);
        rig.Boot().Message("go/first", SystemRig.Int(1)).Message("go/second", SystemRig.Int(1));
        rig.Message("go/last", SystemRig.Int(0)).Message("go/last", SystemRig.Int(7));
        Assert.Contains("#3 publishes out 7", rig.Journal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tick_in_the_guests_hands_ends_with_the_process_that_is_lost()
    {
        var rig = new SystemRig(running: true).Add("""
            tars: 1
            module: clockwork
            version: 1.0.0
            summary: Ticks.

            capabilities:
              subscribe: { go: int, fall: int }
              timers: { shortest: 1s }

            agentic:
              supervision: { strategy: one_for_all, restarts: 3, within: 1s }
              agents:
                one:
                  role: Sets a timer when it is told.
                  handlers:
                    message go as n:
                      do: |
                        after 1s ring

                    timer ring:
                      do: |
                        log("rings")

                two:
                  role: Falls.
                  on_trap: restart
                  handlers:
                    message fall as n:
                      do: |
                        fail "as told"
            """);
        rig.Boot().Message("go", SystemRig.Int(1));
        rig.Once("the other begins to fall", new KernelEvent.Message(rig.At, "fall", [.. SystemRig.Int(1)]));
        rig.Pass(1);
        rig.Once("the tick enters its guest", new KernelEvent.Turn(rig.At));
        rig.Wait(0);
        Assert.DoesNotContain("rings", rig.Journal, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_lost_process_still_had_to_send_is_audited()
    {
        var rig = new SystemRig(running: true).Add("""
            tars: 1
            module: talk
            version: 1.0.0
            summary: One is slow, and one waits for it.

            capabilities:
              subscribe: { go: int }

            agentic:
              agents:
                slow:
                  role: Takes one message at a time.
                  mailbox: { length: 1, when_full: block }
                  handlers:
                    ask hear:
                      with: { n: int }
                      do: |
                        log("slow {n}")

                speaker:
                  role: Speaks.
                  handlers:
                    message go as n:
                      do: |
                        for i in 0..n { tell slow.hear(n = i) }
            """);
        rig.Boot();
        rig.Once("three sentences", Go(rig, 3));
        rig.Deliver(1);
        rig.Once("the speaker is lost", new KernelEvent.Crash(rig.At, "talk", "speaker"));
        Assert.Contains(
            "#2 outbox speaker: the process ended before there was room (2)", rig.Journal, StringComparison.Ordinal);
        rig.Wait(0);
        Assert.Equal(1, rig.Journal.Split("logs slow").Length - 1);
    }

    [Fact]
    public void Who_has_to_end_does_not_begin_anew_because_it_is_lost_as_well()
    {
        var rig = new SystemRig(running: true).Add("""
            tars: 1
            module: group
            version: 1.0.0
            summary: One falls too often, and the other ends with it.

            capabilities:
              subscribe: { go/+: int }

            agentic:
              supervision: { strategy: one_for_one, restarts: 1, within: 1s }
              agents:
                one:
                  role: Falls.
                  on_trap: restart
                  handlers:
                    message go/one as n:
                      do: |
                        fail "as told"

                two:
                  role: Works.
                  handlers:
                    message go/two as n:
                      do: |
                        log("works")
            """);
        rig.Boot().Message("go/one", SystemRig.Int(1));
        rig.Once("the one falls again", new KernelEvent.Message(rig.At, "go/one", [.. SystemRig.Int(1)]));
        rig.Once("the other works", new KernelEvent.Message(rig.At, "go/two", [.. SystemRig.Int(1)]));
        rig.Deliver(1);
        rig.Once("and is lost", new KernelEvent.Crash(rig.At, "group", "two"));
        rig.Wait(0);
        Assert.Empty(rig.Kernel.Status());
    }

    [Fact]
    public void A_dead_letter_of_a_process_that_has_ended_is_one_of_the_new_version_after_a_swap()
    {
        // The rig goes on from a checkpoint after every step; a letter of no version made one that nobody could read.
        var rig = new SystemRig(running: false).Add(Falling("1.0.0", "n: int")).Boot();
        rig.Message("go", SystemRig.Int(1));
        Assert.Empty(rig.Kernel.Status());
        rig.Swap(Falling("1.1.0", "n: int, more: int = 3"));
        Assert.True(rig.Swaps[0].IsDone, string.Join("; ", rig.Swaps[0].Refusals));
        var letter = Assert.Single(rig.Kernel.DeadLetters);
        Assert.Equal(16, letter.Event.Length);
    }

    private static string Falling(string version, string fields) => $$"""
        tars: 1
        module: fall
        version: {{version}}
        summary: Falls once.

        capabilities:
          subscribe: { go: Word }

        types:
          Word: { {{fields}} }

        agentic:
          agents:
            one:
              role: Falls.
              on_trap: stop
              handlers:
                message go as word:
                  do: |
                    fail "as told"
        """;

    private static KernelEvent.Message Go(SystemRig rig, long number) =>
        new(rig.At, "go", [.. SystemRig.Int(number)]);
}
