using Tars.Bundle.Interfaces;
using Tars.Bundle.Schema;

namespace Tars.Bundle.Manifest;

/// <summary>What must hold in every manifest, so that no reader behind the door has to ask again.</summary>
/// <remarks>
/// R1  Names of agents, params, devices, metrics and beliefs are unique in their list; those of the module, agents,
/// params and devices are names of the language, since they are shown to people.
/// R2  Subjects of slots, the belief graph's owner and spawns name something that the manifest declares; an agent of
/// another module, written `module.agent`, stands under the imports.
/// R3  Values of params are valid, have an order where they have a range, and lie inside it.
/// R4  Patterns of channels have one to eight segments of [a-z0-9_-]+ or `+`; message handlers have a declared pattern.
/// R5  Beliefs: priors and weights lie in 0..1; relations join declared beliefs.
/// R6  Counts and limits are not negative; a mailbox holds at least one; a priority is 0..9.
/// </remarks>
internal static class ManifestRules
{
    /// <summary>Null, or the first rule that is broken, in words.</summary>
    public static string? FirstBroken(BundleManifest manifest)
    {
        if (manifest.Language != 1)
        {
            return $"language version {manifest.Language} is not known";
        }

        var agents = AgentsKnown(manifest);
        return Names(manifest)
            ?? FirstOf(manifest.Params, Param)
            ?? FirstOf(manifest.Subscribes.Concat(manifest.Publishes), Channel)
            ?? Imports(manifest)
            ?? FirstOf(manifest.Agents, agent => Agent(agent, manifest, agents))
            ?? FirstOf(manifest.Spawns, spawn => Spawn(spawn, agents))
            ?? FirstOf(manifest.Devices, Device)
            ?? Supervision(manifest.Supervision)
            ?? Beliefs(manifest);
    }

    /// <summary>R4 for one pattern or, without `+`, one channel.</summary>
    public static bool IsPattern(string pattern)
    {
        var segments = pattern.Split('/');
        return segments.Length <= BundleLimits.ChannelSegmentsMax
            && segments.All(segment => segment == "+" || (0 < segment.Length && segment.All(IsSegmentCharacter)));
    }

    private static bool IsSegmentCharacter(char one) =>
        char.IsAsciiLetterLower(one) || char.IsAsciiDigit(one) || one is '_' or '-';

    private static string? Names(BundleManifest manifest) // R1
    {
        IEnumerable<string> names =
        [
            manifest.Name,
            .. manifest.Agents.Select(one => one.Name),
            .. manifest.Params.Select(one => one.Name),
            .. manifest.Devices.Select(one => one.Name),
        ];
        if (names.FirstOrDefault(name => !IsName(name)) is { } wrong)
        {
            return wrong.Length == 0 ? "a name is empty" : "a name is not of [a-z][a-z0-9_]* and at most 64 long";
        }

        return Twice("agent", manifest.Agents.Select(one => one.Name))
            ?? Twice("param", manifest.Params.Select(one => one.Name))
            ?? Twice("device", manifest.Devices.Select(one => one.Name))
            ?? Twice("metric", manifest.Metrics.Select(one => one.Name))
            ?? Twice("belief", manifest.Beliefs?.Beliefs.Select(one => one.Name) ?? []);
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= BundleLimits.NameLengthMax && char.IsAsciiLetterLower(name[0])
        && name.All(one => char.IsAsciiLetterLower(one) || char.IsAsciiDigit(one) || one == '_');

    private static string? Twice(string what, IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return FirstOf(names, name => seen.Add(name) ? null : $"{what} `{name}` stands twice");
    }

    private static string? Param(ParamSpec param) // R3
    {
        bool valid = ValueEncoding.IsValid(param.Type, param.Value.AsSpan())
            && (param.Low is null || ValueEncoding.IsValid(param.Type, param.Low.Value.AsSpan()))
            && (param.High is null || ValueEncoding.IsValid(param.Type, param.High.Value.AsSpan()));
        if (!valid)
        {
            return $"param `{param.Name}` has a value that is not of its type";
        }

        return ParamRange.Holds(param, param.Value.AsSpan()) ? null : $"param `{param.Name}` lies outside its range";
    }

    private static string? Channel(ChannelSpec channel) =>
        IsPattern(channel.Pattern) ? null : $"`{channel.Pattern}` is no pattern of channels"; // R4

    private static string? Agent(AgentSpec agent, BundleManifest manifest, HashSet<string> agents)
    {
        bool limits = agent.Schedule.Priority is >= 0 and <= 9 && 0 <= agent.Schedule.Weight
            && agent.Schedule.Deadline is null or >= 0
            && agent.Mailbox is null or { Length: > 0 }
            && agent.Limits.Fuel is null or > 0 && agent.Limits.Memory is null or > 0
            && agent.Limits.FuelPerSecond is null or > 0 && agent.Limits.Sends is null or >= 0
                && 0 <= agent.RejectAfter;
        if (!limits)
        {
            return $"agent `{agent.Name}` has a limit out of range"; // R6
        }

        return FirstOf(agent.Slots, slot => Slot(slot, manifest))
            ?? FirstOf(agent.Handlers, handler => Handler(handler, manifest, agents));
    }

    private static string? Slot(SlotSpec slot, BundleManifest manifest) // R2
    {
        bool declared = slot.Kind switch
        {
            SlotKind.Agent =>
                manifest.Agents.Any(one => one.Name == slot.Subject && one.Starts == AgentStart.WithModule),
            SlotKind.Device => manifest.Devices.Any(one => one.Name == slot.Subject),
            SlotKind.Channel => manifest.Publishes.Any(one => one.Pattern == slot.Subject),
        };
        return declared ? null : $"a slot names `{slot.Subject}`, which is not declared";
    }

    private static string? Handler(HandlerSpec handler, BundleManifest manifest, HashSet<string> agents)
    {
        bool declared = handler.Kind switch
        {
            HandlerKind.Message =>
                // R4
                IsPattern(handler.Subject) && manifest.Subscribes.Any(one => Covers(one.Pattern, handler.Subject)),
            HandlerKind.Device => manifest.Devices.Any(one => one.Name == handler.Subject),
            HandlerKind.Exit => agents.Contains(handler.Subject),
            HandlerKind.Start or HandlerKind.Stop or HandlerKind.Timer or HandlerKind.Ask => true,
            HandlerKind.Http or HandlerKind.Migrate or HandlerKind.Refused => true,
        };
        return !declared ? $"a handler names `{handler.Subject}`, which is not declared"
            : handler.Kind == HandlerKind.Message && !TakesItsChannel(handler, manifest)
                ? $"the handler of `{handler.Subject}` takes other values than its channel has"
            : null;
    }

    // The value of the channel, then a text for each `+`: whoever read it as another type would take what was never
    // given to it.
    private static bool TakesItsChannel(HandlerSpec handler, BundleManifest manifest) =>
        handler.Payload.Length == 1 + handler.Subject.Split('/').Count(one => one == "+")
        && handler.Payload.Skip(1).All(one => one.Type is SchemaType.Text)
        && manifest.Subscribes.Where(one => Covers(one.Pattern, handler.Subject))
            .All(one => one.Type.Equals(handler.Payload[0].Type));

    /// <summary>True when every channel of one pattern is a channel of the other.</summary>
    private static bool Covers(string pattern, string narrower)
    {
        var wide = pattern.Split('/');
        var narrow = narrower.Split('/');
        return wide.Length == narrow.Length
            && wide.Zip(narrow).All(pair => pair.First == "+" || pair.First == pair.Second);
    }

    private static string? Spawn(SpawnSpec spawn, HashSet<string> agents) =>
        0 <= spawn.AliveMax && agents.Contains(spawn.Agent)
            ? null
            : $"`{spawn.Agent}` cannot be spawned"; // R2, R6

    private static HashSet<string> AgentsKnown(BundleManifest manifest) =>
        manifest.Agents.Select(one => one.Name)
            .Concat(manifest.Imports.SelectMany(one => one.Agents.Select(agent => $"{one.Module}.{agent.Name}")))
            .ToHashSet(StringComparer.Ordinal);

    private static string? Imports(BundleManifest manifest) // R1
    {
        IEnumerable<string> names = manifest.Imports.SelectMany(one => one.Agents.Select(agent => agent.Name))
            .Concat(manifest.Imports.Select(one => one.Module));
        return names.Any(name => !IsName(name))
            ? "a name of an import is not of [a-z][a-z0-9_]* and at most 64 long"
            : Twice("import", manifest.Imports.Select(one => one.Module).Append(manifest.Name))
            ?? FirstOf(manifest.Imports, one => Twice("agent", one.Agents.Select(agent => agent.Name)));
    }

    private static string? Device(DeviceSpec device) =>
        InterfaceKinds.Find(device.Kind, device.Value) is null ? $"`{device.Kind}` is no kind of device" : null;

    private static string? Supervision(SupervisionSpec? supervision) =>
        supervision is null or { Restarts: >= 0, Within: >= 0 } ? null : "supervision has a limit out of range"; // R6

    private static string? Beliefs(BundleManifest manifest) // R2, R5
    {
        if (manifest.Beliefs is not { } graph)
        {
            return null;
        }

        if (manifest.Agents.All(one => one.Name != graph.Of))
        {
            return $"the beliefs belong to `{graph.Of}`, which is not declared";
        }

        int count = graph.Beliefs.Length;
        return FirstOf(
            graph.Beliefs, one => one.Prior is >= 0 and <= 1 ? null : $"belief `{one.Name}` has no prior in 0..1")
            ?? FirstOf(
                graph.Relations,
                one => (uint)one.From < (uint)count && (uint)one.To < (uint)count && one.Weight is >= 0 and <= 1
                    ? null
                    : "a relation names no belief or has no weight in 0..1");
    }

    private static string? FirstOf<T>(IEnumerable<T> items, Func<T, string?> check)
    {
        foreach (var item in items)
        {
            if (check(item) is { } broken)
            {
                return broken;
            }
        }

        return null;
    }
}
