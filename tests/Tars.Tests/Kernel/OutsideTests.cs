using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;
using Tars.Tests.Support;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel;

/// <summary>Asks that leave the system and asks that come into it, requests, crashes, and faults of messages.</summary>
public sealed class OutsideTests
{
    public static IEnumerable<TheoryDataRow<bool>> Modes => SystemRig.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_device_is_asked_and_answers_by_a_later_event(bool running)
    {
        var asker = Agent("asker", Message("go", TextType)) with
        {
            Slots = [new(SlotKind.Device, "numbers")],
            Operations =
            [
                new(SlotKind.Device, "query", "number", IsAsk: true, [new("query", TextType)], new SchemaType.Float()),
            ],
            Continuations = [Continuation(new SchemaType.Float())],
        };
        var manifest = Of("m", asker) with
        {
            Subscribes = [new("go", TextType)],
            Devices = [new("numbers", "query", Value: null, [])],
        };
        var rig = new SystemRig(running).Add(manifest, happened =>
        {
            if (happened.Kind == EventKind.Answer)
            {
                happened.Log(happened.Payload[0] == 0 ? "a value" : "a failure");
            }
            else if (happened.Kind == EventKind.Handler)
            {
                happened.Call(HostCall.Ask, 0, 0, 1_000_000_000L, 0, SystemRig.Text(happened.Text));
            }
        });
        rig.Boot().Message("go", SystemRig.Text("one"));
        Answer(rig, 0, new DeviceAnswer.Value([.. BitConverter.GetBytes(0.5)]));
        Answer(rig, 0, new DeviceAnswer.Value([.. BitConverter.GetBytes(0.7)]));
        rig.Message("go", SystemRig.Text("no value of its type"));
        Answer(rig, 1, new DeviceAnswer.Value([1, 2, 3]));
        rig.Message("go", SystemRig.Text("refused")).Message("go", SystemRig.Text("waits"));
        Answer(rig, 2, new DeviceAnswer.Failed(AskFailure.Unavailable, "it is off"));
        rig.Wait(2);
        Answer(rig, 3, new DeviceAnswer.Value([.. BitConverter.GetBytes(0.9)]));
        Golden.CheckWhole(Golden.Path("kernel/devices.txt"), rig.Journal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void The_outside_asks_and_is_answered_once_in_one_of_all_ways(bool running)
    {
        var manifest = Of("m", Agent("oracle", Ask("question", IntType, IntType)));
        var rig = new SystemRig(running).Add(manifest, happened =>
        {
            if (happened.Kind != EventKind.Handler)
            {
                return;
            }

            switch (happened.Number())
            {
                case 1:
                    happened.Call(HostCall.Reply, 0, SystemRig.Int(42));
                    break;
                case 2:
                    var refused = new ByteWriter();
                    refused.U16((ushort)AskFailure.Refused);
                    refused.Text("not today");
                    happened.Call(HostCall.Reply, 1, refused.ToArray());
                    break;
                case 3:
                    ScriptedEvent.Fail();
                    break;
                case 4:
                    happened.Call(HostCall.Reply, 0, new byte[] { 1 });
                    break;
                case 5:
                    happened.Call(HostCall.Exit);
                    break;
            }
        });
        rig.Boot();
        for (int number = 1; number <= 6; number++)
        {
            AskOracle(rig, number, "question", SystemRig.Int(number));
        }

        AskOracle(rig, 7, "riddle", []);
        AskOracle(rig, 8, "question", [1]);
        AskOracle(rig, 0, "question", SystemRig.Int(1));
        Golden.CheckWhole(Golden.Path("kernel/outside-asks.txt"), rig.Journal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_request_finds_its_route_and_has_a_process_of_its_own(bool running)
    {
        var door = Agent(
            "door",
            Http("GET /links/{slug}", captures: 1),
            Http("GET /links/new", captures: 0),
            Http("POST /links", captures: 0)) with
        {
            Starts = AgentStart.PerRequest,
            OnTrap = TrapPolicy.Stop,
        };
        var rig = new SystemRig(running).Add(Of("m", door), happened =>
        {
            if (happened.Kind == EventKind.Handler && happened.Handler == 2)
            {
                ScriptedEvent.Fail();
            }
            else if (happened.Kind == EventKind.Handler)
            {
                var response = new ByteWriter();
                response.I64(200 + happened.Handler);
                response.U32(0);
                response.U32(0);
                happened.Call(HostCall.Reply, 0, response.ToArray());
            }
        });
        rig.Boot();
        string[] requests = ["GET /links/a", "GET /links/new", "POST /links", "PUT /links", "GET /nowhere"];
        foreach (var (index, request) in requests.Index())
        {
            var value = new ByteWriter();
            foreach (string word in request.Split(' '))
            {
                value.Text(word);
            }

            value.Bytes(new byte[12]);
            rig.Step(request, new KernelEvent.Request(rig.At, index + 1, "m", [.. value.Written]));
        }

        rig.Step("octets", new KernelEvent.Request(rig.At, 99, "m", [1, 2]));
        Golden.CheckWhole(Golden.Path("kernel/requests.txt"), rig.Journal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_crash_loses_state_mail_and_timers_and_counts_as_a_trap(bool running)
    {
        var agent = Agent("a", Message("count", IntType), Timer("t"), Start);
        var manifest = Of("m", agent) with { Subscribes = [new("count", IntType)] };
        var rig = new SystemRig(running).Add(manifest, happened =>
        {
            if (happened.Kind != EventKind.Handler)
            {
                return;
            }

            if (happened.Handler == 2)
            {
                happened.Call(HostCall.SetTimer, 1, 1_000_000_000L, 0L);
                return;
            }

            happened[0] += 1;
            happened.Log($"{happened[0]} of {happened.Handler}");
        });
        rig.Boot().Message("count", SystemRig.Int(1)).Message("count", SystemRig.Int(1));
        rig.Wait(0.5).Step("crash", new KernelEvent.Crash(rig.At, "m", "a"));
        rig.Message("count", SystemRig.Int(1)).Wait(0.75).Wait(0.5);
        rig.Step("crash", new KernelEvent.Crash(rig.At, "m", "nobody"));
        Assert.Equal(1, rig.Kernel.Report().Traps);
        Golden.CheckWhole(Golden.Path("kernel/crash.txt"), rig.Journal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Faults_lose_delay_double_and_reorder_messages_by_their_seed(bool running)
    {
        var manifest = Of("m", Agent("a", Message("n", IntType))) with { Subscribes = [new("n", IntType)] };
        List<long> Run(MessageFaults faults)
        {
            var seen = new List<long>();
            var rig = new SystemRig(running) { Faults = faults }.Add(manifest, happened =>
            {
                if (happened.Kind == EventKind.Handler)
                {
                    seen.Add(happened.Number());
                }
            });
            rig.Boot();
            for (int number = 0; number < 1_000; number++)
            {
                rig.Message("n", SystemRig.Int(number)).Wait(0.001);
            }

            rig.Wait(1);
            Assert.Null(rig.Last.NextDue);
            return seen;
        }

        var lost = Run(new MessageFaults(Drop: 0.1, 0, 0, 0, Seed: 1));
        Assert.InRange(lost.Count, 850, 950);
        var late = Run(new MessageFaults(0, DelayMax: 20_000_000, 0, 0, Seed: 1));
        Assert.Equal(Enumerable.Range(0, 1_000).Select(number => (long)number), late);
        var twice = Run(new MessageFaults(0, 0, Duplicate: 0.1, 0, Seed: 1));
        Assert.InRange(twice.Count, 1_050, 1_150);
        Assert.Equal(1_000, twice.Distinct().Count());
        var mixed = Run(new MessageFaults(0, DelayMax: 5_000_000, 0, Reorder: 0.2, Seed: 1));
        Assert.NotEqual(late, mixed);
        Assert.Equal(late, mixed.Order());
        Assert.Equal(mixed, Run(new MessageFaults(0, DelayMax: 5_000_000, 0, Reorder: 0.2, Seed: 1)));
        Assert.NotEqual(mixed, Run(new MessageFaults(0, DelayMax: 5_000_000, 0, Reorder: 0.2, Seed: 2)));
    }

    private static HandlerSpec Http(string subject, int captures) => new(
        HandlerKind.Http,
        subject,
        [
            new("request", BuiltInTypes.Request),
            .. Enumerable.Range(0, captures).Select(index => new SchemaField($"c{index}", TextType)),
        ],
        BuiltInTypes.Response,
        1,
        Asks: false);

    private static void Answer(SystemRig rig, int ask, DeviceAnswer given) =>
        rig.Step($"answer {ask}", new KernelEvent.Answer(rig.At, rig.Asks[ask], given));

    private static void AskOracle(SystemRig rig, int number, string name, byte[] arguments) => rig.Step(
        $"ask {number} {name}",
        new KernelEvent.Ask(rig.At, number, "m", "oracle", name, ImmutableArray.Create(arguments)));
}
