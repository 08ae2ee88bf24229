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

    public Dictionary<string, AgentScope> Agents { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, DeviceScope> Devices { get; } = new(StringComparer.Ordinal);

    /// <summary>Place in the module's metrics.</summary>
    public Dictionary<string, int> Metrics { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, int> Beliefs { get; } = new(StringComparer.Ordinal);

    /// <summary>By what <see cref="NameOf"/> says; the place in the module's list.</summary>
    public Dictionary<string, int> Spawns { get; } = new(StringComparer.Ordinal);

    /// <summary>The agent whose processes hold the beliefs; null when none is declared or it is not known.</summary>
    public string? BeliefsOf { get; set; }

    /// <summary>Sees to it that the defaults of a record of this module are bound before somebody builds one.</summary>
    public Action<RecordSymbol>? PrepareDefaults { get; set; }

    public bool IsOneAgent => Symbol.IsOneAgent;

    /// <summary>A source of the standard library, which may call intrinsics.</summary>
    public bool IsStandard { get; init; }

    public bool IsLibrary => Agents.Count == 0;

    /// <summary>Every way to name an agent.</summary>
    public IEnumerable<string> AgentNames => Agents.Keys.Concat(Imports.SelectMany(import =>
        (import.Value?.Agents.Keys ?? Enumerable.Empty<string>()).Select(agent => $"{import.Key}.{agent}")
        .Concat(import.Value is { IsOneAgent: true } ? [import.Key] : [])));

    /// <summary>Agents of other modules that were named.</summary>
    public HashSet<AgentSymbol> ImportedAgents { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>The same, by module and order of declaration.</summary>
    public IEnumerable<AgentSymbol> ImportedInOrder => ImportedAgents
        .OrderBy(agent => agent.Module.Name, StringComparer.Ordinal)
        .ThenBy(agent => agent.Span.Start);

    /// <summary>An agent as code names it: its own, `IMPORT.NAME`, or an import that is one agent.</summary>
    public AgentScope? FindAgent(string written)
    {
        if (Agents.TryGetValue(written, out AgentScope? own))
        {
            return own;
        }

        int dot = written.IndexOf('.', StringComparison.Ordinal);
        if (Imports.GetValueOrDefault(dot < 0 ? written : written[..dot]) is not ModuleScope import)
        {
            return null;
        }

        AgentScope? found = 0 <= dot ? import.Agents.GetValueOrDefault(written[(dot + 1)..])
            : import.IsOneAgent ? import.Agents.Values.First()
            : null;
        if (found is not null)
        {
            Use(found.Symbol);
        }

        return found;
    }

    /// <summary>Whether that agent may be one that could not be read, which was reported.</summary>
    public bool MayBeLost(string agent)
    {
        int dot = agent.IndexOf('.', StringComparison.Ordinal);
        string alias = dot < 0 ? agent : agent[..dot];
        return Imports.TryGetValue(alias, out ModuleScope? import)
            ? import is null || import.Complaints.Recovery.MayBeDeclared(agent[(dot + 1)..])
            : Complaints.Recovery.MayBeDeclared(agent);
    }

    /// <summary>An agent as the bundle names it: one of another module has that module's name before its own.</summary>
    public string NameOf(AgentSymbol agent) =>
        agent.Module == Symbol ? agent.Name : $"{agent.Module.Name}.{agent.Name}";

    /// <summary>Code of this module spawns such an agent, refers to it or sends to it.</summary>
    public void Use(AgentSymbol agent)
    {
        if (agent.Module != Symbol)
        {
            ImportedAgents.Add(agent);
        }
    }

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
