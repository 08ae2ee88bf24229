using Tars.Bundle.Container;

namespace Tars.Host.Swapping;

/// <summary>What runs once some bundles were given: they, and the modules that they import agents of.</summary>
public static class GivenVersions
{
    /// <summary>All of them in the order in which they are to take over: what is imported before who imports it, since
    /// that may ask what only the new version answers.</summary>
    /// <param name="bundles">As they were given. What is given by itself too is that, whatever others have in them.
    /// </param>
    public static IReadOnlyList<GivenVersion> Of(IEnumerable<ReadOnlyMemory<byte>> bundles)
    {
        GivenVersion[] given = [.. bundles.Select(bytes => Read(bytes, isImport: false))];
        var names = given.Select(one => one.Bundle?.Manifest.Name).ToHashSet(StringComparer.Ordinal);
        var imports = given.SelectMany(one => one.Bundle?.Imports ?? [])
            .Select(bytes => Read(bytes, isImport: true))
            .Where(one => !names.Contains(one.Bundle?.Manifest.Name))
            .DistinctBy(one => one.Bundle?.Hash);
        return [.. imports, .. given];
    }

    private static GivenVersion Read(ReadOnlyMemory<byte> bytes, bool isImport) =>
        new((BundleReader.Read(bytes) as BundleReading.Read)?.Bundle, bytes, isImport);
}

/// <summary>A module as it was given.</summary>
/// <param name="Bundle">Null for one that cannot be read.</param>
/// <param name="IsImport">True for one that came in the bundle of another.</param>
public sealed record GivenVersion(BundleFile? Bundle, ReadOnlyMemory<byte> Bytes, bool IsImport);
