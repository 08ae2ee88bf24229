using Tars.Base;
using Tars.Lang.Diagnostics;

namespace Tars.Lang.Checking;

/// <summary>Checks a module: from its text to symbols, bound trees and all that there is to say about them.</summary>
public static class ModuleChecker
{
    /// <summary>Never throws; the same text and modules give the same result.</summary>
    public static CheckResult Check(SourceText source, IModuleSource modules) =>
        Check(source, new ModuleLoader(modules));

    /// <summary>Checks a source of the standard library.</summary>
    internal static CheckResult CheckStandard(SourceText source, IModuleSource modules) =>
        Check(source, new ModuleLoader(modules, isStandard: true));

    private static CheckResult Check(SourceText source, ModuleLoader loader)
    {
        ModuleReader module = loader.Load(source);
        var (scenarios, reflections, evolution) = module.ReadJudgement();
        module.ListNotYetInForce();
        var needed = loader.NeededBy(module);
        foreach (ModuleReader one in needed)
        {
            one.ListNotYetInForce();
            if (one.Scope.Symbol.IsForeign && loader.CodeOf(one) is null && !one.HasErrors && !module.HasErrors)
            {
                var symbol = one.Scope.Symbol;
                module.Complain(Report.NoCode(module.PlaceOfImport(symbol), symbol.Name));
            }
        }

        if (!loader.InOrderOfNeed.Any(one => one.HasErrors))
        {
            foreach (ModuleReader one in loader.InOrderOfNeed)
            {
                one.FoldValues();
            }
        }

        var files = loader.Modules
            .OrderBy(one => one == module ? 0 : 1)
            .Select(one => new CheckedFile(one.Source, one.Scope.Symbol.Name, one.Diagnostics));
        return new CheckResult(
            module.Scope.Symbol,
            module.Diagnostics,
            [.. files],
            module.Measures,
            scenarios,
            reflections,
            evolution)
        {
            BeliefFindings = module.BeliefFindings,
            Needed = [.. needed.Select(one => new NeededModule(one.Scope.Symbol, one.Source, loader.CodeOf(one)))],
        };
    }
}
