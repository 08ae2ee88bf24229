using System.Globalization;
using Tars.Kernel.Ports;

namespace Tars.Host.Swapping;

/// <summary>What became of a swap, in a line or two for the log.</summary>
internal static class SwapText
{
    /// <param name="pause">How long the module stood still; null for a swap that is done again after a crash.</param>
    public static IEnumerable<string> Of(SwapReport report, TimeSpan? pause)
    {
        string versions = $"{report.Module} {report.From} -> {report.To}";
        if (!report.IsDone)
        {
            string cause = report.IsReturn ? $" ({report.Cause})" : "";
            string again = pause is null ? ", done again" : "";
            yield return $"not swapped {versions}{cause}{again}: {string.Join("; ", report.Refusals)}";
            yield break;
        }

        string count = report.Processes == 1 ? "1 process" : $"{report.Processes} processes";
        string took = pause is { } span
            ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0.0} ms")
            : "done again";
        string[] words = [.. report.IsReturn ? [report.Cause] : report.Changes, count, took];
        yield return $"{(report.IsReturn ? "returned" : "swapped")} {versions}: {string.Join(", ", words)}";
        if (!report.Warnings.IsEmpty)
        {
            yield return $"  {string.Join("; ", report.Warnings)}";
        }
    }
}
