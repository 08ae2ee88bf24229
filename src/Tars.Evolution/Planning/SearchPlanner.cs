using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Evolution.Edits;
using Tars.Evolution.Search;
using Tars.Lang.Checking;

namespace Tars.Evolution.Planning;

/// <summary>The planner `search`: genetic programming over pure functions and params.</summary>
public sealed class SearchPlanner : IPlanner
{
    private const string CutShort = "it was stopped before the best was as short as it could be made; "
        + "with as many evaluations and no stop it may come out shorter";

    public string Name => "search";

    public PlanResult Plan(PlanRequest request, ISearchParts parts, CancellationToken stop)
    {
        if (SearchProblem.Of(request.Problem, request.Module, out string why) is not { } problem)
        {
            return new PlanResult.Stopped(why);
        }

        var options = new SearchOptions(request.Seed, request.Evaluations)
        {
            Fuel = request.Fuel,
            End = request.End,
            Progress = request.Progress,
        };
        options = request.Problem.Evolution.Keep is { } keep ? options with { FinalistsMax = keep } : options;
        return GeneSearch.Run(problem, parts, options, stop) switch
        {
            SearchResult.Stopped stopped => new PlanResult.Stopped(stopped.Reason),
            SearchResult.Found found => new PlanResult.Found(
                [.. found.Finalists.Select(one => VersionOf(problem, one))],
                found.Archive,
                found.Evaluations,
                found.GivenUp)
            {
                Remembered = found.Remembered,
                Notes = [.. new[] { found.EndedBy, found.IsCutShort ? CutShort : "" }.Where(one => one.Length != 0)],
            },
            _ => throw new UnreachableException(),
        };
    }

    private static PlannedVersion VersionOf(SearchProblem problem, Finalist finalist)
    {
        var edits = problem.Targets.Zip(finalist.Texts, EditOf).ToImmutableArray();
        string names = string.Join(" and ", problem.Targets.Select(one => one.Name));
        string why = $"of all candidates for {names} it is among the cheapest, and the shortest of its kind";
        return new PlannedVersion(new Proposal(edits, "search", why), finalist.Score);
    }

    private static Edit EditOf(SearchTarget target, string text) => target is SearchTarget.Function
        ? new Edit.Set(target.Path, new DataNode.Text($"return {text}"))
        : new Edit.TuneNumber(target.Path, text);
}
