using System.Collections.Immutable;
using Tars.Base;
using Tars.Packages.Toml;

namespace Tars.Packages.Grants;

/// <summary>Reads what a `tars.toml` grants; every unknown key and every value of the wrong kind is told.</summary>
/// <remarks>To add a key: its row in the words below, its arm, and its line in docs/policy.md.</remarks>
public sealed class GrantReader
{
    private const string FileWords = "`grant`, `approvers`";
    private const string ApproversKey = "approvers";
    private const string ModuleWords = "`subscribe`, `publish`, `spawn`, `serve`, `isolation`, `device`, `agent`";
    private const string AgentWords = "`subscribe`, `publish`, `device`";

    private readonly SourceText _source;
    private readonly List<TomlMistake> _mistakes = [];

    private GrantReader(SourceText source) => _source = source;

    /// <summary>Any octets give what can be read of them, and the mistakes, those of TOML first.</summary>
    /// <param name="name">What the file is called in messages.</param>
    public static GrantReading Read(string name, ReadOnlySpan<byte> octets)
    {
        var toml = TomlReader.Read(name, octets);
        var reader = new GrantReader(toml.Source);
        var file = new GrantFile(name, reader.Modules(toml.Root)) { Approvers = reader.Approvers(toml.Root) };
        return new GrantReading(toml.Source, file, [.. toml.Mistakes, .. reader._mistakes]);
    }

    private ImmutableArray<ModuleGrant> Modules(TomlValue.Table root)
    {
        var modules = ImmutableArray.CreateBuilder<ModuleGrant>();
        foreach (var entry in root.Entries)
        {
            if (entry.Key is not ("grant" or ApproversKey))
            {
                Unknown(entry, "a tars.toml", FileWords);
            }
            else if (entry.Key == "grant"
                && Table(entry.Value, "`grant`", "write `[grant.MODULE]`") is { } grants)
            {
                modules.AddRange(grants.Entries.Select(Module).OfType<ModuleGrant>());
            }
        }

        return modules.ToImmutable();
    }

    private ImmutableArray<Approver> Approvers(TomlValue.Table root) =>
        root.Entries.FirstOrDefault(one => one.Key == ApproversKey) is { } entry
            ? [.. Below(entry).Select(Approver).OfType<Approver>()]
            : [];

    // Whether it is a key that can verify anything is found out by whoever uses it.
    private Approver? Approver(TomlEntry approver)
    {
        bool isName = approver.Key.Length is > 0 and <= Limits.ApproverNameMax
            && approver.Key.All(unit => char.IsAsciiLetterOrDigit(unit) || unit is '_' or '-' or '.' or '@');
        if (isName && approver.Value is TomlValue.String { Value: { Length: > 0 and <= Limits.ApproverKeyMax } key })
        {
            return new Approver(approver.Key, key, LineOf(approver.KeySpan));
        }

        Wrong(
            approver.Value,
            $"`{approver.Key}` is the public key of somebody who approves",
            "a line as `tarscli versions key` prints it; a name has a-z, 0-9, `_`, `-`, `.` and `@`");
        return null;
    }

    private ModuleGrant? Module(TomlEntry module)
    {
        if (Table(module.Value, $"`grant.{module.Key}`", "write `[grant.MODULE]`, and its keys below") is not { } table)
        {
            return null;
        }

        var grant = new ModuleGrant(module.Key, LineOf(module.KeySpan), null, null, null, [], [], []);
        foreach (var entry in table.Entries)
        {
            grant = entry.Key switch
            {
                "subscribe" => grant with { Subscribe = Patterns(entry, isPath: false) },
                "publish" => grant with { Publish = Patterns(entry, isPath: false) },
                "serve" => grant with { Serve = Patterns(entry, isPath: true) },
                "isolation" => grant with { IsIsolated = IsIsolated(entry) },
                "spawn" => grant with { Spawn = [.. Below(entry).Select(Spawn).OfType<SpawnGrant>()] },
                "device" => grant with { Devices = [.. Below(entry).Select(Device).OfType<DeviceGrant>()] },
                "agent" => grant with { Agents = [.. Below(entry).Select(Agent).OfType<AgentGrant>()] },
                _ => Unknown(entry, "a module", ModuleWords, grant),
            };
        }

        return grant;
    }

    private bool IsIsolated(TomlEntry isolation) =>
        isolation.Value is TomlValue.String { Value: "any" or "microvm" } one
        ? one.Value == "microvm"
        : Wrong(isolation.Value, "`isolation` is the least that will do", "write \"any\" or \"microvm\"");

    private AgentGrant? Agent(TomlEntry agent)
    {
        if (Table(agent.Value, $"`{agent.Key}`", "write `[grant.MODULE.agent.NAME]`") is not { } table)
        {
            return null;
        }

        var grant = new AgentGrant(agent.Key, LineOf(agent.KeySpan), null, null, []);
        foreach (var entry in table.Entries)
        {
            grant = entry.Key switch
            {
                "subscribe" => grant with { Subscribe = Patterns(entry, isPath: false) },
                "publish" => grant with { Publish = Patterns(entry, isPath: false) },
                "device" => grant with { Withheld = [.. Below(entry).Where(IsWithheld).Select(one => one.Key)] },
                _ => Unknown(entry, "an agent", AgentWords, grant),
            };
        }

        return grant;
    }

    // What a device is given is the module's: an agent may use it or not.
    private bool IsWithheld(TomlEntry device) => device.Value is TomlValue.Boolean { Value: var isGiven }
        ? !isGiven
        : Wrong(device.Value, $"`{device.Key}` of an agent is true or false", "what a device reaches is the module's");

    private SpawnGrant? Spawn(TomlEntry spawn)
    {
        if (spawn.Value is TomlValue.Integer { Value: >= 0 and <= int.MaxValue and var most })
        {
            return new SpawnGrant(spawn.Key, (int)most, LineOf(spawn.KeySpan));
        }

        Wrong(spawn.Value, $"`{spawn.Key}` is how many may be alive at once", "write a whole number from 0 on");
        return null;
    }

    private DeviceGrant? Device(TomlEntry device)
    {
        int line = LineOf(device.KeySpan);
        switch (device.Value)
        {
            case TomlValue.Boolean flag:
                return new DeviceGrant(device.Key, flag.Value, Key: "", [], line);
            case TomlValue.Table { Entries: [var given] } when GrantKinds.WithKey(given.Key) is { } kind:
                return Given(kind, given.Value) is { } what
                    ? new DeviceGrant(device.Key, IsGiven: true, kind.Key, what, line)
                    : null;
            case TomlValue.Table { Entries: [var given] }:
                Unknown(given, "a device", GrantKinds.Keys);
                return null;
            default:
                Wrong(device.Value, $"device `{device.Key}` is true, false, or a table of what it is given",
                    $"one of {GrantKinds.Keys}");
                return null;
        }
    }

    private ImmutableArray<string>? Given(GrantKind kind, TomlValue value)
    {
        switch (kind.Form, value)
        {
            case (GrantForm.Path, TomlValue.String { Value: { Length: > 0 } path })
                when !path.Contains('\0', StringComparison.Ordinal):
                return [path];
            case (GrantForm.Origins or GrantForm.Addresses, TomlValue.Array { Items: var items })
                when items.All(item => item is TomlValue.String { Value.Length: > 0 })
                    && (kind.Form == GrantForm.Origins || !items.IsEmpty):
                return [.. items.Cast<TomlValue.String>().Select(item => item.Value)];
            default:
                Wrong(value, $"`{kind.Key}` is {kind.About}", kind.Form switch
                {
                    GrantForm.Path => "write a path in quotes; it is meant from this file",
                    GrantForm.Origins => "write a list such as `[\"https://example.com\"]`",
                    GrantForm.Addresses => "write a list such as `[\"127.0.0.1:7\", \"listen:8\"]`",
                });
                return null;
        }
    }

    private PatternGrant? Patterns(TomlEntry entry, bool isPath)
    {
        bool IsWell(TomlValue item) => item is TomlValue.String { Value: var text }
            && (isPath ? text.StartsWith('/') : ChannelPatterns.IsPattern(text));

        if (entry.Value is TomlValue.Array { Items: var items } && items.All(IsWell))
        {
            return new PatternGrant(
                [.. items.Cast<TomlValue.String>().Select(item => item.Value)], LineOf(entry.KeySpan));
        }

        var at = (entry.Value as TomlValue.Array)?.Items.First(item => !IsWell(item)) ?? entry.Value;
        Wrong(at, isPath ? "`serve` is a list of path prefixes" : $"`{entry.Key}` is a list of channels", isPath
            ? "write `[\"/api\"]`"
            : "write `[\"plant/+\"]`: 1 to 8 names of a-z, 0-9, `_` and `-` with `/`; `+` is any one name");
        return null;
    }

    private ImmutableArray<TomlEntry> Below(TomlEntry entry) =>
        Table(entry.Value, $"`{entry.Key}`", "it has a key for each name")?.Entries ?? [];

    private TomlValue.Table? Table(TomlValue value, string what, string hint)
    {
        if (value is TomlValue.Table table)
        {
            return table;
        }

        Wrong(value, $"{what} is a table", hint);
        return null;
    }

    private bool Wrong(TomlValue value, string title, string hint)
    {
        Add(new TomlMistake(value.Span, title, hint));
        return false;
    }

    private void Unknown(TomlEntry entry, string of, string words) =>
        Add(new TomlMistake(entry.KeySpan, $"`{entry.Key}` is no key of {of}", $"there is {words}"));

    private void Add(TomlMistake mistake)
    {
        if (_mistakes.Count < Limits.TomlMistakesMax)
        {
            _mistakes.Add(mistake);
        }
    }

    private T Unknown<T>(TomlEntry entry, string of, string words, T same)
    {
        Unknown(entry, of, words);
        return same;
    }

    private int LineOf(TextSpan span) => _source.PositionOf(span.Start).Line;
}

/// <summary>What a file grants, as far as it could be read, and everything that is wrong with it.</summary>
public sealed record GrantReading(SourceText Source, GrantFile File, ImmutableArray<TomlMistake> Mistakes);
