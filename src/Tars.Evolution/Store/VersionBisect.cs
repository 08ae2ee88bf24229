using System.Collections.Immutable;

namespace Tars.Evolution.Store;

/// <summary>Finds the first bad version between a good one and a bad one, by halving.</summary>
public static class VersionBisect
{
    /// <param name="lineage">Versions, each made from the one before it; at least the ends are asked.</param>
    /// <param name="ask">What a version is; it is asked at most once of each.</param>
    public static BisectResult Run(ImmutableArray<VersionEntry> lineage, Func<VersionId, VersionHealth> ask)
    {
        if (lineage.Length < 2)
        {
            return new BisectResult.None("there are no two versions to look between");
        }

        int tried = 2;
        if (ask(lineage[0].Version) is var first and not VersionHealth.Good)
        {
            return new BisectResult.None($"{lineage[0].Version.Short}, which should be good, {Word(first)}");
        }

        if (ask(lineage[^1].Version) is var last and not VersionHealth.Bad)
        {
            return new BisectResult.None($"{lineage[^1].Version.Short}, which should be bad, {Word(last)}");
        }

        int good = 0;
        int bad = lineage.Length - 1;
        var unclear = new HashSet<int>();
        while (Middle(good, bad, unclear) is { } middle)
        {
            tried++;
            switch (ask(lineage[middle].Version))
            {
                case VersionHealth.Good:
                    good = middle;
                    break;
                case VersionHealth.Bad:
                    bad = middle;
                    break;
                case VersionHealth.Unclear:
                    unclear.Add(middle);
                    break;
            }
        }

        return new BisectResult.Found(lineage[good], lineage[bad], lineage[(good + 1)..bad], tried);
    }

    // The one nearest to the middle of which it is not known that it cannot be tried.
    private static int? Middle(int good, int bad, HashSet<int> unclear)
    {
        int middle = (good + bad) / 2;
        return Enumerable.Range(good + 1, bad - good - 1).Where(one => !unclear.Contains(one))
            .OrderBy(one => Math.Abs(one - middle)).Select(one => (int?)one).FirstOrDefault();
    }

    private static string Word(VersionHealth health) => health switch
    {
        VersionHealth.Good => "is good",
        VersionHealth.Bad => "is bad",
        VersionHealth.Unclear => "cannot be tried",
    };
}

/// <summary>What one version is by a scenario.</summary>
public enum VersionHealth
{
    Good,
    Bad,

    /// <summary>It does not compile with the scenario, or the scenario cannot be run.</summary>
    Unclear,
}

/// <summary>What halving came to. The family is closed.</summary>
public abstract record BisectResult
{
    private BisectResult()
    {
    }

    /// <param name="Good">The last that is good.</param>
    /// <param name="Bad">The first that is bad.</param>
    /// <param name="Unclear">Versions between the two that cannot be tried: one of them may be the first.</param>
    /// <param name="Tried">How many were asked.</param>
    public sealed record Found(
        VersionEntry Good, VersionEntry Bad, ImmutableArray<VersionEntry> Unclear, int Tried) : BisectResult;

    public sealed record None(string Why) : BisectResult;
}
