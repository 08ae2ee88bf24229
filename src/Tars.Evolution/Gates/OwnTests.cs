using System.Collections.Immutable;
using Tars.Base;
using Tars.Evolution.Scenarios;
using Tars.Evolution.Search;
using Tars.Lang;

namespace Tars.Evolution.Gates;

/// <summary>The tests that a module has of its own, asked of one version of it.</summary>
internal static class OwnTests
{
    /// <summary>Why a version fails tests that the version before passes; none when it fails no other.</summary>
    public static ImmutableArray<string> Lost(string text, EvolutionProblem problem, ISearchParts parts)
    {
        var failed = Failed(text, problem, parts);
        if (failed.IsEmpty)
        {
            return [];
        }

        var before = Failed(problem.Source.Text, problem, parts).Select(one => one.Name).ToHashSet();
        return [.. failed.Where(one => !before.Contains(one.Name)).Select(one => $"{one.Name}: {one.Reason}")];
    }

    // None of what does not compile: another gate says so.
    private static ImmutableArray<FailedTest> Failed(string text, EvolutionProblem problem, ISearchParts parts)
    {
        var source = new SourceText(problem.Source.Name, text);
        var compiled = Compiler.Compile(source, parts.Sources(), new CompileOptions { IncludeTests = true });
        return compiled.Bundle is { } bundle ? parts.Parts().FailedTests(bundle.AsMemory()) : [];
    }
}
