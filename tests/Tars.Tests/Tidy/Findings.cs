using Xunit;

namespace Tars.Tests.Tidy;

/// <summary>How a tidy check fails: with every finding at once, one a line.</summary>
internal static class Findings
{
    public static void None(IEnumerable<string> findings)
    {
        var all = findings.Distinct().ToList();
        if (0 < all.Count)
        {
            Assert.Fail(string.Join('\n', all));
        }
    }

    /// <summary>
    /// Nothing is larger than the bound but what the list of exceptions allows, and each exception is still needed.
    /// </summary>
    public static void NoneBeyond(
        IReadOnlyDictionary<string, int> exceptions, int bound, IEnumerable<(string Name, int Size)> measured)
    {
        var sizes = measured.Where(thing => bound < thing.Size).ToDictionary(thing => thing.Name, thing => thing.Size);
        var grown = sizes
            .Where(thing => !exceptions.TryGetValue(thing.Key, out int allowed) || allowed < thing.Value)
            .Select(thing => $"{thing.Key}: {thing.Value} lines, at most {bound}");
        var stale = exceptions.Keys.Except(sizes.Keys)
            .Select(name => $"{name}: take it off the list of exceptions, it is within {bound}");
        None(grown.Concat(stale));
    }

    /// <summary>What is missing is on the list of what is known to be missing, and nothing else is on it.</summary>
    public static void NoneBut(IEnumerable<string> known, IEnumerable<string> missing, string what)
    {
        var expected = known.ToHashSet(StringComparer.Ordinal);
        var actual = missing.ToHashSet(StringComparer.Ordinal);
        None(actual.Except(expected).Select(name => $"{name}: {what}")
            .Concat(expected.Except(actual).Select(name => $"{name}: no longer missing, take it off the list"))
            .Order(StringComparer.Ordinal));
    }
}
