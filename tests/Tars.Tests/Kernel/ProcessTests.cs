using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;
using Tars.Tests.Support;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel;

/// <summary>
/// Timers, mailboxes, asks, beliefs, parameters and the end: what happens between processes and around them.
/// </summary>
public sealed class ProcessTests
{
    public static IEnumerable<TheoryDataRow<bool>> Modes => SystemRig.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public void Timers_are_aligned_merge_and_can_be_cancelled(bool running)
    {
        var manifest = Of("m", Agent("a", Start, Timer("tick"), Timer("once"), Message("stop", UnitType))) with
        {
            Subscribes = [new("stop", UnitType)],
        };
        var rig = new SystemRig(running).Add(manifest, happened =>
        {
            if (happened.Kind != EventKind.Handler)
            {
                return;
            }

            switch (happened.Handler)
            {
                case 0:
                    happened.Call(HostCall.SetTimer, 1, 1_000_000_000L, 1_000_000_000L);
                    happened.Call(HostCall.SetTimer, 2, 2_500_000_000L, 0L);
                    happened.Call(HostCall.SetTimer, 1, 10L, 0L);
                    happened.Call(HostCall.SetTimer, 0, 10_000_000L, 0L);
                    break;
                case 3:
                    happened.Call(HostCall.CancelTimer, 1);
                    break;
                default:
                    happened.Log($"timer {happened.Handler} stands for {happened.Turns}");
                    break;
            }
        });
        rig.Boot().Wait(1).Wait(0.5).Wait(1.1).Wait(4.4).Message("stop", []).Wait(10);
        Golden.CheckWhole(Golden.Path("kernel/timers.txt"), rig.Journal);
        Assert.Null(rig.Last.NextDue);
    }

    [Theory]
    [InlineData(WhenFull.Reject)]
    [InlineData(WhenFull.DropOldest)]
    [InlineData(WhenFull.Block)]
    public void A_full_mailbox_does_what_it_says(WhenFull policy)
    {
        var manifest = Of(
            "m",
            Agent("loud", Message("go", UnitType), Refused) with
            {
                Slots = [new(SlotKind.Agent, "slow")],
                Operations = [Tells("slow", "take", IntType)],
            },
            Agent("slow", Ask("take", IntType, UnitType)) with { Mailbox = new MailboxSpec(3, policy) }) with
        {
            Subscribes = [new("go", UnitType)],
        };
        var rig = new SystemRig(running: false).Add(manifest, happened =>
        {
            if (happened.Kind != EventKind.Handler)
            {
                return;
            }

            if (happened.Payload.Length == 0)
            {
                for (int number = 1; number <= 6; number++)
                {
                    happened.Send(0, 0, SystemRig.Int(number));
                }
            }
            else
            {
                happened.Log(happened.Payload.Length == 8 ? $"took {happened.Number()}" : $"refused {happened.Turns}");
            }
        });
        rig.Boot().Message("go", []).Message("go", []);
        var name = policy.ToString().ToLowerInvariant();
        Golden.CheckWhole(Golden.Path($"kernel/mailbox-{name}.txt"), rig.Journal);
    }

    [Fact]
    public void Blocked_senders_that_wait_for_each_other_do_not_stand_still()
    {
        AgentSpec One(string name, string other) =>
            Agent(name, Message("go", UnitType), Ask("take", IntType, UnitType)) with
            {
                Slots = [new(SlotKind.Agent, other)],
                Operations = [Tells(other, "take", IntType)],
                Mailbox = new MailboxSpec(2, WhenFull.Block),
            };
        var manifest = Of("m", One("left", "right"), One("right", "left")) with { Subscribes = [new("go", UnitType)] };
        var rig = new SystemRig(running: false).Add(manifest, happened =>
        {
            if (happened.Kind == EventKind.Handler && (happened.Handler == 0 || happened.Number() < 3))
            {
                long next = happened.Handler == 0 ? 1 : happened.Number() + 1;
                for (int copy = 0; copy < 4; copy++)
                {
                    happened.Send(0, 0, SystemRig.Int(next));
                }
            }
        });
        rig.Boot().Message("go", []);
        Assert.Contains("waiting would close a cycle", rig.Journal, StringComparison.Ordinal);
        Assert.All(rig.Kernel.Report().Processes, process => Assert.Equal(0, process.Waiting));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void An_ask_is_answered_once_in_one_of_all_ways(bool running)
    {
        var asker = Agent("asker", Message("go", IntType), Timer("t")) with
        {
            Slots = [new(SlotKind.Agent, "oracle")],
            Operations = [Asks("oracle", "question", IntType, IntType)],
            Continuations = [Continuation(IntType)],
        };
        var manifest = Of("m", asker, Agent("oracle", Ask("question", IntType, IntType))) with
        {
            Subscribes = [new("go", IntType)],
        };
        var rig = new SystemRig(running).Add(manifest, happened =>
        {
            if (happened.Kind == EventKind.Birth)
            {
                happened[31] = new ByteReader(happened.Payload).U32();
            }

            if (happened.Kind == EventKind.Answer)
            {
                happened.Log(happened.Answer());
            }

            if (happened.Kind != EventKind.Handler)
            {
                return;
            }

            if (happened[31] == 1)
            {
                Oracle(happened);
                return;
            }

            happened.Log($"asks {happened.Number()}");
            happened.Call(HostCall.Ask, 0, 0, 1_000_000_000L, 0, SystemRig.Int(happened.Number()));
        });
        rig.Boot();
        foreach (int number in new[] { 1, 2, 3, 4, 5, 6 })
        {
            rig.Message("go", SystemRig.Int(number));
        }

        Golden.CheckWhole(Golden.Path("kernel/asks.txt"), rig.Journal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Evidence_changes_beliefs_at_the_commit_and_params_change_between_events(bool running)
    {
        var manifest = Of("m", Agent("a", Message("see", new SchemaType.Float()))) with
        {
            Subscribes = [new("see", new SchemaType.Float())],
            Beliefs = new BeliefGraphSpec(
                "a", [new("dry", "", 0.3), new("water", "", 0.2)], [new(0, 1, Supports: true, 0.8)]),
            Params = [new("p", IntType, [.. SystemRig.Int(5)], [.. SystemRig.Int(0)], [.. SystemRig.Int(9)], "")],
            Metrics = [new("seen", MetricKind.Mean, Maximize: true, "", "", MetricSource.Module)],
        };
        var rig = new SystemRig(running).Add(manifest, happened =>
        {
            var reader = new ByteReader(happened.Payload);
            switch (happened.Kind)
            {
                case EventKind.Beliefs:
                    happened.Log(FormattableString.Invariant($"beliefs {reader.F64():0.000} {reader.F64():0.000}"));
                    break;
                case EventKind.Params:
                    happened.Log($"p is {reader.I64()}");
                    break;
                case EventKind.Handler:
                    double value = reader.F64();
                    happened.Call(HostCall.Observe, 0, value, value == 0.5 ? 1 : 0);
                    happened.Call(HostCall.Metric, 0, value);
                    break;
            }
        });
        rig.Boot();
        See(1.0).Set("m", "p", SystemRig.Int(7)).Set("m", "p", SystemRig.Int(10)).Set("m", "q", []);
        See(0.0);
        See(2.0);
        See(0.5);
        See(0.5);
        Golden.CheckWhole(Golden.Path("kernel/beliefs.txt"), rig.Journal);
        Assert.Equal(0.8, Assert.Single(rig.Kernel.Report().Metrics[0].Metrics).Value);

        SystemRig See(double value)
        {
            var bytes = new ByteWriter();
            bytes.F64(value);
            return rig.Message("see", bytes.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void The_end_runs_stop_handlers_one_after_the_other_and_what_they_send_arrives(bool running)
    {
        AgentSpec One(string name) => Agent(name, Start, Stop, Message("last", TextType), Timer("t")) with
        {
            Slots = [new(SlotKind.Channel, "last")],
        };
        var manifest = Of("m", One("first"), One("second"), Agent("plain", Message("last", TextType))) with
        {
            Subscribes = [new("last", TextType)],
            Publishes = [new("last", TextType)],
        };
        var rig = new SystemRig(running).Add(manifest, happened =>
        {
            if (happened.Kind != EventKind.Handler)
            {
                return;
            }

            switch (happened.Handler)
            {
                case 0 when happened.Payload.Length == 0:
                    happened.Call(HostCall.SetTimer, 3, 1_000_000_000L, 1_000_000_000L);
                    break;
                case 1:
                    happened.Publish(0, "last", SystemRig.Text("words"));
                    break;
                default:
                    happened.Log($"{happened.Handler} hears {happened.Text}");
                    break;
            }
        });
        rig.Boot().Stop();
        Golden.CheckWhole(Golden.Path("kernel/stop.txt"), rig.Journal);
        Assert.Equal(0, rig.Last.Alive);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Exit_ends_the_batch_runs_stop_and_leaves_the_rest_of_the_mail(bool running)
    {
        var manifest = Of("m", Agent("a", Lines("input"), Stop)) with
        {
            Devices = [new("input", "lines", Value: null, [])],
        };
        var rig = new SystemRig(running).Add(manifest, happened =>
        {
            if (happened is { Kind: EventKind.Handler, Handler: 0 })
            {
                happened[0] += 1;
                if (happened.Line() == "quit")
                {
                    happened.Call(HostCall.Exit);
                }
            }
            else if (happened.Kind == EventKind.Handler)
            {
                happened.Log($"stopped after {happened[0]}");
            }
        });
        rig.Boot().Lines("input", last: true, "a", "quit", "b", "c");
        Golden.CheckWhole(Golden.Path("kernel/exit.txt"), rig.Journal);
        Assert.Single(rig.Taken);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_process_travels_in_a_message_and_a_slot_that_is_not_held_is_refused(bool running)
    {
        var who = new SchemaType.Ref("asker");
        var asker = Agent("asker", Start, Ask("back", IntType, UnitType), Refused) with
        {
            Slots = [new(SlotKind.Agent, "registry")],
            Operations = [Tells("registry", "enter", who), Tells("asker", "back", IntType)],
        };
        var registry = Agent("registry", Ask("enter", who, UnitType)) with
        {
            Operations = [Tells("asker", "back", IntType)],
        };
        var rig = new SystemRig(running).Add(Of("m", asker, registry), happened =>
        {
            var reader = new ByteReader(happened.Payload);
            if (happened.Kind == EventKind.Birth)
            {
                happened[1] = reader.U32();
                reader.I64();
                happened[0] = reader.I64();
            }
            else if (happened is { Kind: EventKind.Handler, Handler: 0 } && happened[1] == 0)
            {
                happened.Send(0, 0, SystemRig.Int(happened[0]));
                happened.Send(0, 0, SystemRig.Int(77));
                happened.Send(55, 0, SystemRig.Int(happened[0]));
                happened.Send(0, 9, SystemRig.Int(happened[0]));
                happened.Send(0, 1, SystemRig.Int(3));
            }
            else if (happened.Kind == EventKind.Handler && happened[1] == 1)
            {
                happened.Log("entered");
                happened.Send(reader.I64(), 0, SystemRig.Int(42));
            }
            else if (happened.Kind == EventKind.Handler)
            {
                happened.Log(
                    happened.Handler == 1 ? $"back {reader.I64()}"
                        : $"{reader.Text()} {reader.Text()}: {reader.Text()}");
            }
        });
        rig.Boot();
        Golden.CheckWhole(Golden.Path("kernel/slots.txt"), rig.Journal);
    }

    [Fact]
    public void Modules_whose_channels_have_different_types_are_not_joined()
    {
        var left = Of("left", Agent("a")) with { Publishes = [new("x/+", TextType)] };
        var right = Of("right", Agent("a", Message("x/y", IntType))) with { Subscribes = [new("x/y", IntType)] };
        var code = new ScriptedCode(() => new ScriptedGuest(_ => { }), later: null);
        var modules = new[] { left, right, left }.Select(manifest =>
            new ModuleImage(manifest, code, Tars.Bundle.DebugMap.DebugInfo.None, default));
        var refused = Assert.IsType<LinkResult.Refused>(SystemImage.Link([.. modules]));
        Assert.Equal(
            [
                "channel `x/y` is int in right and `x/+` is text in left",
                "module `left` stands twice",
                "channel `x/+` is text in left and `x/y` is int in right",
            ],
            refused.Reasons);
    }

    [Fact]
    public void An_operation_that_its_target_does_not_offer_is_not_linked()
    {
        var manifest = Of(
            "m", Agent("a") with { Operations = [Tells("b", "go", IntType)] },
                Agent("b", Ask("go", TextType, UnitType)));
        var code = new ScriptedCode(() => new ScriptedGuest(_ => { }), later: null);
        var refused = Assert.IsType<LinkResult.Refused>(
            SystemImage.Link([new ModuleImage(manifest, code, Tars.Bundle.DebugMap.DebugInfo.None, default)]));
        Assert.Equal("m.a: b has no operation `go` with {v0: int}", Assert.Single(refused.Reasons));
    }

    [Fact]
    public void Births_have_different_seeds_and_the_same_in_every_run()
    {
        Assert.Equal(Seeds(1), Seeds(1));
        Assert.NotEqual(Seeds(1), Seeds(2));
        Assert.Equal(2, Seeds(1).Distinct().Count());

        static List<long> Seeds(ulong run)
        {
            var seeds = new List<long>();
            new SystemRig(running: false).Add(Of("m", Agent("a"), Agent("b")), happened =>
            {
                var reader = new ByteReader(happened.Payload);
                reader.U32();
                seeds.Add(reader.I64());
            }).Boot(run);
            return seeds;
        }
    }

    // Answers, declines, says nothing, traps, answers twice, answers with something else.
    private static void Oracle(ScriptedEvent happened)
    {
        switch (happened.Number())
        {
            case 1:
                happened.Call(HostCall.Reply, 0, SystemRig.Int(100));
                break;
            case 2:
                happened.Call(HostCall.Reply, 1, new byte[] { 1, 0, 2, 0, 0, 0, (byte)'n', (byte)'o' });
                break;
            case 4:
                ScriptedEvent.Fail();
                break;
            case 5:
                happened.Call(HostCall.Reply, 0, SystemRig.Int(500));
                happened.Call(HostCall.Reply, 0, SystemRig.Int(501));
                break;
            case 6:
                happened.Call(HostCall.Reply, 0, new byte[] { 1 });
                break;
        }
    }
}
