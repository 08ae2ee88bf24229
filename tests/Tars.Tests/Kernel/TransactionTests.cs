using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;
using Tars.Tests.Support;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel;

/// <summary>A handler commits or rolls back as a whole, whatever way its guest answers.</summary>
public sealed class TransactionTests
{
    public static IEnumerable<TheoryDataRow<bool>> Modes => SystemRig.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public void Messages_flow_between_modules_and_out(bool running)
    {
        var source = Of("source", Agent("main", Start, Message("in/+", TextType, captures: 1), Stop) with
        {
            Slots = [new(SlotKind.Channel, "out/+"), new(SlotKind.Device, "screen")],
            Operations = [Prints],
        }) with
        {
            Subscribes = [new("in/+", TextType)],
            Publishes = [new("out/+", TextType)],
            Devices = [new("screen", "console", Value: null, [])],
        };
        var sink = Of("sink", Agent("ear", Message("out/+", TextType, captures: 1))) with
        {
            Subscribes = [new("out/+", TextType)],
        };
        var rig = new SystemRig(running).Add(source, happened =>
        {
            if (happened is { Kind: EventKind.Handler, Handler: 1 })
            {
                var reader = new ByteReader(happened.Payload);
                var (text, place) = (reader.Text(), reader.Text());
                happened.Publish(0, $"out/{place}", SystemRig.Text(text + "!"));
                happened.Publish(0, "out/quiet", SystemRig.Text("psst"));
                happened.Send(1, 0, SystemRig.Text($"{place} says {text}"));
            }
            else if (happened.Kind == EventKind.Handler)
            {
                happened.Log(happened.Handler == 0 ? "hello" : "bye");
            }
        });
        rig.Add(sink, happened =>
        {
            if (happened.Kind == EventKind.Handler)
            {
                happened.Log($"heard {happened.Text}");
            }
        });
        rig.Boot().Message("in/attic", SystemRig.Text("creak")).Message("in/attic", [1]).Message("else", []).Stop();
        Golden.CheckWhole(Golden.Path("kernel/messages.txt"), rig.Journal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_trap_undoes_state_and_effects_of_its_event_and_of_no_other(bool running)
    {
        var rig = Counter(running, TrapPolicy.Continue);
        foreach (int number in new[] { 1, 2, 13, 4 })
        {
            rig.Message("add", SystemRig.Int(number));
        }

        Golden.CheckWhole(Golden.Path("kernel/trap-continue.txt"), rig.Journal);
        var letter = Assert.Single(rig.Letters);
        Assert.Equal((GuestTrap.AssertionFailed, 7u, 0), (letter.Trap, letter.Site, letter.Handler));
        Assert.Equal(SystemRig.Int(13), letter.Payload);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Restart_begins_anew_until_there_were_too_many(bool running)
    {
        var rig = Counter(running, TrapPolicy.Restart);
        foreach (int number in new[] { 1, 13, 2, 13, 13, 13, 5 })
        {
            rig.Message("add", SystemRig.Int(number));
        }

        Golden.CheckWhole(Golden.Path("kernel/trap-restart.txt"), rig.Journal);
        Assert.Equal(0, rig.Last.Alive);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Stop_ends_the_process_and_its_mail_is_counted(bool running)
    {
        var rig = Counter(running, TrapPolicy.Stop);
        rig.Message("add", SystemRig.Int(13)).Message("add", SystemRig.Int(1));
        Golden.CheckWhole(Golden.Path("kernel/trap-stop.txt"), rig.Journal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Only_the_first_event_of_a_batch_can_be_out_of_fuel(bool running)
    {
        var limits = new LimitSpec(100, Memory: null, FuelPerSecond: null, Sends: null);
        var agent = Agent("a", Lines("input")) with { Limits = limits };
        var manifest = Of("m", agent) with { Devices = [new("input", "lines", Value: null, [])] };
        var rig = new SystemRig(running).Add(manifest, happened =>
        {
            if (happened.Kind == EventKind.Handler && happened.Line() is { } line)
            {
                happened[0] += 1;
                happened.Burn(long.Parse(line, System.Globalization.CultureInfo.InvariantCulture));
                happened.Log($"{line} after {happened[0]}");
            }
        });
        rig.Boot().Lines("input", last: true, "30", "30", "30", "80", "200", "90", "1");
        Golden.CheckWhole(Golden.Path("kernel/fuel.txt"), rig.Journal);
        Assert.Equal(FaultKind.OutOfFuel, Assert.Single(rig.Letters).Fault);
        Assert.Single(rig.Taken);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_full_effect_ring_is_the_trap_of_a_single_event_only(bool running)
    {
        var manifest = Of("m", Agent("a", Lines("input"))) with { Devices = [new("input", "lines", Value: null, [])] };
        var rig = new SystemRig(running).Add(manifest, happened =>
        {
            if (happened.Kind == EventKind.Handler && happened.Line() is { } line)
            {
                for (int times = int.Parse(line, System.Globalization.CultureInfo.InvariantCulture); 0 < times; times--)
                {
                    happened.Log(new string('x', 100));
                }
            }
        });
        rig.Boot().Lines("input", last: false, "10", "10", "14", "20", "1");
        Assert.Equal(FaultKind.EffectsFull, Assert.Single(rig.Letters).Fault);
        Assert.Equal(35, rig.Journal.Split("#1 logs").Length - 1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_guest_without_an_undo_log_is_undone_by_copy(bool running)
    {
        var manifest = Of("m", Agent("a", Message("add", IntType))) with { Subscribes = [new("add", IntType)] };
        var rig = new SystemRig(running).Add(manifest, () => new ScriptedGuest(
            happened =>
            {
                if (happened.Kind == EventKind.Handler)
                {
                    happened[0] += happened.Number();
                    happened.Log($"{happened[0]}");
                    if (happened.Number() == 13)
                    {
                        ScriptedEvent.Fail();
                    }
                }
            },
            keepsUndoLog: false));
        rig.Boot();
        foreach (int number in new[] { 1, 13, 4 })
        {
            rig.Message("add", SystemRig.Int(number));
        }

        Assert.Contains("#1 logs 5\n", rig.Journal, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void The_result_does_not_depend_on_how_events_are_cut_into_batches(bool running)
    {
        var expected = Run(running, eventsSize: 64);
        foreach (int size in new[] { 128, 512, 4000 })
        {
            Assert.Equal(expected, Run(running, size));
        }

        static string Run(bool running, int eventsSize)
        {
            var manifest = Of("m", Agent("a", Lines("input"), Timer("t"))) with
            {
                Devices = [new("input", "lines", Value: null, [])],
            };
            var rig = new SystemRig(running).Add(manifest, () => new ScriptedGuest(
                happened =>
                {
                    if (happened.Kind != EventKind.Handler || happened.Handler != 0)
                    {
                        return;
                    }

                    happened[0] += 1;
                    if (happened.Line() is { } line)
                    {
                        happened[1] += line.Length;
                        if (happened[0] % 5 == 0)
                        {
                            ScriptedEvent.Fail();
                        }

                        happened.Log($"{happened[0]} {happened[1]} {line}");
                        if (happened[0] % 7 == 0)
                        {
                            happened.Call(HostCall.SetTimer, 1, 1_000_000_000L, 0L);
                        }
                    }
                },
                eventsSize: eventsSize));
            rig.Boot();
            rig.Lines("input", last: true, [.. Enumerable.Range(0, 200).Select(index => new string('y', index % 60))]);
            return string.Join(
                '\n', rig.Journal.Split('\n').Where(line => line.Contains("logs", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void An_event_that_is_too_large_is_a_dead_letter_and_its_process_goes_on()
    {
        var manifest = Of("m", Agent("a", Message("add", TextType))) with { Subscribes = [new("add", TextType)] };
        var rig = new SystemRig(running: false).Add(manifest, happened =>
        {
            if (happened.Kind == EventKind.Handler)
            {
                happened.Log($"{happened.Text.Length}");
            }
        });
        rig.Boot().Message("add", SystemRig.Text(new string('a', 500_000)));
        rig.Message("add", SystemRig.Text(new string('a', 2_000_000))).Message("add", SystemRig.Text("a"));
        Assert.Contains("logs 500000\n", rig.Journal, StringComparison.Ordinal);
        Assert.Contains("logs 1\n", rig.Journal, StringComparison.Ordinal);
        Assert.Equal(GuestTrap.OutOfMemory, Assert.Single(rig.Letters).Trap);
    }

    // The copy that it is undone by is of before the call that failed, not of before one that was committed.
    [Fact]
    public void A_ring_that_cannot_grow_takes_nothing_back_of_a_guest_without_an_undo_log()
    {
        var manifest = Of("m", Agent("a", Message("add", TextType))) with { Subscribes = [new("add", TextType)] };
        var rig = new SystemRig(running: false).WithoutCheckpoints().Add(manifest, () => new ScriptedGuest(
            happened =>
            {
                if (happened.Kind == EventKind.Handler)
                {
                    happened[0] += happened.Text.Length;
                    happened.Log($"{happened[0]}");
                }
            },
            keepsUndoLog: false));
        rig.Boot().Message("add", SystemRig.Text("aa"));
        rig.Message("add", SystemRig.Text(new string('a', 2_000_000))).Message("add", SystemRig.Text("a"));
        Assert.Contains("logs 2\n", rig.Journal, StringComparison.Ordinal);
        Assert.Contains("logs 3\n", rig.Journal, StringComparison.Ordinal);
        Assert.Equal(GuestTrap.OutOfMemory, Assert.Single(rig.Letters).Trap);
    }

    // Adds what it is sent, and traps at 13 after it has written and called.
    private static SystemRig Counter(bool running, TrapPolicy policy)
    {
        var manifest = Of("m", Agent("a", Message("add", IntType), Start) with { OnTrap = policy }) with
        {
            Subscribes = [new("add", IntType)],
        };
        return new SystemRig(running).Add(manifest, happened =>
        {
            if (happened.Kind != EventKind.Handler)
            {
                return;
            }

            if (happened.Handler == 1)
            {
                happened.Log("starts");
                return;
            }

            happened[0] += happened.Number();
            happened[1] = happened[0];
            happened[0] += 0;
            happened.Log($"sum {happened[0]}");
            if (happened.Number() == 13)
            {
                happened.Site(7);
                ScriptedEvent.Fail();
            }
        }).Boot();
    }
}
