using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>Processes that waited for so long that their rings were taken work as if nothing had happened.</summary>
public sealed class WarmProcessTests
{
    private const string Crowd = """
        tars: 1
        module: crowd
        version: 1.0.0
        summary: A root and many that wait.

        capabilities:
          subscribe: { more: int, visit: int }
          spawn: { member: 600 }
          publish: { total: int }

        agentic:
          agents:
            root:
              role: Spawns, visits, counts.
              mailbox: { length: 10000, when_full: reject }
              state:
                members: list<ref<member>> = []
                next: int = 0
                total: int = 0
              handlers:
                message more as count:
                  do: |
                    for i in 0..count {
                      let one = spawn member(by = self, number = members.len())
                      members.push(one)
                    }
                message visit as count:
                  do: |
                    for i in 0..count {
                      let one = members[next % members.len()]
                      tell one.visit()
                      next += 1
                    }
                ask back:
                  with: { visits: int }
                  do: |
                    total += visits
                    publish("total", total)
            member:
              role: Waits.
              starts: by_spawn
              state:
                by: ref<root>
                number: int
                visits: int = 0
              handlers:
                ask visit:
                  do: |
                    visits += 1
                    tell by.back(visits = visits)
        """;

    // Of six hundred five hundred keep their rings, which is what twenty thousand come to with the kernel's own bound.
    [Fact]
    public void More_processes_than_may_be_warm_are_visited_twice_and_none_forgets()
    {
        var rig = new SystemRig(running: false) { WarmMax = 500 }.Add(Crowd).Boot();
        for (int some = 0; some < 6; some++)
        {
            rig.Message("more", SystemRig.Int(100));
        }

        for (int some = 0; some < 12; some++)
        {
            rig.Message("visit", SystemRig.Int(100));
        }

        // The first visit counts one of each, the second two.
        Assert.Contains("1800", rig.Journal[^400..], StringComparison.Ordinal);
        Assert.Empty(rig.Letters);
    }

    // All of them run at once: none may be let go of for another, and least of all who is about to run.
    [Theory]
    [InlineData(null)]
    [InlineData(3)]
    public void More_are_born_at_once_than_newborns_may_be_warm_and_each_is_given_its_state(int? most)
    {
        var rig = new SystemRig(running: true) { WarmMax = most }.Add(Crowd).Boot();
        rig.Message("more", SystemRig.Int(40));
        rig.Message("visit", SystemRig.Int(40));
        Assert.Empty(rig.Letters);
        Assert.Contains("40", rig.Journal[^100..], StringComparison.Ordinal);
        Assert.DoesNotContain(rig.Kernel.Report().Processes, one => one.IsEnded);
    }
}
