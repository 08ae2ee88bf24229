using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Beliefs;
using Tars.Bundle.Manifest;
using Tars.Evolution.Search;
using Tars.Lang.Checking;

namespace Tars.Evolution.Planning;

/// <summary>The beliefs of a module, and what `check` finds odd about them.</summary>
/// <param name="Graph">Null where there are none.</param>
public sealed record BeliefDoubts(BeliefGraphSpec? Graph, ImmutableArray<BeliefFinding> Findings)
{
    /// <summary>Of a module that was checked.</summary>
    public static BeliefDoubts Of(CheckResult check) => new(check.Module.Beliefs, check.BeliefFindings);

    /// <param name="text">The whole module, of whatever is right or wrong.</param>
    internal static BeliefDoubts Of(string text, SourceText source, ISearchParts parts) =>
        Of(ModuleChecker.Check(new SourceText(source.Name, text), parts.Sources()));
}
