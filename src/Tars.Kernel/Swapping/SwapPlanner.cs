using System.Collections.Immutable;
using System.Globalization;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;

namespace Tars.Kernel.Swapping;

/// <summary>Compares two versions of a module: what moves, what is new, what is lost, and why not. Pure.</summary>
internal sealed class SwapPlanner
{
    private readonly BundleManifest _old;
    private readonly BundleManifest _new;
    private readonly List<string> _reasons = [];
    private readonly List<string> _changes = [];
    private readonly List<string> _warnings = [];
    private readonly List<string> _conditions = [];

    private SwapPlanner(BundleManifest old, BundleManifest now)
    {
        _old = old;
        _new = now;
    }

    public static SwapPlan Plan(BundleManifest old, BundleManifest now) => new SwapPlanner(old, now).Plan();

    /// <summary>The `migrate` handler for a state of that version: the longest prefix wins. -1 for none.</summary>
    public static int MigrateFrom(AgentSpec agent, string version)
    {
        int found = -1;
        for (int index = 0; index < agent.Handlers.Length; index++)
        {
            var handler = agent.Handlers[index];
            bool fits = handler.Kind == HandlerKind.Migrate
                && (version == handler.Subject || version.StartsWith($"{handler.Subject}.", StringComparison.Ordinal));
            if (fits && (found < 0 || agent.Handlers[found].Subject.Length < handler.Subject.Length))
            {
                found = index;
            }
        }

        return found;
    }

    private SwapPlan Plan()
    {
        if (_old.Name != _new.Name)
        {
            _reasons.Add($"module `{_new.Name}` is no version of module `{_old.Name}`");
            return new SwapPlan([.. _reasons], [], [], [], [], []);
        }

        var moves = ImmutableArray.CreateBuilder<AgentMove?>(_old.Agents.Length);
        foreach (var agent in _old.Agents)
        {
            int index = _new.Agents.ToList().FindIndex(one => one.Name == agent.Name);
            if (index < 0)
            {
                _changes.Add($"-agent {agent.Name}");
                _conditions.Add($"agent `{agent.Name}` is gone: refused while a process of it lives");
                moves.Add(null);
                continue;
            }

            moves.Add(Move(agent, index));
        }

        foreach (var agent in _new.Agents.Where(one => _old.Agents.All(old => old.Name != one.Name)))
        {
            _changes.Add($"+agent {agent.Name}");
        }

        Params();
        return new SwapPlan(
            [.. _reasons.Distinct()],
            [.. _changes],
            [.. _warnings.Distinct()],
            [.. _conditions.Distinct()],
            [.. NewRights()],
            moves.DrainToImmutable());
    }

    private AgentMove Move(AgentSpec old, int index)
    {
        var now = _new.Agents[index];
        string prefix = _old.Agents.Length == 1 && _new.Agents.Length == 1 ? "" : $"{now.Name}.";
        int migrate = MigrateFrom(now, _old.Version);
        var arguments = migrate < 0 ? [] : Arguments(old, now.Handlers[migrate]);
        var fields = ImmutableArray.CreateBuilder<FieldSource>(now.State.Length);
        foreach (var field in now.State)
        {
            fields.Add(Source(old, field, $"{prefix}{field.Name}", migrate < 0 ? null : now.Handlers[migrate]));
        }

        foreach (var (gone, place) in old.State.Select((field, place) => (field, place)))
        {
            bool isRead = arguments.Any(one => one.Index == place);
            if (!isRead && now.State.All(one => one.Name != gone.Name))
            {
                _changes.Add($"-field {prefix}{gone.Name}");
                _warnings.Add($"the state field `{prefix}{gone.Name}` is dropped");
            }
        }

        return new AgentMove(
            old, now, index, fields.MoveToImmutable(), migrate, arguments,
            [.. old.Handlers.Select(handler => Move(handler, now, prefix))]);
    }

    private FieldSource Source(AgentSpec old, SchemaField field, string name, HandlerSpec? migrate)
    {
        int index = old.State.ToList().FindIndex(one => one.Name == field.Name);
        bool isAssigned = migrate?.Assigns.Contains(field.Name) ?? false;
        FieldSource otherwise = !field.HasDefault ? new FieldSource.Least()
            : field.Default is { } octets ? new FieldSource.Initial(octets)
            : new FieldSource.Newborn();
        if (index < 0)
        {
            _changes.Add($"+field {name}");
            if (!field.HasDefault && !isAssigned)
            {
                _reasons.Add($"the state field `{name}` is new and has no initial value");
            }

            return otherwise;
        }

        var comparison = TypeComparison.Of(old.State[index].Type, field.Type, name);
        if (comparison.How is { } how)
        {
            _changes.AddRange(comparison.Added.Select(path => $"+field {path}"));
            _changes.AddRange(comparison.Dropped.Select(path => $"-field {path}"));
            _warnings.AddRange(comparison.Dropped.Select(path => $"`{path}` is dropped"));
            return new FieldSource.Old(index, how);
        }

        if (isAssigned)
        {
            _changes.Add($"{name} migrated");
            return otherwise;
        }

        string mend = migrate is null
            ? $"`migrate {_old.Version.Split('.')[0]} as old` can say how the one becomes the other"
            : $"`migrate {migrate.Subject}` does not assign `{field.Name}` on every way";
        _reasons.AddRange(comparison.Reasons.Select(reason => $"{reason}; {mend}"));
        return otherwise;
    }

    // What `migrate` says that the old version held.
    private ImmutableArray<FieldSource.Old> Arguments(AgentSpec old, HandlerSpec migrate)
    {
        var arguments = ImmutableArray.CreateBuilder<FieldSource.Old>();
        ImmutableArray<SchemaField> wanted = migrate.Payload is [{ Type: SchemaType.Record state }] ? state.Fields : [];
        foreach (var field in wanted)
        {
            int index = old.State.ToList().FindIndex(one => one.Name == field.Name);
            if (index < 0)
            {
                _reasons.Add($"`migrate {migrate.Subject}` reads `{field.Name}`, which version {_old.Version} has not");
                continue;
            }

            string path = $"`migrate {migrate.Subject}`.{field.Name}";
            var comparison = TypeComparison.Of(old.State[index].Type, field.Type, path);
            _reasons.AddRange(comparison.Reasons);
            if (comparison.How is { } how)
            {
                arguments.Add(new FieldSource.Old(index, how));
            }
        }

        return arguments.ToImmutable();
    }

    private HandlerMove Move(HandlerSpec old, AgentSpec now, string prefix)
    {
        string name = $"{prefix}{KernelReports.NameOf(old)}";
        int index = now.Handlers.ToList().FindIndex(one => one.Kind == old.Kind && one.Subject == old.Subject);
        if (index < 0)
        {
            bool mayHaveMail = old.Kind is not (HandlerKind.Start or HandlerKind.Stop or HandlerKind.Migrate);
            if (mayHaveMail)
            {
                _changes.Add($"-{name}");
                if (old.Kind != HandlerKind.Timer)
                {
                    _conditions.Add($"`{name}` is gone: refused while mail for it waits");
                }
            }

            return new HandlerMove(-1, null, $"`{name}` is gone");
        }

        var comparison = Payloads(old, now.Handlers[index]);
        if (comparison.How is not null)
        {
            return new HandlerMove(index, comparison.How, "", old.Returns.Equals(now.Handlers[index].Returns));
        }

        string why = $"`{name}` takes other values now ({string.Join(", ", comparison.Reasons)})";
        _conditions.Add($"{why}: refused while mail for it waits");
        return new HandlerMove(index, null, why);
    }

    // The arguments of an ask have names; what other events bind has the names that the handler gives it.
    private static TypeComparison Payloads(HandlerSpec old, HandlerSpec now)
    {
        var to = now.Payload;
        if (old.Kind != HandlerKind.Ask && old.Payload.Length == to.Length)
        {
            to = [.. to.Select((field, index) => field with { Name = old.Payload[index].Name })];
        }

        return TypeComparison.Of(
            new SchemaType.Record("", old.Payload), new SchemaType.Record("", to), KernelReports.NameOf(old));
    }

    private void Params()
    {
        foreach (var param in _new.Params.Where(one => _old.Params.All(old => old.Name != one.Name)))
        {
            _changes.Add($"+param {param.Name}");
        }

        foreach (var param in _old.Params.Where(one => _new.Params.All(now => now.Name != one.Name)))
        {
            _changes.Add($"-param {param.Name}");
        }
    }

    // What a person would have to allow, in words that are the same for the same thing.
    private IEnumerable<string> NewRights()
    {
        var rights = _new.Agents.SelectMany(agent => Rights(_new, agent));
        foreach (var right in rights.Except(_old.Agents.SelectMany(agent => Rights(_old, agent))))
        {
            yield return right;
        }

        foreach (var spawn in _new.Spawns)
        {
            if ((_old.Spawns.FirstOrDefault(one => one.Agent == spawn.Agent)?.AliveMax ?? 0) < spawn.AliveMax)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"spawn {spawn.Agent}: {spawn.AliveMax}");
            }
        }

        foreach (var path in _new.Serves.Except(_old.Serves))
        {
            yield return $"serve {path}";
        }

        if (_new.ShortestTimer is { } shortest && shortest < (_old.ShortestTimer ?? long.MaxValue))
        {
            yield return $"timers of {DurationText.Of(shortest)}";
        }
    }

    private static IEnumerable<string> Rights(BundleManifest manifest, AgentSpec agent)
    {
        foreach (var slot in agent.Slots.Where(one => one.Kind != SlotKind.Agent))
        {
            yield return slot.Kind == SlotKind.Device
                ? $"{agent.Name}: device {slot.Subject}{KindOf(manifest, slot.Subject)}"
                : $"{agent.Name}: publish {slot.Subject}";
        }

        foreach (var handler in agent.Handlers)
        {
            if (handler.Kind == HandlerKind.Message)
            {
                yield return $"{agent.Name}: subscribe {handler.Subject}";
            }
            else if (handler.Kind == HandlerKind.Device)
            {
                yield return $"{agent.Name}: device {handler.Subject}{KindOf(manifest, handler.Subject)}";
            }
        }
    }

    private static string KindOf(BundleManifest manifest, string device) =>
        manifest.Devices.FirstOrDefault(one => one.Name == device) is { } spec
            ? $" ({spec.Kind}{string.Concat(spec.Options.Select(one => $", {one.Key} {one.Value}"))})"
            : "";
}
