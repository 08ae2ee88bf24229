using System.Collections.Immutable;

namespace Tars.Lang.Syntax;

/// <summary>A mapping with fixed keys. The rows stand in the order in which the formatter writes them.</summary>
/// <param name="Name">How messages call it.</param>
public sealed record KeyBlock(string Name, string About, ImmutableArray<KeyRow> Rows)
{
    /// <summary>Whether the formatter writes it on one line, <c>{ a: 1, b: 2 }</c>, when it fits.</summary>
    public bool IsCompact { get; init; }

    public KeyRow? Find(string key) => Rows.FirstOrDefault(row => row.Key == key);

    /// <summary>The place of a key in the order of the table; unknown keys come last.</summary>
    public int OrderOf(string key)
    {
        for (int index = 0; index < Rows.Length; index++)
        {
            if (Rows[index].Key == key)
            {
                return index;
            }
        }

        return Rows.Length;
    }
}

/// <summary>One key of a block.</summary>
/// <param name="About">One line for completion, hover and the schema.</param>
public sealed record KeyRow(string Key, bool IsRequired, KeyShape Shape, string About)
{
    /// <summary>Whether its mapping grows with the program, so that each entry keeps a line of its own.</summary>
    public bool IsSection { get; init; }
}
