using Tars.Bundle.Container;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;

namespace Tars.Tests.Bundle.Manifest;

/// <summary>Manifests for tests: an empty module, and one that uses every part.</summary>
internal static class Manifests
{
    public static BundleManifest Empty { get; } = new(
        Language: 1, "empty", "1.0.0", "Nothing.", "", [], [], Supervision: null, [], [], ShortestTimer: null, [],
            [], [],
        Beliefs: null, [], [], []);

    public static BundleManifest Whole { get; } = Empty with
    {
        Name = "whole",
        Params =
        [
            new("speed", new SchemaType.Int(), [5, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0],
                [9, 0, 0, 0, 0, 0, 0, 0], "How fast."),
            new("on", new SchemaType.Bool(), [1], Low: null, High: null, ""),
        ],
        Agents =
        [
            Agent("first") with
            {
                Mailbox = new MailboxSpec(16, WhenFull.DropOldest),
                Limits = new LimitSpec(20_000, 1 << 20, 1_000_000, 3),
                State = [new("count", new SchemaType.Int(), HasDefault: true),
                    new("who", new SchemaType.Ref("second"))],
                Continuations = [new("ask top", 12, [new("i", new SchemaType.Int())], new SchemaType.Text())],
                Handlers =
                [
                    new(HandlerKind.Start, "", [], new SchemaType.Unit(), 3, Asks: false),
                    new(HandlerKind.Message, "a/+",
                        [new("x", new SchemaType.Text()), new("seg", new SchemaType.Text())], new SchemaType.Unit(),
                            5, Asks: false),
                    new(HandlerKind.Ask, "top", [new("count", new SchemaType.Int())],
                        new SchemaType.List(new SchemaType.Text()), 9, Asks: true),
                    new(HandlerKind.Device, "input", [new("line", new SchemaType.Optional(new SchemaType.Text()))],
                        new SchemaType.Unit(), 14, Asks: false),
                ],
                Slots = [new(SlotKind.Agent, "second"), new(SlotKind.Device, "out"), new(SlotKind.Channel, "b/+")],
                Operations = [new(
                    SlotKind.Device, "console", "print", IsAsk: false, [new("line", new SchemaType.Text())],
                        new SchemaType.Unit())],
            },
            Agent("second"),
        ],
        Supervision = new SupervisionSpec(SupervisionStrategy.OneForOne, 3, 1_000_000_000),
        Subscribes = [new("a/+", new SchemaType.Text())],
        Publishes = [new("b/+", new SchemaType.Float())],
        ShortestTimer = 1_000_000,
        Imports = [new ImportSpec(
            "other", BundleHash.Of(new byte[32]), [new("worker", [new("name", new SchemaType.Text())])])],
        Spawns = [new("second", 4), new("other.worker", 2)],
        Devices = [new("input", "lines", Value: null, []),
            new("out", "console", Value: null, [KeyValuePair.Create("k", "v")])],
        Serves = ["/api"],
        Beliefs = new BeliefGraphSpec(
            "first", [new("a", "A.", 0.5), new("b", "B.", 0.25)], [new(0, 1, Supports: true, 0.75)]),
        Metrics = [new("m", MetricKind.Mean, Maximize: true, "ratio", "M.", MetricSource.Module)],
        Tests = ["one"],
        NotYetInForce = ["spawn"],
    };

    public static AgentSpec Agent(string name) => new(
        name, "Role", "", AgentStart.WithModule, TrapPolicy.Continue, new ScheduleSpec(0, Deadline: null, 1),
            Mailbox: null,
        new LimitSpec(Fuel: null, Memory: null, FuelPerSecond: null, Sends: null), JournalLevel.Recent,
            IsolationFloor.Any,
        RejectAfter: 0, [], [], [], [], []);
}
