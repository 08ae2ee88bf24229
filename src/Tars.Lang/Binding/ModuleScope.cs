using Tars.Base;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>All that the code of a module can name, by name.</summary>
/// <remarks>The lists of <see cref="ModuleSymbol"/> are what was declared; this is how it is found.</remarks>
internal sealed class ModuleScope(ModuleSymbol symbol, SourceText source, Complaints complaints)
{
    public ModuleSymbol Symbol { get; } = symbol;

    public SourceText Source { get; } = source;

    public Complaints Complaints { get; } = complaints;

    public Usage Usage { get; } = new();

    public Dictionary<string, LangType> Types { get; } = new(StringComparer.Ordinal);

    /// <summary>Types of the interface that the module implements.</summary>
    public Dictionary<string, LangType> InterfaceTypes { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, ConstantSymbol> Constants { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, ParamSymbol> Params { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, FunctionSymbol> Functions { get; } = new(StringComparer.Ordinal);

    /// <summary>By alias; null where the module could not be found.</summary>
    public Dictionary<string, ModuleScope?> Imports { get; } = new(StringComparer.Ordinal);

    /// <summary>Aliases of modules of WebAssembly: they are declared, and nothing of them can be named yet.</summary>
    public HashSet<string> WasmImports { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, AgentScope> Agents { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, DeviceScope> Devices { get; } = new(StringComparer.Ordinal);

    /// <summary>Place in the module's metrics.</summary>
    public Dictionary<string, int> Metrics { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, int> Beliefs { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, int> Spawns { get; } = new(StringComparer.Ordinal);

    /// <summary>The agent whose processes hold the beliefs; null when none is declared or it is not known.</summary>
    public string? BeliefsOf { get; set; }

    /// <summary>Sees to it that the defaults of a record of this module are bound before somebody builds one.</summary>
    public Action<RecordSymbol>? PrepareDefaults { get; set; }

    /// <summary>A module whose agents stand at the top has one, with the module's own name.</summary>
    public bool IsOneAgent { get; set; }

    /// <summary>A source of the standard library, which may call intrinsics.</summary>
    public bool IsStandard { get; init; }

    public bool IsLibrary => Agents.Count == 0;

    /// <summary>What a name that is visible in all code of the module is called, or null where it is free.</summary>
    public string? WhatIs(string name)
    {
        if (BuiltInNames.IsTaken(name))
        {
            return "a word of the language";
        }

        return Constants.ContainsKey(name) ? "a constant"
            : Params.ContainsKey(name) ? "a param"
            : Functions.ContainsKey(name) ? "a function"
            : Imports.ContainsKey(name) ? "an imported module"
            : Devices.ContainsKey(name) ? "a device"
            : Agents.ContainsKey(name) && !IsOneAgent ? "an agent"
            : null;
    }
}
