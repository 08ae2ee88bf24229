using Tars.Evolution.Search;

namespace Tars.Evolution.Planning;

/// <summary>Proposes versions of a module. It decides nothing: all that is proposed goes the same way.</summary>
public interface IPlanner
{
    /// <summary>As `--planner` takes it.</summary>
    string Name { get; }

    /// <param name="stop">Ends it with the round that is on its way.</param>
    PlanResult Plan(PlanRequest request, ISearchParts parts, CancellationToken stop);
}
