using Tars.Base;
using Tars.Evolution.Scenarios;
using Tars.Evolution.Search;
using Tars.Lang;

namespace Tars.Evolution.Store;

/// <summary>Asks a version of a module how it fares in one scenario of another version of it.</summary>
/// <param name="name">What the module's own file is called.</param>
/// <param name="asking">The version whose scenario it is, in its one layout.</param>
/// <param name="scenario">Its name.</param>
/// <param name="expected">A part of the expectation that counts; empty for all of them.</param>
public sealed class VersionTrial(string name, string asking, string scenario, string expected, ISearchParts parts)
{
    /// <param name="text">Of the version, in its one layout.</param>
    public VersionHealth Ask(string text)
    {
        if (ScenarioGraft.Into(text, asking) is not { } whole)
        {
            return VersionHealth.Unclear;
        }

        var sources = parts.Sources();
        var source = new SourceText(name, whole);
        var compiled = Compiler.Compile(source, sources, new CompileOptions());
        if (compiled.Bundle is null)
        {
            return VersionHealth.Unclear;
        }

        using var suite = ScenarioSuite.Open(compiled, source, sources, parts.Parts());
        if (suite.Scenarios.FirstOrDefault(one => one.Name == scenario) is not { } asked)
        {
            return VersionHealth.Unclear;
        }

        var options = new ScenarioOptions { AnswersLater = false };
        var health = VersionHealth.Good;
        for (int index = 0; index < asked.Seeds.Count && health == VersionHealth.Good; index++)
        {
            health = Of(suite.Run(asked, asked.Seeds.First + index, options, CancellationToken.None));
        }

        return health;
    }

    private VersionHealth Of(ScenarioOutcome outcome)
    {
        if (!outcome.Refused.IsEmpty)
        {
            return VersionHealth.Unclear;
        }

        if (expected.Length == 0)
        {
            return outcome.Passed ? VersionHealth.Good : VersionHealth.Bad;
        }

        var checks = outcome.Checks.Where(one => one.Text.Contains(expected, StringComparison.Ordinal)).ToList();
        return checks.Count == 0 ? VersionHealth.Unclear
            : checks.TrueForAll(one => one.Held) ? VersionHealth.Good
            : VersionHealth.Bad;
    }
}
