using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Tests.Bundle.Manifest;

namespace Tars.Tests.Kernel;

/// <summary>Writes manifests for kernel tests in few words.</summary>
internal static class TestModule
{
    public static readonly SchemaType TextType = new SchemaType.Text();

    public static readonly SchemaType IntType = new SchemaType.Int();

    public static readonly SchemaType UnitType = new SchemaType.Unit();

    public static BundleManifest Of(string name, params AgentSpec[] agents) =>
        Manifests.Empty with { Name = name, Agents = [.. agents], ShortestTimer = 1_000_000 };

    public static AgentSpec Agent(string name, params HandlerSpec[] handlers) =>
        Manifests.Agent(name) with { Handlers = [.. handlers] };

    public static HandlerSpec Start { get; } = Handler(HandlerKind.Start, "");

    public static HandlerSpec Stop { get; } = Handler(HandlerKind.Stop, "");

    public static HandlerSpec Refused { get; } = Handler(HandlerKind.Refused, "", BuiltInTypes.Refusal);

    public static HandlerSpec Timer(string name) => Handler(HandlerKind.Timer, name);

    public static HandlerSpec Message(string pattern, SchemaType type, int captures = 0) =>
        Handler(HandlerKind.Message, pattern, [type, .. Enumerable.Repeat(TextType, captures)]);

    public static HandlerSpec Ask(string name, SchemaType argument, SchemaType returns) =>
        Handler(HandlerKind.Ask, name, argument) with { Returns = returns };

    public static HandlerSpec Exit(string agent) => Handler(HandlerKind.Exit, agent, BuiltInTypes.Exit(agent));

    public static HandlerSpec Lines(string device) =>
        Handler(HandlerKind.Device, device, new SchemaType.Optional(TextType));

    public static OperationSpec Tells(string agent, string name, SchemaType argument) =>
        new(SlotKind.Agent, agent, name, IsAsk: false, Payload(argument), UnitType);

    public static OperationSpec Asks(string agent, string name, SchemaType argument, SchemaType answer) =>
        new(SlotKind.Agent, agent, name, IsAsk: true, Payload(argument), answer);

    public static OperationSpec Prints { get; } =
        new(SlotKind.Device, "console", "print", IsAsk: false, [new("line", TextType)], UnitType);

    public static ContinuationSpec Continuation(SchemaType answer) => new("", 1, [], answer);

    private static HandlerSpec Handler(HandlerKind kind, string subject, params SchemaType[] payload) =>
        new(kind, subject, Payload(payload), UnitType, 1, Asks: false);

    private static ImmutableArray<SchemaField> Payload(params SchemaType[] types) =>
        [.. types.Select((type, index) => new SchemaField($"v{index}", type))];
}
