using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Tars.Bundle.Schema;

namespace Tars.Bundle.Manifest;

/// <summary>
/// Reads manifests from hostile JSON. Always makes a manifest; it means something only while <see cref="Error"/> is
/// null.
/// </summary>
internal sealed class ManifestReader
{
    public string? Error { get; private set; }

    public BundleManifest Read(JsonElement manifest, JsonElement states)
    {
        var stateOf = List(states, "state", BundleLimits.AgentsMax, State);
        var view = new JsonView(manifest, "manifest", this);
        var agents = view.List("agents", BundleLimits.AgentsMax, Agent);
        if (Error is null
            && !agents.Select(one => one.Name).SequenceEqual(stateOf.Select(one => one.Agent), StringComparer.Ordinal))
        {
            Fail("state", "its agents are not those of the manifest");
        }

        return new BundleManifest(
            view.Int32("language"),
            view.Text("name"),
            view.Text("version"),
            view.Text("summary"),
            view.Text("implements"),
            view.List("params", BundleLimits.ManifestListMax, Param),
            Error is null ? [.. agents.Zip(stateOf, WithState)] : agents,
            view.IsNull("supervision") ? null : Supervision(view.Object("supervision")),
            view.List("subscribes", BundleLimits.ManifestListMax, Channel),
            view.List("publishes", BundleLimits.ManifestListMax, Channel),
            view.OptionalInt("shortest_timer"),
            view.List(
                "spawns", BundleLimits.ManifestListMax, one =>
                    new SpawnSpec(one.Text("agent"), one.Int32("alive_max"))),
            view.List("devices", BundleLimits.ManifestListMax, Device),
            view.Texts("serves"),
            view.IsNull("beliefs") ? null : Beliefs(view.Object("beliefs")),
            view.List("metrics", BundleLimits.ManifestListMax, Metric),
            view.Texts("tests"),
            view.Texts("not_yet_in_force"))
        {
            Imports = view.List("imports", BundleLimits.ImportsMax, Import),
        };
    }

    public void Fail(string path, string what) => Error ??= $"{path}: {what}";

    public ImmutableArray<T> List<T>(JsonElement json, string path, int countMax, Func<JsonView, T> read)
    {
        if (json.ValueKind != JsonValueKind.Array || countMax < json.GetArrayLength())
        {
            Fail(path, string.Create(CultureInfo.InvariantCulture, $"a list of at most {countMax} is expected"));
            return [];
        }

        var items = ImmutableArray.CreateBuilder<T>(json.GetArrayLength());
        foreach (var element in json.EnumerateArray())
        {
            if (Error is not null)
            {
                return [];
            }

            var place = string.Create(CultureInfo.InvariantCulture, $"{path}[{items.Count}]");
            items.Add(read(new JsonView(element, place, this)));
        }

        return items.ToImmutable();
    }

    private static AgentSpec WithState(AgentSpec agent, AgentState state) =>
        agent with { State = state.State, Continuations = state.Continuations };

    private static AgentState State(JsonView view) =>
        new(view.Text("agent"), view.Fields("state"),
            view.List("continuations", BundleLimits.HandlersMax, Continuation));

    private static ContinuationSpec Continuation(JsonView view) =>
        new(view.Text("handler"), view.Int32("line"), view.Fields("locals"), view.Type("answer"));

    private static ParamSpec Param(JsonView view) => new(
        view.Text("name"),
        view.Type("type"),
        view.Octets("value"),
        view.IsNull("low") ? null : view.Octets("low"),
        view.IsNull("high") ? null : view.Octets("high"),
        view.Text("about"));

    private static AgentSpec Agent(JsonView view) => new(
        view.Text("name"),
        view.Text("role"),
        view.Text("goal"),
        view.Word<AgentStart>("starts"),
        view.Word<TrapPolicy>("on_trap"),
        new ScheduleSpec(view.Int32("priority"), view.OptionalInt("deadline"), view.Int32("weight")),
        view.IsNull("mailbox") ? null : Mailbox(view.Object("mailbox")),
        new LimitSpec(
            view.OptionalInt("fuel"),
            view.OptionalInt("memory"),
            view.OptionalInt("fuel_per_second"),
            view.IsNull("sends") ? null : view.Int32("sends")),
        view.Word<JournalLevel>("journal"),
        view.Word<IsolationFloor>("isolation"),
        view.Int("reject_after"),
        State: [],
        Continuations: [],
        view.List("handlers", BundleLimits.HandlersMax, Handler),
        view.List(
            "slots", BundleLimits.ManifestListMax, one =>
                new SlotSpec(one.Word<SlotKind>("kind"), one.Text("subject"))),
        view.List("operations", BundleLimits.ManifestListMax, Operation));

    private static OperationSpec Operation(JsonView view) => new(
        view.Word<SlotKind>("target_kind"),
        view.Text("target"),
        view.Text("name"),
        view.Bool("is_ask"),
        view.Fields("arguments"),
        view.Type("answer"));

    private static MailboxSpec Mailbox(JsonView view) => new(view.Int32("length"), view.Word<WhenFull>("when_full"));

    private static HandlerSpec Handler(JsonView view) => new(
        view.Word<HandlerKind>("kind"),
        view.Text("subject"),
        view.Fields("payload"),
        view.Type("returns"),
        view.Int32("line"),
        view.Bool("asks"))
    {
        Assigns = view.Word<HandlerKind>("kind") == HandlerKind.Migrate ? view.Texts("assigns") : [],
    };

    private static SupervisionSpec Supervision(JsonView view) =>
        new(view.Word<SupervisionStrategy>("strategy"), view.Int32("restarts"), view.Int("within"));

    private static ChannelSpec Channel(JsonView view) => new(view.Text("pattern"), view.Type("type"));

    private static ImportSpec Import(JsonView view) => new(
        view.Text("module"),
        view.Hash("hash"),
        view.List(
            "agents", BundleLimits.AgentsMax, one => new ImportedAgentSpec(one.Text("name"), one.Fields("given"))));

    private static DeviceSpec Device(JsonView view) => new(
        view.Text("name"),
        view.Text("kind"),
        view.IsNull("value") ? null : view.Type("value"),
        view.List(
            "options", BundleLimits.ManifestListMax, one => KeyValuePair.Create(one.Text("key"), one.Text("value"))));

    private static BeliefGraphSpec Beliefs(JsonView view) => new(
        view.Text("of"),
        view.List("beliefs", BundleLimits.BeliefsMax, Belief),
        view.List("relations", BundleLimits.RelationsMax, Relation));

    private static BeliefSpec Belief(JsonView view) => new(view.Text("name"), view.Text("claim"), view.Float("prior"));

    private static RelationSpec Relation(JsonView view) =>
        new(view.Int32("from"), view.Int32("to"), view.Bool("supports"), view.Float("weight"));

    private static MetricSpec Metric(JsonView view) => new(
        view.Text("name"),
        view.Word<MetricKind>("kind"),
        view.Bool("maximize"),
        view.Text("unit"),
        view.Text("about"),
        view.Word<MetricSource>("from"));

    private sealed record AgentState(
        string Agent, ImmutableArray<SchemaField> State, ImmutableArray<ContinuationSpec> Continuations);
}
