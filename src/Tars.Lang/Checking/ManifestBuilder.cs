using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Lang.Binding;
using Tars.Lang.Lowering;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Checking;

/// <summary>Makes what a bundle says of itself from a module that has no errors.</summary>
public static class ManifestBuilder
{
    private const int LanguageVersion = 1;

    /// <param name="source">The module's text: handlers are listed with their lines.</param>
    /// <param name="includeTests">Whether the bundle holds the module's tests.</param>
    public static BundleManifest Build(ModuleSymbol module, SourceText source, bool includeTests) =>
        Build(module, source, includeTests, hashOf: _ => default);

    /// <param name="hashOf">Names the bundle of an imported module.</param>
    public static BundleManifest Build(
        ModuleSymbol module, SourceText source, bool includeTests, Func<ModuleSymbol, BundleHash> hashOf) => new(
        LanguageVersion,
        module.Name,
        module.Version,
        module.Summary,
        module.Implements?.Name ?? "",
        [.. module.Params.Select(Param)],
        [.. module.Agents.Select(agent => Agent(agent, new Waits(), source))],
        module.Supervision,
        [.. module.Subscribes.Select(Channel)],
        [.. module.Publishes.Select(Channel)],
        module.ShortestTimer,
        module.Spawns,
        [.. module.Devices.Select(Device)],
        module.Serves,
        module.Beliefs,
        module.Metrics,
        includeTests ? [.. module.Tests.Select(test => test.Name)] : [],
        module.NotYetInForce)
    {
        Imports =
        [
            .. module.ImportedAgents.GroupBy(agent => agent.Module).Select(import =>
                new ImportSpec(import.Key.Name, hashOf(import.Key), [.. import.Select(Imported)])),
        ],
    };

    private static ImportedAgentSpec Imported(AgentSymbol agent) =>
        new(agent.Name, [.. agent.State.Where(field => !field.HasInitial).Select(State)]);

    private static ParamSpec Param(ParamSymbol param)
    {
        ImmutableArray<byte>? value = param.Value is null ? null : ValueEncoder.TryEncode(param.Value);
        Invariant.Holds(value is not null);
        return new ParamSpec(
            param.Name,
            SchemaOf.Type(param.Type),
            value.Value,
            param.Low is null ? null : ValueEncoder.TryEncode(param.Low),
            param.High is null ? null : ValueEncoder.TryEncode(param.High),
            param.About);
    }

    private static AgentSpec Agent(AgentSymbol agent, Waits waits, SourceText source) => new(
        agent.Name,
        agent.Role,
        agent.Goal,
        agent.Starts,
        agent.OnTrap,
        agent.Schedule,
        agent.Mailbox,
        agent.Limits,
        agent.Journal,
        agent.Isolation,
        agent.RejectAfter,
        [.. agent.State.Select(State)],
        agent.Module.IsForeign
            ? [.. agent.Operations.Where(one => one.IsAsk).Select(ForeignContinuation)]
            : [.. agent.Handlers.SelectMany(handler => Continuations(handler, waits, source))],
        [.. agent.Handlers.Select(handler => Handler(handler, source))],
        agent.Slots,
        agent.Operations);

    private static IEnumerable<ContinuationSpec> Continuations(HandlerSymbol handler, Waits waits, SourceText source)
    {
        string kind = handler.Kind.ToString().ToLowerInvariant();
        string name = handler.Subject.Length == 0 ? kind : $"{kind} {handler.Subject}";
        return waits.Of(handler).Select(point => new ContinuationSpec(
            name,
            source.PositionOf(point.Ask.Span.Start).Line,
            [.. point.Kept.Select(one => new SchemaField(one.Name, SchemaOf.Type(one.Type)))],
            SchemaOf.Type(((LangType.Fallible)point.Ask.Type).Inner)));
    }

    // Foreign code keeps what it needs itself: each of its asks has one continuation, without locals.
    private static ContinuationSpec ForeignContinuation(OperationSpec ask) => new("", Line: 0, [], ask.Answer);

    private static SchemaField State(StateSymbol state) => new(
        state.Name,
        SchemaOf.Type(state.Type),
        state.HasInitial,
        state.Initial is null ? null : ValueEncoder.TryEncode(state.Initial));

    private static HandlerSpec Handler(HandlerSymbol handler, SourceText source) => new(
        handler.Kind,
        handler.Subject,
        [.. handler.Parameters.Select(parameter => Parameter(handler, parameter))],
        handler.Kind == HandlerKind.Ask || handler.Kind == HandlerKind.Http
            ? SchemaOf.Type(handler.Returns)
            : new SchemaType.Unit(),
        source.PositionOf(handler.Span.Start).Line,
        handler.Asks)
    {
        Assigns = handler.Kind == HandlerKind.Migrate ? DefiniteAssignment.Of(handler.Body) : [],
    };

    /// <summary>The state of another version has no name of the author's; in a schema every record has one.</summary>
    private static SchemaField Parameter(HandlerSymbol handler, LocalSymbol parameter)
    {
        var field = SchemaOf.Local(parameter);
        return handler.Kind == HandlerKind.Migrate && field.Type is SchemaType.Record state
            ? field with { Type = state with { Name = $"StateOf{handler.Subject}" } }
            : field;
    }

    private static ChannelSpec Channel(ChannelSymbol channel) => new(channel.Pattern, SchemaOf.Type(channel.Type));

    private static DeviceSpec Device(DeviceSymbol device) => new(
        device.Name,
        device.Kind.Name,
        device.Value is null ? null : SchemaOf.Type(device.Value),
        device.Options);
}
