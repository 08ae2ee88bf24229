using Tars.Base;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>Reads each file once, however often it is named, and finds circles of imports.</summary>
/// <param name="isStandard">What is read are sources of the standard library.</param>
internal sealed class ModuleLoader(IModuleSource sources, bool isStandard = false)
{
    private readonly Dictionary<string, ModuleReader> _modules = new(StringComparer.Ordinal);
    private readonly List<ModuleReader> _inOrderOfNeed = [];
    private readonly HashSet<string> _inProgress = new(StringComparer.Ordinal);

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
}
