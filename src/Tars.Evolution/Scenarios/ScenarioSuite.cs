using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Evolution.Loads;
using Tars.Kernel.Ports;
using Tars.Lang;
using Tars.Lang.Checking;

namespace Tars.Evolution.Scenarios;

/// <summary>The scenarios of one module, ready to be run: every module that they need is compiled and loaded once.
/// </summary>
/// <remarks>Use: Open it for a module that compiles, Run each scenario with each of its seeds, Dispose of it.</remarks>
public sealed class ScenarioSuite : IDisposable
{
    private readonly CheckResult _checked;
    private readonly IModuleSource _sources;
    private readonly IScenarioParts _parts;
    private readonly Dictionary<string, ModuleLoad> _loaded = new(StringComparer.Ordinal);
    private readonly Dictionary<CheckedScenario, ScenarioQuestions> _questions =
        new(ReferenceEqualityComparer.Instance);

    private readonly Dictionary<string, (RecordedLoad? Load, List<string> Reasons)> _loads =
        new(StringComparer.Ordinal);
    private readonly Dictionary<CheckedScenario, LoadReport> _references = new(ReferenceEqualityComparer.Instance);

    private ScenarioSuite(CheckResult check, IModuleSource sources, IScenarioParts parts)
    {
        _checked = check;
        _sources = sources;
        _parts = parts;
    }

    public ImmutableArray<CheckedScenario> Scenarios => _checked.Scenarios;

    /// <param name="compiled">Without errors.</param>
    /// <param name="source">The module's own text.</param>
    public static ScenarioSuite Open(
        CompileResult compiled, SourceText source, IModuleSource sources, IScenarioParts parts) =>
        Open(compiled, source, sources, parts, parts.Load);

    /// <param name="load">Loads the module's own bundle.</param>
    internal static ScenarioSuite Open(
        CompileResult compiled,
        SourceText source,
        IModuleSource sources,
        IScenarioParts parts,
        Func<ReadOnlyMemory<byte>, ModuleLoad> load)
    {
        Invariant.Holds(compiled.Bundle is not null);
        var bundle = compiled.Bundle.Value.AsMemory();
        var suite = new ScenarioSuite(compiled.Check, sources, parts);
        suite._loaded.Add(source.Name, load(bundle));
        return suite;
    }

    /// <summary>The module's own code, when some of it is open; else null, with why.</summary>
    internal IOpenCode? OpenCode(out string why) => Code(out why) as IOpenCode;

    /// <summary>The module's own code; null, with why, where it cannot be run.</summary>
    internal IGuestCode? Code(out string why)
    {
        var loaded = _loaded.Values.First();
        why = loaded is ModuleLoad.Refused refused ? refused.Reason : "";
        return (loaded as ModuleLoad.Loaded)?.Image.Code;
    }

    public void Dispose()
    {
        foreach (var loaded in _loaded.Values.OfType<ModuleLoad.Loaded>())
        {
            loaded.Image.Code.Dispose();
            foreach (var import in loaded.Imports)
            {
                import.Code.Dispose();
            }
        }

        foreach (var (load, _) in _loads.Values)
        {
            load?.Dispose();
        }
    }

    /// <summary>Runs one scenario with one seed.</summary>
    public ScenarioOutcome Run(CheckedScenario scenario, long seed, ScenarioOptions options, CancellationToken stop)
    {
        var reasons = new List<string>();
        var plan = Plan(scenario, options, reasons);
        if (plan is null)
        {
            return Refused(scenario, seed, reasons);
        }

        if (scenario.Load is { } recorded)
        {
            return RunLoad(plan, recorded, options, reasons, stop) ?? Refused(scenario, seed, reasons);
        }

        var core = new VirtualCore(scenario.NanosecondsPerFuel ?? 1, options.AnswersLater);
        switch (plan.System.Link(core, plan.Params))
        {
            case LinkResult.Linked linked:
                using (var run = new ScenarioRun(plan, linked.System, core, seed, options, stop))
                {
                    return run.Run();
                }

            case LinkResult.Refused refused:
                return Refused(scenario, seed, refused.Reasons);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    // Null with reasons.
    private ScenarioOutcome? RunLoad(
        ScenarioPlan plan, CheckedLoad recorded, ScenarioOptions options, List<string> reasons, CancellationToken stop)
    {
        if (!_loads.TryGetValue(recorded.Name, out var read))
        {
            var why = new List<string>();
            read = (_parts.LoadRecorded(recorded.Octets, why, stop), why);
            if (read.Load is not null || !stop.IsCancellationRequested)
            {
                _loads.Add(recorded.Name, read);
            }
        }

        reasons.AddRange(read.Reasons);
        if (read.Load is { } load && ReferenceOf(plan.Scenario, load, reasons, stop) is { } reference
            && LoadScenario.Run(plan, load, reference, options, reasons, stop) is { } outcome)
        {
            return outcome;
        }

        for (int place = 0; place < reasons.Count; place++)
        {
            reasons[place] = $"load {recorded.Name}: {reasons[place]}";
        }

        return null;
    }

    // What a policy is measured beside; a load that even its own policy cannot carry on says nothing of another.
    private LoadReport? ReferenceOf(
        CheckedScenario scenario, RecordedLoad load, List<string> reasons, CancellationToken stop)
    {
        if (!_references.TryGetValue(scenario, out var report))
        {
            report = load.RunAsRecorded(scenario.RunsFor, scenario.NanosecondsPerFuel ?? 1, reasons, stop);
            if (report is not null)
            {
                _references.Add(scenario, report);
            }
        }

        if (report?.Inconclusive is { } why)
        {
            reasons.Add(why);
            return null;
        }

        return report;
    }

    private ScenarioPlan? Plan(CheckedScenario scenario, ScenarioOptions options, List<string> reasons)
    {
        foreach (var stub in scenario.Stubs.Where(one => one.Agent.Starts != AgentStart.WithModule))
        {
            reasons.Add($"`stubs` stands for agents that start with their module; `{stub.Agent.Name}` does not");
        }

        if (scenario.NanosecondsPerFuel < 0)
        {
            reasons.Add("`ns_per_fuel` is below 0");
        }

        var world = scenario.Environment.Select(one => Load(one.Value, reasons)).ToList();
        var begins = scenario.BeginsAs is { } version ? Load(version, reasons) : null;
        var own = Image(_loaded.Values.First(), reasons);
        if (own is null || 0 < reasons.Count)
        {
            return null;
        }

        if (!_questions.TryGetValue(scenario, out var questions))
        {
            questions = new ScenarioQuestions(_checked.Module, scenario, _checked.Measures, _checked.Reflections);
            _questions.Add(scenario, questions);
        }

        if (questions.Unknown is not null)
        {
            reasons.Add("the default of a field that a value leaves out traps when it is worked out");
            return null;
        }

        ImmutableArray<KeyValuePair<string, ImmutableArray<byte>>> values =
        [
            .. scenario.Params.Select(one => KeyValuePair.Create(one.Key.Name, questions.Encode(one.Value)))
                .Where(one => options.Params.All(other => other.Key != one.Key)),
            .. options.Params,
        ];
        CheckRanges(own, "", values, reasons);
        ImmutableArray<ModuleImage> modules = [.. world.Zip(scenario.Environment).Select(one =>
            Settled(one.First!, one.Second.Key, scenario, questions, reasons))];
        var judged = options.Code is { } code ? own with { Code = code } : own;
        var all = world.Append(own).Append(begins).OfType<ModuleImage>();
        var system = new ScenarioSystem(modules, judged, begins) { Imports = ImportsOf([.. all]) };
        return reasons.Count == 0 ? new ScenarioPlan(scenario, system, questions, values, _parts) : null;
    }

    // A module of the world with the values that the scenario gives its params.
    private static ModuleImage Settled(
        ModuleImage world, string name, CheckedScenario scenario, ScenarioQuestions questions, List<string> reasons)
    {
        List<KeyValuePair<string, ImmutableArray<byte>>> values =
        [
            .. scenario.WorldParams.Where(one => one.Environment == name)
                .Select(one => KeyValuePair.Create(one.Param.Name, questions.Encode(one.Value))),
        ];
        CheckRanges(world, $"{name}.", values, reasons);
        return values.Count == 0 ? world : ScenarioSystem.With(world, values);
    }

    private static void CheckRanges(
        ModuleImage module,
        string prefix,
        IReadOnlyList<KeyValuePair<string, ImmutableArray<byte>>> values,
        List<string> reasons)
    {
        foreach (var (name, value) in values)
        {
            var param = module.Manifest.Params.First(one => one.Name == name);
            if (!Bundle.Manifest.ParamRange.Holds(param, value.AsSpan()))
            {
                reasons.Add($"the param {prefix}{name} may not be {ValueText.Of(param.Type, value.AsSpan())}");
            }
        }
    }

    // A module that two of them import is there once, and not at all where it is one of them itself.
    private ImmutableArray<ModuleImage> ImportsOf(ImmutableArray<ModuleImage> modules) =>
    [
        .. _loaded.Values.OfType<ModuleLoad.Loaded>()
            .Where(loaded => modules.Contains(loaded.Image))
            .SelectMany(loaded => loaded.Imports)
            .Where(import => modules.All(module => module.Hash != import.Hash))
            .DistinctBy(import => import.Hash),
    ];

    private ModuleImage? Load(CheckedModule module, List<string> reasons)
    {
        if (!_loaded.TryGetValue(module.Source.Name, out var loaded))
        {
            var compiled = Compiler.Compile(module.Source, _sources, new CompileOptions());
            loaded = compiled.Bundle is { } bundle
                ? _parts.Load(bundle.AsMemory())
                : new ModuleLoad.Refused($"{module.Source.Name}: it does not compile");
            _loaded.Add(module.Source.Name, loaded);
        }

        return Image(loaded, reasons);
    }

    private static ModuleImage? Image(ModuleLoad loaded, List<string> reasons)
    {
        if (loaded is ModuleLoad.Refused refused)
        {
            reasons.Add(refused.Reason);
        }

        return (loaded as ModuleLoad.Loaded)?.Image;
    }

    private static ScenarioOutcome Refused(CheckedScenario scenario, long seed, IEnumerable<string> reasons) =>
        new(scenario.Name, seed, [.. reasons], [], [], [], [], TrapCount: 0, Events: 0, Fuel: 0);
}
