using System.Globalization;

namespace Tars.Bench;

/// <summary>A small table for a terminal: the first column to the left, all others to the right.</summary>
internal sealed class Table(params string[] heads)
{
    private readonly List<string[]> _rows = [heads];

    public void Row(params string[] cells) => _rows.Add(cells);

    public void Print(TextWriter output)
    {
        int[] widths = [.. heads.Select((_, column) => _rows.Max(row => column < row.Length ? row[column].Length : 0))];
        foreach (var row in _rows)
        {
            var cells = row.Select((cell, column) =>
                column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            output.WriteLine($"  {string.Join("  ", cells)}".TrimEnd());
        }

        output.WriteLine();
    }

    public static string Milliseconds(TimeSpan time) =>
        time.TotalMilliseconds.ToString(time.TotalMilliseconds < 100 ? "0.0" : "0", CultureInfo.InvariantCulture)
        + " ms";

    public static string Megabytes(long? bytes) => bytes is null
        ? "?"
        : (bytes.Value / 1e6).ToString("0.0", CultureInfo.InvariantCulture) + " MB";

    public static TimeSpan Median(IEnumerable<TimeSpan> times)
    {
        TimeSpan[] sorted = [.. times.Order()];
        return sorted[sorted.Length / 2];
    }
}
