using System.Collections.Immutable;
using System.Text.Json;
using Tars.Evolution.Planning;

namespace Tars.Cli.Views;

/// <summary>One line of the archive of a search that is the best of its kind.</summary>
/// <param name="Size">Of the kind: the least number of genes.</param>
/// <param name="Choices">How often it takes one of two.</param>
/// <param name="Inputs">How many inputs it looks at.</param>
internal sealed record ArchiveElite(int Size, int Choices, int Inputs, double Cost, string Code)
{
    /// <summary>Cheapest first; none where the planner keeps no archive of kinds.</summary>
    public static ImmutableArray<ArchiveElite> Of(PlanResult.Found? plan) =>
    [
        .. (plan?.Archive ?? []).Where(line => line.StartsWith("{\"elite\":", StringComparison.Ordinal))
            .Select(Read).OrderBy(one => one.Cost),
    ];

    // The search wrote it, in this process.
    private static ArchiveElite Read(string line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        var kind = root.GetProperty("elite");
        return new ArchiveElite(
            kind.GetProperty("size").GetInt32(),
            kind.GetProperty("choices").GetInt32(),
            kind.GetProperty("inputs").GetInt32(),
            root.GetProperty("cost").GetDouble(),
            root.GetProperty("code").GetString() ?? "");
    }
}
