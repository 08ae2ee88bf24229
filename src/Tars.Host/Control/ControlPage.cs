namespace Tars.Host.Control;

/// <summary>Some rows of a list that may be long, in the order of their keys.</summary>
/// <remarks>Invariant: a page ends where the key changes, since the next one is asked for by the last key.</remarks>
/// <param name="IsMore">True when there are others behind the last.</param>
internal sealed record ControlPage<T>(IReadOnlyList<T> Rows, bool IsMore)
{
    public static ControlPage<T> Of(IEnumerable<T> rows, Func<T, long> keyOf)
    {
        var page = new List<T>();
        foreach (var row in rows)
        {
            if (Limits.ControlRowsMax <= page.Count && keyOf(row) != keyOf(page[^1]))
            {
                return new ControlPage<T>(page, IsMore: true);
            }

            page.Add(row);
        }

        return new ControlPage<T>(page, IsMore: false);
    }

    /// <summary>The first page of several lists together, of which each gave its first page.</summary>
    /// <remarks>A list that has more gave a full page, and nothing behind its last key is on a full page of all.
    /// </remarks>
    public static ControlPage<T> Merge(IReadOnlyList<ControlPage<T>> pages, Func<T, long> keyOf)
    {
        var merged = Of(pages.SelectMany(page => page.Rows).OrderBy(keyOf), keyOf);
        return merged with { IsMore = merged.IsMore || pages.Any(page => page.IsMore) };
    }
}
