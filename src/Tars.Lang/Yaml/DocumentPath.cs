using System.Collections.Immutable;

namespace Tars.Lang.Yaml;

/// <summary>
/// Paths into a document: keys joined by points; in a key <c> as NAME</c> is left out and blanks become colons.
/// </summary>
public static class DocumentPath
{
    /// <summary>The part of a path that a key is.</summary>
    public static string Part(string key)
    {
        int bind = key.IndexOf(" as ", StringComparison.Ordinal);
        return (bind < 0 ? key : key[..bind]).Replace(' ', ':');
    }

    /// <summary>The path of what stands under a key of a mapping.</summary>
    /// <param name="path">Of the mapping; empty for the document.</param>
    public static string Below(string path, string key) => path.Length == 0 ? Part(key) : $"{path}.{Part(key)}";

    /// <summary>The way to a path: a place among the entries of each mapping. Null where it leads nowhere.</summary>
    /// <remarks>A key of a version or an address holds points of its own, so each key is tried as a prefix.</remarks>
    public static ImmutableArray<int>? Find(YamlNode root, string path) => Find(root, path, []);

    private static ImmutableArray<int>? Find(YamlNode node, string path, ImmutableArray<int> way)
    {
        if (path.Length == 0)
        {
            return way;
        }

        if (node is not YamlNode.Mapping mapping)
        {
            return null;
        }

        for (int place = 0; place < mapping.Entries.Length; place++)
        {
            YamlEntry entry = mapping.Entries[place];
            string part = Part(entry.Key.Value);
            string? rest = part.Length == 0 ? null
                : path == part ? ""
                : path.StartsWith(part + ".", StringComparison.Ordinal) ? path[(part.Length + 1)..]
                : null;
            if (rest is not null && Find(entry.Value, rest, way.Add(place)) is { } found)
            {
                return found;
            }
        }

        return null;
    }
}
