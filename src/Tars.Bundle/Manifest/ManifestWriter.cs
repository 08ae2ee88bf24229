using Tars.Base;
using Tars.Bundle.Schema;

namespace Tars.Bundle.Manifest;

/// <summary>
/// Writes manifests as canonical JSON: every member in a fixed order, absent values as null, types as their text.
/// </summary>
internal sealed class ManifestWriter
{
    private readonly JsonWriter _json;

    public ManifestWriter(ByteWriter output) => _json = new JsonWriter(output);

    public void Manifest(BundleManifest manifest)
    {
        _json.BeginObject();
        Int("language", manifest.Language);
        Text("name", manifest.Name);
        Text("version", manifest.Version);
        Text("summary", manifest.Summary);
        Text("implements", manifest.Implements);
        List("params", manifest.Params, Param);
        List("agents", manifest.Agents, Agent);
        _json.Name("supervision");
        Supervision(manifest.Supervision);
        List("subscribes", manifest.Subscribes, Channel);
        List("publishes", manifest.Publishes, Channel);
        Optional("shortest_timer", manifest.ShortestTimer);
        List("imports", manifest.Imports, Import);
        List("spawns", manifest.Spawns, Spawn);
        List("devices", manifest.Devices, Device);
        List("serves", manifest.Serves, _json.Text);
        _json.Name("beliefs");
        Beliefs(manifest.Beliefs);
        List("metrics", manifest.Metrics, Metric);
        List("tests", manifest.Tests, _json.Text);
        List("not_yet_in_force", manifest.NotYetInForce, _json.Text);
        _json.EndObject();
    }

    public void States(BundleManifest manifest)
    {
        _json.BeginArray();
        foreach (var agent in manifest.Agents)
        {
            _json.BeginObject();
            Text("agent", agent.Name);
            Text("state", SchemaText.Of(agent.State));
            List("continuations", agent.Continuations, Continuation);
            _json.EndObject();
        }

        _json.EndArray();
    }

    private void Param(ParamSpec param)
    {
        _json.BeginObject();
        Text("name", param.Name);
        Text("type", SchemaText.Of(param.Type));
        Text("value", Convert.ToHexStringLower(param.Value.AsSpan()));
        OptionalBytes("low", param.Low);
        OptionalBytes("high", param.High);
        Text("about", param.About);
        _json.EndObject();
    }

    private void Agent(AgentSpec agent)
    {
        _json.BeginObject();
        Text("name", agent.Name);
        Text("role", agent.Role);
        Text("goal", agent.Goal);
        Word("starts", agent.Starts);
        Word("on_trap", agent.OnTrap);
        Int("priority", agent.Schedule.Priority);
        Optional("deadline", agent.Schedule.Deadline);
        Int("weight", agent.Schedule.Weight);
        _json.Name("mailbox");
        Mailbox(agent.Mailbox);
        Optional("fuel", agent.Limits.Fuel);
        Optional("memory", agent.Limits.Memory);
        Optional("fuel_per_second", agent.Limits.FuelPerSecond);
        Optional("sends", agent.Limits.Sends);
        Word("journal", agent.Journal);
        Word("isolation", agent.Isolation);
        Int("reject_after", agent.RejectAfter);
        List("handlers", agent.Handlers, Handler);
        List("slots", agent.Slots, Slot);
        List("operations", agent.Operations, Operation);
        _json.EndObject();
    }

    private void Mailbox(MailboxSpec? mailbox)
    {
        if (mailbox is null)
        {
            _json.Null();
            return;
        }

        _json.BeginObject();
        Int("length", mailbox.Length);
        Word("when_full", mailbox.WhenFull);
        _json.EndObject();
    }

    private void Handler(HandlerSpec handler)
    {
        _json.BeginObject();
        Word("kind", handler.Kind);
        Text("subject", handler.Subject);
        Text("payload", SchemaText.Of(handler.Payload));
        Text("returns", SchemaText.Of(handler.Returns));
        Int("line", handler.Line);
        _json.Name("asks");
        _json.Bool(handler.Asks);
        if (handler.Kind == HandlerKind.Migrate)
        {
            List("assigns", handler.Assigns, _json.Text);
        }

        _json.EndObject();
    }

    private void Slot(SlotSpec slot)
    {
        _json.BeginObject();
        Word("kind", slot.Kind);
        Text("subject", slot.Subject);
        _json.EndObject();
    }

    private void Operation(OperationSpec operation)
    {
        _json.BeginObject();
        Word("target_kind", operation.TargetKind);
        Text("target", operation.Target);
        Text("name", operation.Name);
        _json.Name("is_ask");
        _json.Bool(operation.IsAsk);
        Text("arguments", SchemaText.Of(operation.Arguments));
        Text("answer", SchemaText.Of(operation.Answer));
        _json.EndObject();
    }

    private void Continuation(ContinuationSpec continuation)
    {
        _json.BeginObject();
        Text("handler", continuation.Handler);
        Int("line", continuation.Line);
        Text("locals", SchemaText.Of(continuation.Locals));
        Text("answer", SchemaText.Of(continuation.Answer));
        _json.EndObject();
    }

    private void Supervision(SupervisionSpec? supervision)
    {
        if (supervision is null)
        {
            _json.Null();
            return;
        }

        _json.BeginObject();
        Word("strategy", supervision.Strategy);
        Int("restarts", supervision.Restarts);
        Int("within", supervision.Within);
        _json.EndObject();
    }

    private void Channel(ChannelSpec channel)
    {
        _json.BeginObject();
        Text("pattern", channel.Pattern);
        Text("type", SchemaText.Of(channel.Type));
        _json.EndObject();
    }

    private void Import(ImportSpec import)
    {
        _json.BeginObject();
        Text("module", import.Module);
        Text("hash", import.Hash.ToString());
        List("agents", import.Agents, ImportedAgent);
        _json.EndObject();
    }

    private void ImportedAgent(ImportedAgentSpec agent)
    {
        _json.BeginObject();
        Text("name", agent.Name);
        Text("given", SchemaText.Of(agent.Given));
        _json.EndObject();
    }

    private void Spawn(SpawnSpec spawn)
    {
        _json.BeginObject();
        Text("agent", spawn.Agent);
        Int("alive_max", spawn.AliveMax);
        _json.EndObject();
    }

    private void Device(DeviceSpec device)
    {
        _json.BeginObject();
        Text("name", device.Name);
        Text("kind", device.Kind);
        _json.Name("value");
        if (device.Value is null)
        {
            _json.Null();
        }
        else
        {
            _json.Text(SchemaText.Of(device.Value));
        }

        List("options", device.Options, Option);
        _json.EndObject();
    }

    private void Option(KeyValuePair<string, string> option)
    {
        _json.BeginObject();
        Text("key", option.Key);
        Text("value", option.Value);
        _json.EndObject();
    }

    private void Beliefs(BeliefGraphSpec? graph)
    {
        if (graph is null)
        {
            _json.Null();
            return;
        }

        _json.BeginObject();
        Text("of", graph.Of);
        List("beliefs", graph.Beliefs, Belief);
        List("relations", graph.Relations, Relation);
        _json.EndObject();
    }

    private void Belief(BeliefSpec belief)
    {
        _json.BeginObject();
        Text("name", belief.Name);
        Text("claim", belief.Claim);
        Float("prior", belief.Prior);
        _json.EndObject();
    }

    private void Relation(RelationSpec relation)
    {
        _json.BeginObject();
        Int("from", relation.From);
        Int("to", relation.To);
        _json.Name("supports");
        _json.Bool(relation.Supports);
        Float("weight", relation.Weight);
        _json.EndObject();
    }

    private void Metric(MetricSpec metric)
    {
        _json.BeginObject();
        Text("name", metric.Name);
        Word("kind", metric.Kind);
        _json.Name("maximize");
        _json.Bool(metric.Maximize);
        Text("unit", metric.Unit);
        Text("about", metric.About);
        Word("from", metric.From);
        _json.EndObject();
    }

    private void Text(string name, string value)
    {
        _json.Name(name);
        _json.Text(value);
    }

    private void Int(string name, long value)
    {
        _json.Name(name);
        _json.Int(value);
    }

    private void Float(string name, double value)
    {
        _json.Name(name);
        _json.Float(value);
    }

    private void Word<T>(string name, T value)
        where T : struct, Enum => Text(name, EnumWords<T>.Of(value));

    private void Optional(string name, long? value)
    {
        _json.Name(name);
        if (value is { } known)
        {
            _json.Int(known);
        }
        else
        {
            _json.Null();
        }
    }

    private void OptionalBytes(string name, IReadOnlyCollection<byte>? value)
    {
        _json.Name(name);
        if (value is null)
        {
            _json.Null();
        }
        else
        {
            _json.Text(Convert.ToHexStringLower([.. value]));
        }
    }

    private void List<T>(string name, IEnumerable<T> items, Action<T> write)
    {
        _json.Name(name);
        _json.BeginArray();
        foreach (var item in items)
        {
            write(item);
        }

        _json.EndArray();
    }
}
