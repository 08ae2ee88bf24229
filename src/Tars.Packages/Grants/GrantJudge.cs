using System.Collections.Immutable;
using System.Globalization;
using Tars.Bundle.Manifest;
using Interfaces = Tars.Bundle.Interfaces;

namespace Tars.Packages.Grants;

/// <summary>Answers what a module asks for from what its operator grants: never more than is asked.</summary>
/// <remarks>
/// What the command line gives to a device by its name goes before what a file says of it. What nobody speaks of is
/// given where it reaches nothing but the system itself and the operator's terminal, and stays open elsewhere.
/// </remarks>
public sealed class GrantJudge(string file, ModuleGrant? grant, IReadOnlyList<FlagGrant> flags)
{
    /// <summary>A verdict for each demand, in their order.</summary>
    public static ImmutableArray<Verdict> Judge(
        BundleManifest manifest, GrantFile? file, IReadOnlyList<FlagGrant> flags)
    {
        var judge = new GrantJudge(file?.Name ?? "", file?.Find(manifest.Name), flags);
        return [.. Demand.Of(manifest).Select(judge.Answer)];
    }

    /// <summary>Modules of the file that are not among those that run, each as a line for the operator, where one
    /// that runs is not spoken of: it may be the one that was meant.</summary>
    /// <param name="modules">The names of those that run.</param>
    public static IEnumerable<string> BesideAll(IReadOnlyList<string> modules, GrantFile file) =>
        from grant in Strangers(modules, file)
        select $"{file.Name}:{grant.Line}: no module here is called `{grant.Module}`; "
            + $"it says nothing of {Unspoken(modules, file)}";

    /// <summary>Those of them that are to have a machine of their own. Who was meant would run without one, so that is
    /// a reason against the run.</summary>
    /// <inheritdoc cref="BesideAll" path="/param"/>
    public static IEnumerable<string> FloorsBeside(IReadOnlyList<string> modules, GrantFile file) =>
        from grant in Strangers(modules, file)
        where grant.IsIsolated
        select $"{file.Name}:{grant.Line}: `{grant.Module}` is to have isolation \"microvm\", and no module here is "
            + $"called so: correct the name, or speak of {Unspoken(modules, file)} too";

    private static IEnumerable<ModuleGrant> Strangers(IReadOnlyList<string> modules, GrantFile file) =>
        Unspoken(modules, file).Length == 0
            ? []
            : file.Modules.Where(one => !modules.Contains(one.Module, StringComparer.Ordinal));

    private static string Unspoken(IReadOnlyList<string> modules, GrantFile file) =>
        string.Join(", ", modules.Where(one => file.Find(one) is null));

    /// <summary>What the file says of the module and the module does not ask for, each as a line for the
    /// operator.</summary>
    public static IEnumerable<string> Beside(BundleManifest manifest, GrantFile file)
    {
        if (file.Find(manifest.Name) is not { } grant)
        {
            yield break;
        }

        foreach (var device in grant.Devices.Where(one => manifest.Devices.All(known => known.Name != one.Name)))
        {
            yield return $"{file.Name}:{device.Line}: {manifest.Name} declares no device `{device.Name}`";
        }

        foreach (var spawn in grant.Spawn.Where(one => manifest.Spawns.All(known => known.Agent != one.Agent)))
        {
            yield return $"{file.Name}:{spawn.Line}: {manifest.Name} does not spawn `{spawn.Agent}`";
        }

        foreach (var agent in grant.Agents.Where(one => manifest.Agents.All(known => known.Name != one.Agent)))
        {
            yield return $"{file.Name}:{agent.Line}: {manifest.Name} has no agent `{agent.Agent}`";
        }

        var withheld =
            from agent in grant.Agents
            from device in agent.Withheld
            where manifest.Devices.All(known => known.Name != device)
            select (agent.Line, Device: device);
        foreach (var (line, device) in withheld)
        {
            yield return $"{file.Name}:{line}: {manifest.Name} declares no device `{device}`";
        }
    }

    private Verdict Answer(Demand demand) => demand.Kind switch
    {
        DemandKind.Device => Device(demand),
        DemandKind.Subscribe => Channels(demand, grant?.Subscribe),
        DemandKind.Publish => Channels(demand, grant?.Publish),
        DemandKind.Spawn => Spawn(demand),
        DemandKind.Serve => Serve(demand),
    };

    private Verdict Channels(Demand demand, PatternGrant? granted)
    {
        if (granted is null)
        {
            return Free(demand);
        }

        ImmutableArray<string> left = LeftOf(demand.Name, granted.Patterns);
        return left.IsEmpty ? new Verdict(demand, GrantAnswer.Withheld, At(granted.Line), [])
            : left.Contains(demand.Name) ? new Verdict(demand, GrantAnswer.Granted, At(granted.Line), [])
            : new Verdict(demand, GrantAnswer.Narrowed, At(granted.Line), left);
    }

    /// <summary>What of the channels of a pattern is also among those granted.</summary>
    public static ImmutableArray<string> LeftOf(string pattern, ImmutableArray<string> granted) =>
        [.. granted.Select(one => ChannelPatterns.Common(pattern, one)).OfType<string>().Distinct()];

    private Verdict Spawn(Demand demand)
    {
        if (grant?.Spawn.FirstOrDefault(one => one.Agent == demand.Name) is not { } granted)
        {
            return Free(demand);
        }

        int asked = int.Parse(demand.Detail, CultureInfo.InvariantCulture);
        return granted.Most == 0 ? new Verdict(demand, GrantAnswer.Withheld, At(granted.Line), ["0"])
            : asked <= granted.Most ? new Verdict(demand, GrantAnswer.Granted, At(granted.Line), [])
            : new Verdict(
                demand, GrantAnswer.Narrowed, At(granted.Line), [granted.Most.ToString(CultureInfo.InvariantCulture)]);
    }

    // A prefix is of whole segments. What is served at all is up to `--listen`.
    private Verdict Serve(Demand demand)
    {
        if (grant?.Serve is not { } granted)
        {
            return Free(demand);
        }

        static bool IsBelow(string path, string prefix) =>
            prefix == "/" || path == prefix.TrimEnd('/')
            || path.StartsWith(prefix.TrimEnd('/') + "/", StringComparison.Ordinal);

        if (granted.Patterns.Any(one => IsBelow(demand.Name, one)))
        {
            return new Verdict(demand, GrantAnswer.Granted, At(granted.Line), []);
        }

        ImmutableArray<string> left = [.. granted.Patterns.Where(one => IsBelow(one, demand.Name))];
        return new Verdict(
            demand, left.IsEmpty ? GrantAnswer.Withheld : GrantAnswer.Narrowed, At(granted.Line), left);
    }

    private Verdict Device(Demand demand)
    {
        var kind = GrantKinds.Find(demand.Detail);
        var granted = grant?.Devices.FirstOrDefault(one => one.Name == demand.Name);
        if (flags.LastOrDefault(flag => (flag.Kind.Length == 0 || kind?.Form != GrantForm.Origins)
            && Names(flag, demand)) is { } named)
        {
            return new Verdict(demand, GrantAnswer.Granted, $"{named.Flag} {named.Name}", [named.Given]);
        }

        if (granted is { IsGiven: false })
        {
            return new Verdict(demand, GrantAnswer.Withheld, At(granted.Line), []);
        }

        if (kind?.Form == GrantForm.Origins)
        {
            return Origins(demand, granted);
        }

        if (kind is null)
        {
            return granted is null ? Free(demand) : new Verdict(demand, GrantAnswer.Granted, At(granted.Line), []);
        }

        return granted?.Key == kind.Key
            ? new Verdict(demand, GrantAnswer.Granted, At(granted.Line), granted.Given)
            : new Verdict(demand, GrantAnswer.Open, By: "", []);
    }

    // `--allow` names no device: what it allows each may have that declares it.
    private Verdict Origins(Demand demand, DeviceGrant? granted)
    {
        if (demand.Wanted.IsEmpty)
        {
            return Free(demand);
        }

        var own = granted is { Key: "origins" } ? granted : null;
        var allowed = flags.Where(flag => Names(flag, demand)).ToList();
        ImmutableArray<string> given =
        [
            .. demand.Wanted.Where(one => allowed.Exists(flag => IsSame(flag.Given, one))
                || own?.Given.Any(given => IsSame(given, one)) == true),
        ];
        string[] sources = [own is null ? "" : At(own.Line), allowed.Count == 0 ? "" : allowed[0].Flag];
        string by = string.Join(", ", sources.Where(one => one.Length > 0));
        return given.Length == demand.Wanted.Length ? new Verdict(demand, GrantAnswer.Granted, by, given)
            : own is not null || !given.IsEmpty ? new Verdict(demand, GrantAnswer.Narrowed, by, given)
            : new Verdict(demand, GrantAnswer.Open, By: "", []);
    }

    private static bool IsSame(string left, string right) =>
        Interfaces.Origins.Of(left) is { } origin && origin == Interfaces.Origins.Of(right);

    private static bool Names(FlagGrant flag, Demand demand) => (flag.Kind == demand.Detail || flag.Kind.Length == 0)
        && (flag.Name.Length == 0 || flag.Name == demand.Name || flag.Name == $"{demand.Module}.{demand.Name}");

    private static Verdict Free(Demand demand) => new(demand, GrantAnswer.Free, By: "", []);

    private string At(int line) => string.Create(CultureInfo.InvariantCulture, $"{file}:{line}");
}
