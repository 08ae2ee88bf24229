using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Tars.Evolution.Planning;

namespace Tars.Cli.Views;

/// <summary>One line of a planner's archive as far as a picture needs it.</summary>
/// <remarks>Every planner writes lines of its own; what a line does not hold is left out.</remarks>
/// <param name="Cost">The best so far by then; null where the step gave no number.</param>
/// <param name="By">The rule that proposed it, or empty.</param>
/// <param name="What">Why, or the code: in the words of the planner.</param>
internal sealed record ArchiveStep(long Evaluations, double? Cost, string By, string What)
{
    public static ImmutableArray<ArchiveStep> Of(PlanResult.Found? plan) =>
        [.. (plan?.Archive ?? []).Select(Read).OfType<ArchiveStep>()];

    /// <summary>Those that were better than all before them.</summary>
    public static ImmutableArray<ArchiveStep> Gains(ImmutableArray<ArchiveStep> steps)
    {
        var gains = ImmutableArray.CreateBuilder<ArchiveStep>();
        double best = double.PositiveInfinity;
        foreach (var step in steps)
        {
            if (step.Cost is { } cost && cost < best)
            {
                best = cost;
                gains.Add(step);
            }
        }

        return gains.ToImmutable();
    }

    private static ArchiveStep? Read(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("evaluations", out var count) && count.TryGetInt64(out long evaluations)
                ? new ArchiveStep(evaluations, Number(root, "cost"), Text(root, "rule"), WhatOf(root))
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string WhatOf(JsonElement root) =>
        Text(root, "why") is { Length: > 0 } why ? why : Text(root, "code");

    private static double? Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value)
            && double.TryParse(
                value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText(),
                NumberStyles.Float,
                CultureInfo.InvariantCulture,
                out double number)
            && double.IsFinite(number)
            ? number
            : null;

    private static string Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() ?? ""
            : "";
}
