using System.Collections.Immutable;
using Tars.Lang.Checking;

namespace Tars.Evolution.Loads;

/// <summary>What a recorded load says of the policy that decides in it, by the names that metrics have for it.
/// </summary>
/// <remarks>
/// To add a figure: a name, a row, and one in docs/scenarios.md. All are of what was done beside what the recording's
/// own policy did in the same model, so that what is left undone never makes a figure better.
/// </remarks>
internal static class LoadFigures
{
    private const double NanosecondsPerMillisecond = 1e6;

    private static readonly ImmutableDictionary<string, Func<LoadReport, LoadReport, double?>> _all =
        new Dictionary<string, Func<LoadReport, LoadReport, double?>>(StringComparer.Ordinal)
        {
            [LoadFigureNames.Missed] = Missed,
            [LoadFigureNames.P99] = (run, reference) => IsDone(run, reference) && !run.Agents.IsEmpty
                ? run.Agents.Max(one => one.P99) / NanosecondsPerMillisecond
                : null,
            [LoadFigureNames.Slowdown] = (run, reference) => IsDone(run, reference) && !run.Agents.IsEmpty
                ? run.Agents.Average(one => one.Slowdown)
                : null,
            [LoadFigureNames.Fairness] = (run, reference) => IsDone(run, reference) ? run.Fairness : null,
        }.ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>The value of a figure; null for what is none, or cannot be said of this load.</summary>
    /// <param name="reference">The same load under the recording's own policy.</param>
    public static double? Of(string name, LoadReport run, LoadReport reference) =>
        _all.TryGetValue(name, out var figure) ? figure(run, reference) : null;

    // Percent, weighed by 1 + priority, of the events of agents with a deadline: late, or not handled at all.
    private static double? Missed(LoadReport run, LoadReport reference)
    {
        double asked = 0;
        double missed = 0;
        foreach (var wanted in reference.Agents.Where(one => one.Late is not null))
        {
            var done = run.Agents.FirstOrDefault(one => one.Name == wanted.Name);
            double weight = 1 + wanted.Priority;
            asked += weight * wanted.Events;
            missed += weight * ((done?.Late ?? 0) + Math.Max(0, wanted.Events - (done?.Events ?? 0)));
        }

        return asked == 0 ? null : 100 * missed / asked;
    }

    private static bool IsDone(LoadReport run, LoadReport reference) => reference.Agents.All(wanted =>
        run.Agents.Any(one => one.Name == wanted.Name && wanted.Events <= one.Events));
}
