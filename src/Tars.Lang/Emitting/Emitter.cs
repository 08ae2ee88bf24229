using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Lang.Binding;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Lowering;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Emitting;

/// <summary>Turns a checked module into WebAssembly under ABI v1.</summary>
/// <remarks>
/// The module has no errors; the failure is the built-in record that a T! may hold.
///
/// Invariant: the result follows from the module alone; nothing is looked up in an order that could differ.
/// </remarks>
internal sealed partial class Emitter
{
    private readonly ModuleSymbol _symbol;
    private readonly Root _process;
    private readonly Root _random;
    private readonly Root _params;
    private readonly Root _strengths;
    private readonly Root _state;
    private readonly Root _pending;
    private readonly Root _constants;
    private readonly Dictionary<ParamSymbol, int> _paramOffsets = [];
    private readonly Dictionary<StateSymbol, int> _stateOffsets = [];
    private readonly Dictionary<ConstantSymbol, int> _constantOffsets = [];
    private readonly List<CompiledSite> _sites = [new("", default)];
    private readonly BranchList? _counted;
    private readonly int _counters;

    /// <param name="counted">The branches whose code counts; null for none.</param>
    public Emitter(ModuleSymbol symbol, RecordSymbol failure, BranchList? counted = null)
    {
        _symbol = symbol;
        _counted = counted;
        _counters = counted is null ? 0 : Module.DataAt(new byte[BranchCounters.AreaSize]);
        Layouts = new Layouts(new LangType.Record(failure));
        Values = new Values(Module, Layouts);
        Wire = new Wire(Values);
        Formats = new Formats(this);
        ConstantData = new ConstantData(Module, Layouts);
        Blobs = new Blobs(Module);
        _process = new Root(Heap.Allocator.End, ProcessSize);
        _random = new Root(_process.End, 32);
        _params = new Root(_random.End, 0);
        foreach (var param in symbol.Params)
        {
            _paramOffsets.Add(param, _params.Take(Layouts.Of(param.Type).Size));
        }

        _strengths = new Root(_params.End, 8 * (symbol.Beliefs?.Beliefs.Length ?? 0));
        int stateSize = 0;
        foreach (var agent in symbol.Agents)
        {
            int offset = 0;
            foreach (var field in agent.State)
            {
                var layout = Layouts.Of(field.Type);
                offset = (offset + layout.Align - 1) & -layout.Align;
                _stateOffsets.Add(field, offset);
                offset += layout.Size;
            }

            stateSize = Math.Max(stateSize, offset);
        }

        _state = new Root(_strengths.End, (stateSize + 7) & ~7);
        _pending = new Root(_state.End, PlanWaits());
        _constants = new Root(_pending.End, 0);
        Randoms = new Randoms(this, _random);
    }

    public ModuleWriter Module { get; } = new();

    public Layouts Layouts { get; }

    public Values Values { get; }

    public Wire Wire { get; }

    public Formats Formats { get; }

    public Randoms Randoms { get; }

    public Blobs Blobs { get; }

    /// <summary>True when the dispatcher knows windows on blobs; only code that uses blobs pays for it.</summary>
    private bool HasBlobs { get; init; }

    public Numbers Numbers => new(Module);

    private ConstantData ConstantData { get; }

    public JsonWriting JsonWriting => new(this);

    public JsonReading JsonReading => new(this);

    /// <summary>The slot of the process itself.</summary>
    public Term SelfSlot => RootAt(_process).Load64(ProcessSelf);

    public static CompiledModule Emit(
        ModuleSymbol symbol, RecordSymbol failure, bool includeTests, BranchList? counted = null)
    {
        // The dispatcher is written before the code that it calls, so a module turns out to use blobs at its end.
        var emitter = new Emitter(symbol, failure, counted);
        var module = emitter.Write(includeTests);
        if (emitter.Blobs.AreUsed)
        {
            emitter = new Emitter(symbol, failure, counted) { HasBlobs = true };
            module = emitter.Write(includeTests);
        }

        return new CompiledModule(module, [.. emitter._sites], emitter.Module.FunctionNames, emitter._counters);
    }

    private WasmModule Write(bool includeTests)
    {
        var run = WriteDispatcher(includeTests);
        Module.LaidOut = () => _constants.End;
        return Module.Build(run, Reserve);
    }

    /// <summary>The number of a statement, for the control block.</summary>
    public int SiteOf(string module, TextSpan span)
    {
        _sites.Add(new CompiledSite(module, span));
        return _sites.Count - 1;
    }

    /// <summary>Whether the code of branches counts.</summary>
    public bool Counts => _counted is not null;

    /// <summary>Counts that the code comes to a branch, where that was asked for.</summary>
    /// <param name="node">As <see cref="BranchList.Write"/> knows it.</param>
    public void Count(Body body, object node)
    {
        if (_counted?.Write(node) is { } place)
        {
            MemoryCounter.Write(body.Code, _counters + (MemoryCounter.Size * place));
        }
    }

    /// <summary>What <c>spawn</c> calls an agent: its place among the module's own, then those imported.</summary>
    public int IndexOf(AgentSymbol agent) =>
        agent.Module == _symbol
            ? _symbol.Agents.IndexOf(agent)
            : _symbol.Agents.Length + _symbol.ImportedAgents.IndexOf(agent);

    public Root StateRoot => _state;

    public Term StateAt(StateSymbol field)
    {
        int offset = _state.Fields + _stateOffsets[field];
        return Body.Late(() => Module.StateBase + offset);
    }

    public Term StrengthAt(int belief)
    {
        int offset = _strengths.Fields + (8 * belief);
        return Body.Late(() => Module.StateBase + offset);
    }

    /// <summary>
    /// The address of a param of this module, or null for one of an imported module, which keeps its value.
    /// </summary>
    public Term? ParamAt(ParamSymbol param) =>
        _paramOffsets.TryGetValue(param, out int offset) ? Body.Late(() => Module.StateBase + offset) : null;

    /// <summary>
    /// The address of a constant's value: among the constants of the code when it is literal, else in the state region,
    /// where it is worked out when it is first read.
    /// </summary>
    public Term ConstantAt(ConstantSymbol constant)
    {
        var value = constant.Folded ?? constant.Value!;
        if (ConstantData.TryPlace(constant, value) is { } place)
        {
            return place;
        }

        var layout = Layouts.Of(constant.Type);
        int flag = ConstantOffset(constant);
        var at = Body.Late(() => Module.StateBase + flag);
        var evaluate = Module.RoutineOf(constant, $"{constant.Module}.{constant.Name}", [], [], body =>
        {
            new Undo(Module).TouchRoot(body, _constants);
            var place = body.I32(at + 8);
            var outer = BeginFold(body, constant);
            new CodeEmitter(this, body, constant.Module, agent: null, Layouts.Of(new LangType.Unit())).WriteInto(
                value, new Home.Memory(place, 0));
            EndFold(body, outer);
            body.Store32(at, 1);
        });
        return Term.Of(ValType.I32, body =>
        {
            body.If(!at.Load32(), () => body.Call(evaluate));
            body.Push(at + 8);
        });

        int ConstantOffset(ConstantSymbol symbol)
        {
            if (!_constantOffsets.TryGetValue(symbol, out int offset))
            {
                offset = _constants.Take(8 + layout.Size);
                _constantOffsets.Add(symbol, offset);
            }

            return offset;
        }
    }

    public Routine FunctionOf(FunctionSymbol function) => Code(
        function,
        $"{function.Module}.{function.Name}",
        function.IsStandard ? null : function.Module,
        agent: null,
        function.Parameters,
        function.Returns,
        () => function.Body!);

    /// <summary>A function of the standard library that is written in the language.</summary>
    public Routine Standard(StandardModule module, string function) => FunctionOf(module.Function(function));

    public Routine ProcedureOf(AgentSymbol agent, ProcedureSymbol procedure) => Code(
        procedure, $"{agent.Name}.{procedure.Name}", _symbol.Name, agent, procedure.Parameters, procedure.Returns,
        () => procedure.Body!);

    /// <param name="module">The module whose statements the code tells, or null when it tells none.</param>
    private Routine Code(
        object key,
        string name,
        string? module,
        AgentSymbol? agent,
        ImmutableArray<LocalSymbol> parameters,
        LangType returns,
        Func<BoundBlock> code)
    {
        var result = Layouts.Of(returns);
        var types = parameters.Select(one => Layouts.Of(one.Type)).Where(one =>
            one.Shape != Shape.Unit).Select(Values.PassedAs);
        if (result.InMemory)
        {
            types = types.Append(ValType.I32);
        }

        return Module.RoutineOf(
            key,
            name,
            [.. types],
            result.Scalar is { } scalar ? [scalar] : [],
            body => new CodeEmitter(this, body, module, agent, result).WriteFunction(parameters, code()));
    }

    private Term RootAt(Root root) => Body.Late(() => Module.StateBase + root.Fields);
}
