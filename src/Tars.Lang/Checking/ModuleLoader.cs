using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Symbols;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>Reads each file once, however often it is named, and finds circles of imports.</summary>
/// <param name="isStandard">What is read are sources of the standard library.</param>
internal sealed class ModuleLoader(IModuleSource sources, bool isStandard = false)
{
    private readonly Dictionary<string, ModuleReader> _modules = new(StringComparer.Ordinal);
    private readonly List<ModuleReader> _inOrderOfNeed = [];
    private readonly HashSet<string> _inProgress = new(StringComparer.Ordinal);
    private readonly Dictionary<ModuleSymbol, ReadOnlyMemory<byte>> _codes = new(ReferenceEqualityComparer.Instance);

    public bool IsStandard => isStandard;

    /// <summary>All that were read, in the order of their names.</summary>
    public IEnumerable<ModuleReader> Modules => _modules.Values.OrderBy(one => one.Source.Name, StringComparer.Ordinal);

    /// <summary>All that were read, each after those that it imports.</summary>
    public IReadOnlyList<ModuleReader> InOrderOfNeed => _inOrderOfNeed;

    public ModuleReader Load(SourceText source)
    {
        if (_modules.TryGetValue(source.Name, out ModuleReader? known))
        {
            return known;
        }

        var module = new ModuleReader(source, this);
        _inProgress.Add(source.Name);
        module.Read();
        _inProgress.Remove(source.Name);
        _modules[source.Name] = module;
        _inOrderOfNeed.Add(module);
        return module;
    }

    /// <summary>The module at a path; null where there is none, which is reported at the path.</summary>
    public ModuleScope? Open(CodeReader from, YamlNode path)
    {
        if (path is not YamlNode.Scalar scalar)
        {
            return null;
        }

        SourceText? source = sources.Open(from.Module.Source, scalar.Value);
        if (source is null)
        {
            from.Report(Report.FileNotFound(scalar.Span, scalar.Value));
            return null;
        }

        bool isTooDeep = _inProgress.Count == Limits.ImportDepthMax || Limits.ImportCountMax < _modules.Count;
        if (isTooDeep || _inProgress.Contains(source.Name))
        {
            from.Report(isTooDeep
                ? Report.ImportsTooDeep(scalar.Span)
                : Report.ImportCircle(scalar.Span, scalar.Value));
            return null;
        }

        return Load(source).Scope;
    }

    /// <summary>The guest in a file of WebAssembly; null where there is none, which is reported at the path.</summary>
    public ReadOnlyMemory<byte>? OpenCode(CodeReader from, YamlNode.Scalar path)
    {
        if (sources.OpenCode(from.Module.Source, path.Value) is not ReadOnlyMemory<byte> bytes)
        {
            from.Report(Report.FileNotFound(path.Span, path.Value));
            return null;
        }

        if (ForeignCode.WhyNot(bytes) is string reason)
        {
            from.Report(Report.NotAGuest(path.Span, path.Value, reason));
            return null;
        }

        return bytes;
    }

    /// <summary>The recorded run at a path; null where there is none, which is reported at the path.</summary>
    public CheckedLoad? OpenLoad(CodeReader from, YamlNode path)
    {
        if (path is not YamlNode.Scalar scalar)
        {
            return null;
        }

        switch (sources.OpenLoad(from.Module.Source, scalar.Value))
        {
            case LoadFile.Found found:
                return found.Load;
            case LoadFile.Refused refused:
                from.Report(Report.NotARecording(scalar.Span, scalar.Value, refused.Reason));
                return null;
            default:
                from.Report(Report.FileNotFound(scalar.Span, scalar.Value));
                return null;
        }
    }

    /// <summary>Joins an interface with its code; false when it has other code already.</summary>
    public bool TryGiveCode(ModuleScope module, ReadOnlyMemory<byte> code) =>
        _codes.TryAdd(module.Symbol, code) || _codes[module.Symbol].Span.SequenceEqual(code.Span);

    public bool HasErrors(ModuleScope module) => _modules[module.Source.Name].HasErrors;

    /// <summary>
    /// The modules of which a module names agents, directly or through others, each after those that it needs.
    /// </summary>
    public ImmutableArray<ModuleReader> NeededBy(ModuleReader module)
    {
        var needed = new HashSet<ModuleSymbol>(module.Scope.Symbol.ImportedAgents.Select(agent => agent.Module));
        foreach (ModuleReader one in _inOrderOfNeed.AsEnumerable().Reverse())
        {
            if (needed.Contains(one.Scope.Symbol))
            {
                needed.UnionWith(one.Scope.Symbol.ImportedAgents.Select(agent => agent.Module));
            }
        }

        return [.. _inOrderOfNeed.Where(one => needed.Contains(one.Scope.Symbol))];
    }

    /// <summary>The code of an interface, or null where nothing gave it any.</summary>
    public ReadOnlyMemory<byte>? CodeOf(ModuleReader module) =>
        _codes.TryGetValue(module.Scope.Symbol, out ReadOnlyMemory<byte> code) ? code : default(ReadOnlyMemory<byte>?);
}
