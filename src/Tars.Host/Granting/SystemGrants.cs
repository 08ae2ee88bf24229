using System.Collections.Immutable;
using Tars.Bundle.Container;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;
using Tars.Packages.Grants;

namespace Tars.Host.Granting;

/// <summary>What an operator gives to each module of a system, by policy and by command line.</summary>
/// <remarks>
/// A device that reaches something outside needs his word; all else is the system's own. What is narrowed goes to the
/// kernel, what is given to devices to those who open them.
/// </remarks>
public sealed class SystemGrants
{
    private readonly PolicyFile? _policy;

    private readonly BundleManifest? _scheduler;

    private SystemGrants(ImmutableArray<ModuleVerdicts> modules, PolicyFile? policy, BundleManifest? scheduler)
    {
        Modules = modules;
        _policy = policy;
        _scheduler = scheduler;
    }

    /// <summary>Those that were given and those that they import, each once.</summary>
    public ImmutableArray<ModuleVerdicts> Modules { get; }

    /// <summary>What nobody has answered: the system does not run.</summary>
    public ImmutableArray<Demand> Open =>
    [
        .. Modules.SelectMany(one => one.Verdicts).Where(one => one.Answer == GrantAnswer.Open)
            .Select(one => one.Demand),
    ];

    /// <summary>What the policy speaks of and no module asks for, each as a line.</summary>
    public IEnumerable<string> Beside => _policy is null
        ? []
        : GrantJudge.BesideAll(Names, _policy.Grants)
            .Concat(Modules.SelectMany(one => GrantJudge.Beside(one.Manifest, _policy.Grants)));

    // A module that decides who is next is spoken of like any other.
    private ImmutableArray<BundleManifest> Manifests =>
        [.. Modules.Select(one => one.Manifest), .. _scheduler is null ? [] : (BundleManifest[])[_scheduler]];

    private ImmutableArray<string> Names => [.. Manifests.Select(one => one.Name)];

    /// <summary>Where a module is left less than it declares.</summary>
    public ImmutableArray<Narrowing> Narrowings =>
        [.. Modules.SelectMany(one => GrantNarrowings.Of(one, _policy?.Grants.Find(one.Manifest.Name)))];

    /// <summary>Judges what all modules ask for. A bundle that cannot be read is for its loader to refuse.</summary>
    public static SystemGrants Of(IReadOnlyList<ReadOnlyMemory<byte>> bundles, RunOptions options)
    {
        var flags = FlagsOf(options);
        var seen = new HashSet<BundleHash>();
        var modules = ImmutableArray.CreateBuilder<ModuleVerdicts>();
        var left = new Queue<ReadOnlyMemory<byte>>(bundles);
        while (left.TryDequeue(out var bytes))
        {
            if (BundleReader.Read(bytes) is not BundleReading.Read { Bundle: var bundle } || !seen.Add(bundle.Hash))
            {
                continue;
            }

            modules.Add(new ModuleVerdicts(
                bundle.Manifest, GrantJudge.Judge(bundle.Manifest, options.Grants?.Grants, flags)));
            foreach (var inner in bundle.Imports)
            {
                left.Enqueue(inner);
            }
        }

        var scheduler = options.PolicyModule is { } decides
            && BundleReader.Read(decides) is BundleReading.Read { Bundle.Manifest: var manifest } ? manifest : null;
        return new SystemGrants(modules.ToImmutable(), options.Grants, scheduler);
    }

    /// <summary>Why the system may not run, with the lines that would let it; empty when it may.</summary>
    public IReadOnlyList<string> Refusals() =>
        [.. _policy is null ? [] : GrantJudge.FloorsBeside(Names, _policy.Grants), .. OpenRefusals()];

    /// <summary>Which modules have a machine of their own or do not run, and whether all do.</summary>
    internal (ImmutableArray<string> Isolated, bool AreAll) Floors(RunOptions options)
    {
        var applied = ApplyTo(options);
        ImmutableArray<string> isolated =
            [.. Manifests.Where(one => Floor.IsIsolated(one, applied)).Select(one => one.Name)];
        return (isolated, isolated.Length == Manifests.Length);
    }

    private string[] OpenRefusals()
    {
        if (Open.IsEmpty)
        {
            return [];
        }

        string asked = string.Join(", ", Open.Select(one => $"{one.Module}: {one}"));
        string flags = string.Join(' ', Open.SelectMany(FlagsFor));
        return
        [
            $"nobody has granted what is asked for: {asked}",
            $"put these lines into {_policy?.Grants.Name ?? PolicyFile.FileName} and change what they give, or false "
                + "to withhold it:",
            .. GrantLines.Of(Open).Select(line => $"  {line}"),
            $"or, for this run alone: {flags}",
        ];
    }

    /// <summary>The options of the run with what the policy gives these modules, and nothing of what it gave others
    /// before.</summary>
    internal RunOptions ApplyTo(RunOptions options)
    {
        var given = Modules.SelectMany(one => one.Verdicts)
            .Where(one => one.Demand.Kind == DemandKind.Device
                && one.Answer is GrantAnswer.Granted or GrantAnswer.Narrowed or GrantAnswer.Withheld)
            .ToList();
        return options with
        {
            Narrowings = Narrowings,
            PolicyBindings = [.. given.Where(IsByPolicy).SelectMany(BindingsOf)],
            DeviceOrigins =
            [
                .. from one in given
                   where GrantKinds.Find(one.Demand.Detail)?.Form == GrantForm.Origins
                   from origin in one.Given
                   select KeyValuePair.Create(NameOf(one), origin),
            ],
            ServeLimits =
            [
                .. from one in Modules.SelectMany(module => module.Verdicts)
                   where one.Demand.Kind == DemandKind.Serve
                       && one.Answer is GrantAnswer.Narrowed or GrantAnswer.Withheld
                   select new ServeLimit(one.Demand.Module, one.Demand.Name, one.Given),
            ],
            Isolated = [.. _policy?.Grants.Modules.Where(one => one.IsIsolated).Select(one => one.Module) ?? []],
            Withheld = [.. given.Where(one => one.Answer == GrantAnswer.Withheld).Select(NameOf)],
        };
    }

    private IEnumerable<DeviceBinding> BindingsOf(Verdict verdict) => GrantKinds.Find(verdict.Demand.Detail) switch
    {
        { Form: GrantForm.Path } kind =>
            [new DeviceBinding(kind.Kind, NameOf(verdict), _policy!.RealOf(verdict.Given[0]))], // By the policy.
        { Form: GrantForm.Addresses } kind =>
            verdict.Given.Select(one => new DeviceBinding(kind.Kind, NameOf(verdict), one)),
        _ => [],
    };

    private static string NameOf(Verdict verdict) => $"{verdict.Demand.Module}.{verdict.Demand.Name}";

    private bool IsByPolicy(Verdict verdict) => _policy is not null && !verdict.Given.IsEmpty
        && verdict.By.StartsWith($"{_policy.Grants.Name}:", StringComparison.Ordinal);

    private static IEnumerable<string> FlagsFor(Demand demand) => demand.Wanted.IsEmpty
        ? [$"--{demand.Detail} {demand.Name}={GrantKinds.Find(demand.Detail)?.Shape}"]
        : demand.Wanted.Select(origin => $"--allow {origin}");

    private static ImmutableArray<FlagGrant> FlagsOf(RunOptions options) =>
    [
        .. options.Bindings.Select(one => new FlagGrant($"--{one.Kind}", one.Kind, one.Name, one.Spec)),
        .. options.StandIns.Select(one => new FlagGrant("--bind", Kind: "", one.Key, one.Value)),
        .. from origin in options.Origins
           from kind in GrantKinds.OfOrigins
           select new FlagGrant("--allow", kind, Name: "", origin),
    ];
}

/// <summary>A module and the answer to each thing that it asks for.</summary>
public sealed record ModuleVerdicts(BundleManifest Manifest, ImmutableArray<Verdict> Verdicts);
