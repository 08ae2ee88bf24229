using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Beliefs;
using Tars.Bundle.Manifest;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Folding;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>
/// Reads one module in order: shape, names, signatures, code; and, of the module that was asked for, its judgement.
/// </summary>
/// <remarks>
/// Each step needs the names of those before it and none of those after it. Scenarios and evolution are read only for
/// the module that is checked: a module that plays the world in another's scenario may have that one in its own.
/// </remarks>
internal sealed class ModuleReader
{
    private readonly DiagnosticBag _bag = new();
    private readonly ModuleLoader _loader;
    private readonly Recovery _recovery;
    private readonly CodeReader _code;
    private readonly DataReader _data;
    private readonly TypeDeclarations _types;
    private readonly ValueDeclarations _values;
    private readonly CapabilityReader _capabilities;
    private readonly JudgementReader _judgement;
    private readonly List<AgentReader> _agents = [];
    private readonly YamlNode _root;

    public ModuleReader(SourceText source, ModuleLoader loader)
    {
        Source = source;
        _loader = loader;
        _recovery = new Recovery(source);
        YamlNode root = YamlReader.Read(source, _bag);
        foreach (Diagnostic problem in _bag.ToSorted())
        {
            _recovery.LostLines(problem.Span);
        }

        _root = new DocumentShape(_bag, _recovery).Check(root);
        var symbol = new ModuleSymbol(_root.Get("module").Text());
        Scope = new ModuleScope(symbol, source, new Complaints(_bag, _recovery)) { IsStandard = loader.IsStandard };
        _code = new CodeReader(Scope, _bag);
        _data = new DataReader(_code);
        _types = new TypeDeclarations(_code);
        _values = new ValueDeclarations(_code, _data);
        _capabilities = new CapabilityReader(_code);
        _judgement = new JudgementReader(_code);
    }

    public SourceText Source { get; }

    public ModuleScope Scope { get; }

    public bool HasErrors => _bag.HasErrors;

    public ImmutableArray<Diagnostic> Diagnostics => _bag.ToSorted();

    public ImmutableArray<CheckedMeasure> Measures { get; private set; } = [];

    /// <summary>What was told of the belief graph as a whole.</summary>
    public ImmutableArray<BeliefFinding> BeliefFindings { get; private set; } = [];

    public void Read()
    {
        ReadHead();
        OpenImports();
        _capabilities.DeclareInterfaces(_root.Get("implements"), _root.Get("capabilities").Get("devices"));
        _types.DeclareNames(_root.Get("types"));
        DeclareAgents();
        _types.DeclareMembers();
        _capabilities.Declare(_root.Get("capabilities"));
        _capabilities.DeclareSpawns(_root.Get("capabilities").Get("spawn"));
        _values.DeclareConstants(_root.Get("constants"));
        _values.DeclareParams(_root.Get("params"));
        _values.DeclareFunctions(_root.Get("functions"));
        _judgement.DeclareMetrics(_root.Get("metrics"));
        _judgement.DeclareBeliefs(_root.Get("belief_graph"));
        _agents.ForEach(agent => agent.DeclareState());
        _agents.ForEach(agent => agent.DeclareProcedures());
        _agents.ForEach(agent => agent.DeclareHandlers());
        new InterfaceCheck(_code).Run(_root.Get("implements"), _capabilities.Interface(_root.Get("implements")));
        _types.BindAllDefaults();
        _values.BindConstants();
        _values.BindFunctions();
        if (!Scope.Symbol.IsForeign || MayHaveSoMany(ForeignRights.CountIn(Scope)))
        {
            _agents.ForEach(agent => agent.BindCode());
        }

        Measures = _judgement.BindMetrics(_root.Get("metrics"));
        _judgement.BindTests(_root.Get("tests"));
        ListImportedAgents();
    }

    /// <summary>Works out constants and initial values; only when no module has errors.</summary>
    public void FoldValues() => ValueFolder.Fold(Scope.Symbol, _bag.Add);

    /// <summary>What only the module that is checked needs.</summary>
    public (ImmutableArray<CheckedScenario>, ImmutableArray<CheckedReflection>, CheckedEvolution?) ReadJudgement()
    {
        var paths = new DocumentPaths(_code, _root);
        var scenarios = new ScenarioReader(
                _code, _data, path => _loader.Open(_code, path), path => _loader.OpenLoad(_code, path))
            .Read(_root.Get("scenarios"));
        var reflections = _judgement.BindReflections(_root.Get("reflection"), paths);
        var units = Units();
        var rules = new MetricRules(_code, units, Measures, _values.Reads!);
        CheckedEvolution? evolution =
            new EvolutionReader(_code, paths, rules, scenarios, path => _loader.OpenLoad(_code, path))
                .Read(_root.Get("evolution"));
        rules.WarnOfRepeats();
        CheckBeliefs(units);
        if (!Scope.Symbol.IsForeign)
        {
            new UnusedThings(_code).Warn(PlaceOf);
        }

        return (scenarios, reflections, evolution);
    }

    /// <summary>What the module declares and this version cannot run.</summary>
    public void ListNotYetInForce() => Scope.Symbol.NotYetInForce = new NotYetInForce(Scope).Find();

    /// <summary>Something about this module that is known only when all modules are.</summary>
    public void Complain(Diagnostic diagnostic) => _code.Report(diagnostic);

    private ImmutableArray<CodeUnit> Units() => [.. _agents.SelectMany(agent => agent.Units())];

    private void CheckBeliefs(ImmutableArray<CodeUnit> units)
    {
        if (Scope.Symbol.Beliefs is BeliefGraphSpec graph && _root.Get("belief_graph") is YamlNode node)
        {
            var observed = units.SelectMany(unit => unit.Facts.Observed).ToHashSet(StringComparer.Ordinal);
            BeliefFindings = new BeliefRules(_code, node, graph).Run(observed);
        }
    }

    /// <summary>The place of a key below a key of the module.</summary>
    private TextSpan PlaceOf(string block, string key) =>
        _root.Get(block).Entries().FirstOrDefault(entry => entry.Key.Value == key)?.Key.Span ?? _root.Span;

    private void ReadHead()
    {
        YamlNode? name = _root.Get("module");
        if (name is YamlNode.Scalar && !DocumentShape.IsName(name.Text()))
        {
            _code.Report(Report.WrongCase(name.Span, name.Text()));
        }

        YamlNode? version = _root.Get("version");
        if (version is YamlNode.Scalar && !Literals.IsVersion(version.Text()))
        {
            _code.Report(Report.NotAVersion(version.Span, version.Text()));
        }

        YamlNode? language = _root.Get("tars");
        if (language.Int() is long number && number != 1)
        {
            _code.Report(Report.NotTheLanguage(language!.Span, language.Text()));
        }

        Scope.Symbol.Version = version.Text();
        Scope.Symbol.Summary = _root.Get("summary").Text();
        ReadCode(_root.Get("code"));
    }

    private void OpenImports()
    {
        var imports = ImmutableArray.CreateBuilder<KeyValuePair<string, ModuleSymbol>>();
        foreach (YamlEntry entry in _root.Get("imports").Entries())
        {
            if (Scope.WhatIs(entry.Key.Value) is string what)
            {
                _code.Report(Report.NameTaken(entry.Key.Span, entry.Key.Value, what));
            }

            ModuleScope? import = entry.Value is YamlNode.Mapping
                ? OpenForeign(entry.Value)
                : _loader.Open(_code, entry.Value);
            Scope.Imports[entry.Key.Value] = import;
            if (import is not null)
            {
                imports.Add(KeyValuePair.Create(entry.Key.Value, import.Symbol));
            }
        }

        Scope.Symbol.Imports = imports.ToImmutable();
    }

    // What an import of WebAssembly is, its interface says; the code is taken as it is.
    private ModuleScope? OpenForeign(YamlNode import)
    {
        YamlNode? path = import.Get("interface");
        YamlNode? wasm = import.Get("wasm");
        ModuleScope? scope = path is null ? null : _loader.Open(_code, path);
        if (wasm is not YamlNode.Scalar file)
        {
            return scope;
        }

        ReadOnlyMemory<byte>? code = _loader.OpenCode(_code, file);
        if (scope is { Symbol.IsForeign: false } && path is not null && !_loader.HasErrors(scope))
        {
            _code.Report(Report.NotAnInterface(path.Span, path.Text()));
        }
        else if (scope is not null && code is ReadOnlyMemory<byte> bytes && !_loader.TryGiveCode(scope, bytes))
        {
            _code.Report(Report.InterfaceOfTwo(file.Span, path.Text()));
        }

        return scope;
    }

    private bool MayHaveSoMany(long operations)
    {
        bool may = operations <= Limits.ForeignOperationsMax;
        if (!may)
        {
            _code.Report(Report.TooManyOperations(Scope.Symbol.CodePlace, operations, Limits.ForeignOperationsMax));
        }

        return may;
    }

    private void ReadCode(YamlNode? code)
    {
        Scope.Symbol.IsForeign = code.Text() == "wasm";
        Scope.Symbol.CodePlace = code?.Span ?? _root.Span;
        string[] needCode = Scope.Symbol.IsForeign
            ? ["procedures", "invariants", "tests", "scenarios", "reflection", "evolution"]
            : [];
        foreach (YamlEntry entry in _root.Entries().Where(entry => needCode.Contains(entry.Key.Value)))
        {
            _code.Report(Report.KeyNotHere(entry.Key.Span, entry.Key.Value, "a module with `code: wasm`"));
        }
    }

    // An imported module is known by the name that it gives itself: that is how a bundle names its agents.
    private void ListImportedAgents()
    {
        Scope.Symbol.ImportedAgents = [.. Scope.ImportedInOrder];
        var names = new Dictionary<string, ModuleSymbol>(StringComparer.Ordinal)
        {
            [Scope.Symbol.Name] = Scope.Symbol,
        };
        foreach (ModuleSymbol module in Scope.Symbol.ImportedAgents.Select(agent => agent.Module).Distinct())
        {
            if (!names.TryAdd(module.Name, module))
            {
                _code.Report(Report.NameTaken(PlaceOfImport(module), module.Name, "the name of another module"));
            }
        }
    }

    /// <summary>Where a module is imported; the head of this one when that is done by another.</summary>
    public TextSpan PlaceOfImport(ModuleSymbol module) =>
        _root.Get("imports").Entries()
            .FirstOrDefault(entry => Scope.Imports.GetValueOrDefault(entry.Key.Value)?.Symbol == module)?.Key.Span
        ?? _root.Get("module")?.Span ?? _root.Span;

    private void DeclareAgents()
    {
        YamlNode? agentic = _root.Get("agentic");
        YamlEntry? ofAgent = _root.Entries().FirstOrDefault(entry => IsAgentKey(entry.Key.Value));
        if (agentic is not null)
        {
            if (ofAgent is not null)
            {
                _code.Report(Report.KeyNotHere(
                    ofAgent.Key.Span, ofAgent.Key.Value, "a module with `agentic`: it belongs to one of the agents"));
            }

            ReadSupervision(agentic.Get("supervision"));
            foreach (YamlEntry entry in agentic.Get("agents").Entries())
            {
                if (Scope.WhatIs(entry.Key.Value) is string what)
                {
                    _code.Report(Report.NameTaken(entry.Key.Span, entry.Key.Value, what));
                }

                DeclareAgent(entry.Key.Value, entry.Key.Span, entry.Value);
            }
        }
        else if (ofAgent is not null)
        {
            if (_root.Get("handlers") is null && !_recovery.MayBeDeclared("handlers"))
            {
                _code.Report(Report.MissingKey(ofAgent.Key.Span, "a module that is one agent", "handlers"));
            }

            Scope.Symbol.IsOneAgent = true;
            DeclareAgent(Scope.Symbol.Name, _root.Get("module")?.Span ?? _root.Span, _root);
        }

        Scope.Symbol.Agents = [.. _agents.Select(agent => agent.Scope.Symbol)];
    }

    private static bool IsAgentKey(string key) =>
        key is not ("role" or "goal" or "starts") && KeyTable.Block("agent").Find(key) is not null;

    private void DeclareAgent(string name, TextSpan at, YamlNode node)
    {
        var scope = new AgentScope(new AgentSymbol(name, Scope.Symbol, at));
        var reader = new AgentReader(_code, scope, node);
        reader.ReadSettings();
        Scope.Agents[name] = scope;
        _agents.Add(reader);
    }

    private void ReadSupervision(YamlNode? node)
    {
        if (node is not YamlNode.Mapping)
        {
            return;
        }

        YamlNode? restarts = node.Get("restarts");
        if (restarts.Int() is < 0 or > int.MaxValue)
        {
            _code.Report(Report.NotInRange(restarts!.Span, restarts.Text(), "0 and above"));
        }

        Scope.Symbol.Supervision = new SupervisionSpec(
            node.Get("strategy").Text() switch
            {
                "one_for_all" => SupervisionStrategy.OneForAll,
                "rest_for_one" => SupervisionStrategy.RestForOne,
                _ => SupervisionStrategy.OneForOne,
            },
            Math.Max(0, restarts.Count() ?? 0),
            node.Get("within").Duration() ?? 0);
    }
}
