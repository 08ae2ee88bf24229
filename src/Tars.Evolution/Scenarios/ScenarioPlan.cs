using System.Collections.Immutable;
using Tars.Lang.Checking;

namespace Tars.Evolution.Scenarios;

/// <summary>A scenario with all that its runs share, whatever their seed.</summary>
/// <param name="Params">Name and value of each param that it sets.</param>
internal sealed record ScenarioPlan(
    CheckedScenario Scenario,
    ScenarioSystem System,
    ScenarioQuestions Questions,
    IReadOnlyList<KeyValuePair<string, ImmutableArray<byte>>> Params,
    IScenarioParts Parts);
