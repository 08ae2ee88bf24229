using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection.Emit;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Runtime;

namespace Tars.Engine.Cil.Compiling;

/// <summary>The code of one module version, shared by all instances of it.</summary>
/// <remarks>
/// The methods are collected by .NET when nothing refers to this any more; the instances do.
/// </remarks>
internal sealed class CompiledModule
{
    private readonly ModuleFacts _facts;
    private readonly ConcurrentDictionary<int, Entry> _entries = [];

    public CompiledModule(ModuleFacts facts)
        : this(facts, [.. EntryEmitter.AddressesOf([.. facts.Layout.Functions.Select(one => facts.Methods[one])])])
    {
    }

    private CompiledModule(ModuleFacts facts, ImmutableArray<nint> addresses)
    {
        _facts = facts;
        CodeAddresses = addresses;
    }

    /// <summary>
    /// Calls one function with what lies in the scratch of the state block, and leaves the results there.
    /// </summary>
    public delegate void Entry(nint state, int depth);

    /// <summary>How many functions others may replace.</summary>
    public int OpenCount => _facts.Open.Length;

    /// <summary>The same code, for each list once, with these in the place of the open functions.</summary>
    /// <param name="bodies">As many as are open, each time.</param>
    public ImmutableArray<CompiledModule> With(
        ImmutableArray<ImmutableArray<ValidatedFunction>> bodies, out string refusal)
    {
        var replaced = ModuleCompiler.Replace(_facts, bodies, out refusal);
        var open = _facts.Open;
        // All at once: to ask for an address is code of its own.
        nint[] addresses = EntryEmitter.AddressesOf(
            [.. replaced.SelectMany(facts => open.Select(function => facts.Methods[function]))]);
        var made = ImmutableArray.CreateBuilder<CompiledModule>(replaced.Length);
        foreach (var (index, facts) in replaced.Index())
        {
            var own = CodeAddresses.ToBuilder();
            foreach (var (place, function) in open.Index())
            {
                own[Layout.Functions.IndexOf(function)] = addresses[(index * open.Length) + place];
            }

            made.Add(new CompiledModule(facts, own.ToImmutable()));
        }

        return made.MoveToImmutable();
    }

    public ValidatedModule Validated => _facts.Module;

    public WasmModule Module => _facts.Module.Module;

    public StateLayout Layout => _facts.Layout;

    /// <summary>Machine addresses, in the order of the layout's functions.</summary>
    public ImmutableArray<nint> CodeAddresses { get; }

    /// <summary>For each data segment, whether it is active: its copy is all that is left of it.</summary>
    public bool[] ActiveData => _facts.ActiveData;

    /// <inheritdoc cref="ModuleFacts.DataOffsets"/>
    public ImmutableArray<ulong?> DataOffsets => _facts.DataOffsets;

    /// <inheritdoc cref="ModuleFacts.GlobalNumbers"/>
    public ImmutableArray<ulong?> GlobalNumbers => _facts.GlobalNumbers;

    /// <inheritdoc cref="ModuleFacts.ControlGlobal"/>
    public int? ControlGlobal => _facts.ControlGlobal;

    /// <summary>Another instance gives the function.</summary>
    public bool IsLinked(int function) =>
        function < _facts.HostCalls.Length && _facts.HostCalls[function] is null && !_facts.AnswersImports;

    public int TypeNumber(FuncType type) => _facts.TypeNumber(type);

    public Entry EntryOf(int function) =>
        _entries.GetOrAdd(function, static (index, facts) => EntryEmitter.EntryOf(facts, index), _facts);

    /// <summary>A method of the module, for a delegate of exactly its type.</summary>
    public DynamicMethod Method(int function) => _facts.Methods[function];
}
