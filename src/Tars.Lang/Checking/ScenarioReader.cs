using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Symbols;
using Tars.Lang.Types;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>Reads <c>scenarios</c>: runs, their world, what is done in them and what is expected.</summary>
internal sealed class ScenarioReader(
    CodeReader code, DataReader data, Func<YamlNode, ModuleScope?> open, Func<YamlNode, CheckedLoad?> openLoad)
{
    private const string Scheduler = "scheduler";

    // Chance, world and stimuli of a recorded load are those of the recording.
    private static readonly string[] _notWithLoad =
        ["seed", "seeds", "begins_as", "environment", "devices", "stubs", "faults", "steps"];

    // Several scenarios may begin with one version; what becomes of it is told once.
    private readonly HashSet<string> _swapped = new(StringComparer.Ordinal);

    private ModuleScope Module => code.Module;

    public ImmutableArray<CheckedScenario> Read(YamlNode? scenarios)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var read = ImmutableArray.CreateBuilder<CheckedScenario>();
        foreach (YamlNode node in scenarios.Items())
        {
            YamlNode? name = node.Get("name");
            if (name is YamlNode.Scalar && !names.Add(name.Text()))
            {
                code.Report(Report.NameTaken(name.Span, name.Text(), "the name of a scenario"));
            }

            read.Add(ReadOne(node));
        }

        return read.ToImmutable();
    }

    private CheckedScenario ReadOne(YamlNode node)
    {
        var environment = Environment(node.Get("environment"));
        ModuleScope? beginsAs = node.Get("begins_as") is YamlNode.Scalar path ? open(path) : null;
        var scope = new ExpectationScope(environment.ToDictionary(pair => pair.Key, pair => pair.Value));
        var steps = new StepReader(code, data, scope, beginsAs);
        CheckSwap(node, beginsAs);
        return new CheckedScenario(
            node.Get("name").Text(),
            Seeds(node),
            node.Get("split").Text(),
            node.Get("runs_for").Duration() ?? 0,
            node.Get("ns_per_fuel").Int(),
            beginsAs is null ? null : new CheckedModule(beginsAs.Symbol, beginsAs.Source),
            [
                .. environment.Where(pair => pair.Value is not null)
                    .Select(pair => KeyValuePair.Create(
                        pair.Key, new CheckedModule(pair.Value!.Symbol, pair.Value.Source))),
            ],
            [.. node.Get("devices").Entries().SelectMany(Twin)],
            [.. node.Get("params").Entries().Where(entry => !IsOfWorld(entry)).SelectMany(Param)],
            Faults(node.Get("faults")),
            [.. node.Get("stubs").Entries().SelectMany(Stub)],
            [.. node.Get("steps").Items().Select(steps.Read).OfType<CheckedStep>()],
            [.. node.Get("expect").Items().OfType<YamlNode.Scalar>().Select(one => steps.Expect(one, answer: null))],
            node.Span)
        {
            WorldParams =
            [
                .. node.Get("params").Entries().Where(IsOfWorld).SelectMany(entry => WorldParam(entry, scope)),
            ],
            Load = Load(node),
        };
    }

    private CheckedLoad? Load(YamlNode node)
    {
        if (node.Get("load") is not { } path)
        {
            return null;
        }

        foreach (YamlEntry entry in node.Entries().Where(one => _notWithLoad.Contains(one.Key.Value)))
        {
            code.Report(Report.KeyNotHere(entry.Key.Span, entry.Key.Value, "a scenario with `load`"));
        }

        if (Module.Symbol.Implements?.Name != Scheduler)
        {
            code.Report(Report.LoadWithoutPolicy(path.Span));
        }

        foreach (MetricSpec figure in Module.Symbol.Metrics.Where(one => LoadFigureNames.All.Contains(one.Name)))
        {
            Module.Usage.Mark(figure);
        }

        return openLoad(path);
    }

    private static CheckedFaults Faults(YamlNode? faults) => new(
        Share(faults.Get("drop")),
        faults.Get("delay").Duration() ?? 0,
        Share(faults.Get("duplicate")),
        Share(faults.Get("reorder")),
        faults.Get("clock_jump").Duration() ?? 0);

    private static double Share(YamlNode? node) => node.Scalar() is { } share ? Literals.Share(share.Value) ?? 0 : 0;

    private SeedRange Seeds(YamlNode node)
    {
        YamlNode? seeds = node.Get("seeds");
        YamlNode? seed = node.Get("seed");
        if (node.Get("load") is not null)
        {
            return new SeedRange(0, Count: 1);
        }

        if ((seed is null) == (seeds is null) && node is YamlNode.Mapping { Entries: [var first, ..] }
            && !Module.Complaints.Recovery.MayBeDeclared("seed"))
        {
            code.Report(Report.OneOfKeys(
                first.Key.Span, "a scenario", "seed", "seeds", toAdd: seed is null ? "seed: 1" : null));
        }

        if (seeds is null)
        {
            return new SeedRange(seed.Int() ?? 0, Count: 1);
        }

        int count = seeds.Get("count").Count() ?? 1;
        if (count is < 1 or > Limits.SeedCountMax)
        {
            code.Report(Report.NotInRange(
                seeds.Get("count")!.Span, seeds.Get("count").Text(), $"1 to {Limits.SeedCountMax}"));
            count = 1;
        }

        return new SeedRange(seeds.Get("from").Int() ?? 0, count);
    }

    private List<KeyValuePair<string, ModuleScope?>> Environment(YamlNode? node)
    {
        var modules = new List<KeyValuePair<string, ModuleScope?>>();
        foreach (YamlEntry entry in node.Entries())
        {
            if (Module.Agents.ContainsKey(entry.Key.Value))
            {
                code.Report(Report.NameTaken(entry.Key.Span, entry.Key.Value, "an agent"));
            }

            modules.Add(KeyValuePair.Create(entry.Key.Value, open(entry.Value)));
        }

        return modules;
    }

    private IEnumerable<KeyValuePair<ParamSymbol, BoundExpr>> Param(YamlEntry entry)
    {
        if (Module.Params.TryGetValue(entry.Key.Value, out ParamSymbol? param))
        {
            Module.Usage.Mark(param);
            yield return KeyValuePair.Create(param, data.Read(entry.Value, param.Type));
        }
        else if (!Module.Complaints.Recovery.MayBeDeclared(entry.Key.Value))
        {
            code.Report(Report.NoSuchThing(
                entry.Key.Span,
                $"no param `{entry.Key.Value}`",
                NearestName.Mend(entry.Key.Value, Module.Params.Keys)));
        }
    }

    // A param of a module under `environment` is written with that module's name before it.
    private static bool IsOfWorld(YamlEntry entry) => entry.Key.Value.Contains('.', StringComparison.Ordinal);

    private IEnumerable<CheckedWorldParam> WorldParam(YamlEntry entry, ExpectationScope scope)
    {
        if (scope.ParamOf(entry.Key.Value) is var (world, param))
        {
            yield return new CheckedWorldParam(world, param, data.Read(entry.Value, param.Type));
        }
        else if (!scope.MayBeParam(entry.Key.Value)
            && !Module.Complaints.Recovery.MayBeDeclared(entry.Key.Value.Split('.')[^1]))
        {
            code.Report(Report.NoSuchThing(
                entry.Key.Span,
                $"no param `{entry.Key.Value}`",
                NearestName.Mend(entry.Key.Value, Module.Params.Keys.Concat(scope.Params))));
        }
    }

    /// <summary>What stands for an agent that is not run: its asks, each with the answer it always gives.</summary>
    private IEnumerable<CheckedStub> Stub(YamlEntry stub)
    {
        string name = stub.Key.Value;
        if (!Module.Agents.TryGetValue(name, out AgentScope? agent))
        {
            ReportNoSuch(stub.Key, $"no agent `{name}`", name, Module.Agents.Keys);
        }
        else if (stub.Value is not (YamlNode.Mapping or YamlNode.Missing))
        {
            code.Report(Report.WrongKindOfValue(stub.Value.Span, name, "a mapping of ask to answer"));
        }
        else
        {
            yield return new CheckedStub(
                agent.Symbol, [.. stub.Value.Entries().SelectMany(answer => AnswerOf(agent, answer))]);
        }
    }

    private IEnumerable<KeyValuePair<HandlerSymbol, BoundExpr>> AnswerOf(AgentScope agent, YamlEntry answer)
    {
        string name = answer.Key.Value;
        if (!agent.Asks.TryGetValue(name, out HandlerSymbol? ask))
        {
            ReportNoSuch(answer.Key, $"no ask `{agent.Symbol.Name}.{name}`", name, agent.Asks.Keys);
        }
        else if (ask.Returns is LangType.Unit)
        {
            code.Report(Report.NoSuchThing(
                answer.Key.Span, $"`ask {name}` answers nothing", "leave it out: there is nothing to stand for"));
        }
        else
        {
            LangType type = ask.Returns is LangType.Fallible fallible ? fallible.Inner : ask.Returns;
            yield return KeyValuePair.Create(ask, data.Read(answer.Value, type));
        }
    }

    private void ReportNoSuch(YamlNode.Scalar at, string title, string name, IEnumerable<string> known)
    {
        if (!Module.Complaints.Recovery.MayBeDeclared(name))
        {
            code.Report(Report.NoSuchThing(at.Span, title, NearestName.Mend(name, known)));
        }
    }

    private void CheckSwap(YamlNode node, ModuleScope? beginsAs)
    {
        bool swaps = node.Get("steps").Items().Any(step => step.Get("swap") is not null);

        // Types that are wrong may be endless, so they are not compared.
        bool isRight = !Module.Complaints.HasErrors && beginsAs?.Complaints.HasErrors == false;
        if (swaps && isRight && _swapped.Add(beginsAs!.Source.Name))
        {
            new SwapCheck(code, beginsAs).Run();
        }
    }

    private IEnumerable<CheckedTwin> Twin(YamlEntry entry)
    {
        string name = entry.Key.Value;
        if (!Module.Devices.TryGetValue(name, out DeviceScope? device))
        {
            if (!Module.Complaints.Recovery.MayBeDeclared(name))
            {
                code.Report(Report.NoSuchThing(
                    entry.Key.Span, $"no device `{name}`", NearestName.Mend(name, Module.Devices.Keys)));
            }

            yield break;
        }

        YamlNode node = entry.Value;
        foreach (YamlEntry option in node.Entries())
        {
            if (!device.Symbol.Kind.TwinOptions.Contains(option.Key.Value) && !device.Symbol.Kind.Reserved)
            {
                code.Report(Report.KeyNotHere(
                    option.Key.Span, option.Key.Value, $"the twin of a device of kind `{device.Symbol.Kind.Name}`"));
            }
        }

        YamlNode? answers = node.Get("answers");
        if (node.Get("files") is { } files and not (YamlNode.Mapping or YamlNode.Missing))
        {
            code.Report(Report.WrongKindOfValue(files.Span, "files", "a mapping of path to content"));
        }

        CheckAnswers(device, answers);
        yield return new CheckedTwin(
            name,
            node.Get("sectors").Count(),
            node.Get("torn_after").Count(),
            node.Get("fails").Text(),
            [.. answers.Entries().Select(one => KeyValuePair.Create(one.Key.Value, one.Value.Text()))],
            [.. answers.Items().Select(ReadData)],
            [.. node.Get("files").Entries().Select(one => KeyValuePair.Create(one.Key.Value, one.Value.Text()))]);
    }

    private void CheckAnswers(DeviceScope device, YamlNode? answers)
    {
        if (answers is null or YamlNode.Missing)
        {
            return;
        }

        bool isModel = device.Symbol.Kind.Name == "model";
        bool isRight = isModel ? answers is YamlNode.Sequence : answers is YamlNode.Mapping;
        if (!isRight)
        {
            code.Report(Report.WrongKindOfValue(
                answers.Span, "answers", isModel ? "a list of answers in turn" : "a mapping of argument to answer"));
            return;
        }

        LangType wanted = device.Symbol.Kind.Name == "query" ? CoreTypes.Float : CoreTypes.Text;
        foreach (YamlEntry answer in answers.Entries())
        {
            data.Read(answer.Value, wanted);
        }
    }

    private static DataNode ReadData(YamlNode node) => node switch
    {
        YamlNode.Mapping mapping => new DataNode.Record(
            [.. mapping.Entries.Select(entry => KeyValuePair.Create(entry.Key.Value, ReadData(entry.Value)))]),
        YamlNode.Sequence sequence => new DataNode.List([.. sequence.Items.Select(item => ReadData(item.Value))]),
        _ => new DataNode.Text(node.Text()),
    };
}
