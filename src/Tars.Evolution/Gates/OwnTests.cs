using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Evolution.Scenarios;
using Tars.Evolution.Search;
using Tars.Lang;

namespace Tars.Evolution.Gates;

/// <summary>The tests that a module has of its own, asked of versions of it, of each once: those under `tests`, and
/// the scenarios without a `split`, which nothing else here runs.</summary>
/// <param name="stop">Ends them; what was not asked to its end fails, and so does all that is asked later.</param>
internal sealed class OwnTests(EvolutionProblem problem, ISearchParts parts, CancellationToken stop)
{
    private static readonly ImmutableArray<string> _stopped = ["the run was stopped before its tests were done"];

    private const string NoSplit = "";

    private readonly Dictionary<string, ImmutableArray<string>> _lost = new(StringComparer.Ordinal);
    private HashSet<string>? _before;

    /// <summary>Why a version fails tests that the version before passes; none when it fails no other.</summary>
    public ImmutableArray<string> Lost(string text)
    {
        if (!_lost.TryGetValue(text, out var lost))
        {
            lost = Ask(text);
            _lost.Add(text, lost);
        }

        return lost;
    }

    private ImmutableArray<string> Ask(string text)
    {
        if (stop.IsCancellationRequested || Failed(text) is not { } failed)
        {
            return _stopped;
        }

        if (failed.IsEmpty)
        {
            return [];
        }

        if (_before is null)
        {
            if (Failed(problem.Source.Text) is not { } known)
            {
                return _stopped;
            }

            _before = [.. known.Select(one => one.Name)];
        }

        return [.. failed.Where(one => !_before.Contains(one.Name)).Select(one => $"{one.Name}: {one.Reason}")];
    }

    // None of what does not compile: another gate says so. Null when it was stopped.
    private ImmutableArray<FailedTest>? Failed(string text)
    {
        var source = new SourceText(problem.Source.Name, text);
        var compiled = Compiler.Compile(source, parts.Sources(), new CompileOptions { IncludeTests = true });
        return compiled.Bundle is not { } bundle ? []
            : parts.Parts().FailedTests(bundle.AsMemory(), stop) is { } failed ? [.. failed, .. FailedScenarios(text)]
            : null;
    }

    private IEnumerable<FailedTest> FailedScenarios(string text) =>
        Evaluation.Run(text, problem, parts, [NoSplit]).Runs.Select(one => one.Outcome).Where(one => !one.Passed)
            .Select(one => new FailedTest(
                string.Create(CultureInfo.InvariantCulture, $"{one.Scenario}, seed {one.Seed}"),
                string.Join("; ", one.Refused.Concat(one.Notes)
                    .Concat(one.Checks.Where(check => !check.Held).Select(check => $"{check.Text}: {check.Detail}")))));
}
