using Tars.Kernel.Ports;
using Tars.Kernel.Processes;
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

    private const string Writers = """
        tars: 1
        module: letters
        version: 1.0.0
        summary: A root that writes to many.

        capabilities:
          subscribe: { more: int, write: int, read: int }
          spawn: { member: 40 }
          publish: { sum: int }

        agentic:
          agents:
            root:
              role: Writes.
              state:
                members: list<ref<member>> = []
                written: int = 0
                total: int = 0
                answers: int = 0
              handlers:
                message more as count:
                  do: |
                    for i in 0..count {
                      let one = spawn member(by = self)
                      members.push(one)
                    }
                message write as length:
                  do: |
                    let one = members[written % members.len()]
                    tell one.take(letter = list_of(length, "x").join(""))
                    written += 1
                message read as length:
                  do: |
                    total = 0
                    answers = 0
                    for one in members { tell one.count() }
                ask counted:
                  with: { octets: int }
                  do: |
                    total += octets
                    answers += 1
                    if answers == members.len() { publish("sum", total) }
            member:
              role: Keeps what is written.
              starts: by_spawn
              state:
                by: ref<root>
                octets: int = 0
              handlers:
                ask take:
                  with: { letter: text }
                  do: |
                    octets += letter.size()
                ask count:
                  do: |
                    tell by.counted(octets = octets)
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

    // Small mail lies in a page with much else, long mail in many, and what is longer than the ring moves it.
    [Theory]
    [InlineData(1)]
    [InlineData(20_000)]
    [InlineData(100_000)]
    public void What_was_written_into_the_rings_is_zero_once_they_are_let_go_of(int length)
    {
        var guests = new List<IGuest>();
        var (manifest, code) = CompiledModule.Of(Writers);
        var rig = new SystemRig(running: false) { WarmMax = 3 }.WithoutCheckpoints();
        rig.Add(manifest, Make).Boot().Message("more", SystemRig.Int(40));
        Assert.Equal(41, guests.Count);
        Assert.InRange(guests.Count(AreRingsUsed), 1, 1 + 3 + 8); // The root, who are warm, and who were just born.
        for (int member = 0; member < 40; member++)
        {
            rig.Message("write", SystemRig.Int(length));
        }

        Assert.Empty(rig.Letters);
        Assert.InRange(guests.Count(AreRingsUsed), 1, 1 + 3);
        rig.Message("read", SystemRig.Int(length));
        Assert.Contains($"{40 * length}", rig.Journal[^400..], StringComparison.Ordinal);
        Assert.InRange(guests.Count(AreRingsUsed), 1, 1 + 3);

        // The state comes to the new guests in their rings.
        guests.Clear();
        rig.Swap(rig.Image(manifest with { Version = "1.0.1" }, Make)).Message("read", SystemRig.Int(length));
        Assert.Equal(41, guests.Count);
        Assert.InRange(guests.Count(AreRingsUsed), 1, 1 + 3);

        IGuest Make()
        {
            guests.Add(CompiledModule.Instance(code));
            return guests[^1];
        }
    }

    private static bool AreRingsUsed(IGuest guest)
    {
        Assert.True(GuestView.TryOpen(guest, out var view));
        Assert.True(view.TryEvents(out var events));
        Assert.True(view.TryEffects(out var effects));
        return events.ContainsAnyExcept((byte)0) || effects.ContainsAnyExcept((byte)0);
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
