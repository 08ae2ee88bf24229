using System.Collections.Immutable;
using Tars.Bundle.Container;
using Tars.Host.Swapping;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal.Durable;

/// <summary>Whether a run can go on from a journal as it is started now, and which versions it is given anew.</summary>
internal static class KeptRun
{
    /// <summary>Opens the folder or the disk that a run is kept on.</summary>
    /// <returns>Null, with a reason where one is asked for.</returns>
    public static IJournalDisk? DiskOf(RunOptions options, ICollection<string> reasons)
    {
        string why = "";
        var disk = options.JournalDisk
            ?? (options.Journal is { } path ? FolderDisk.Open(path, out why) : null);
        if (why.Length != 0)
        {
            reasons.Add($"--journal: {why}");
        }

        return disk;
    }

    /// <summary>Why not; nothing when it can, and for a journal that begins.</summary>
    public static IEnumerable<string> WhyNot(JournalFolder? folder, RunOptions options)
    {
        if (folder is null or { IsFresh: true })
        {
            yield break;
        }

        if (!options.Params.IsEmpty && !AreAlike(folder.Header.Params, options.Params))
        {
            yield return "--set: the journal was begun with other values; leave --set out and it goes on with those";
        }
        else if (!AreSame(folder.Header.Narrowings, options.Narrowings))
        {
            yield return "--journal: what is granted is not what it was when the journal was begun";
        }
        else if (!AreAlike(folder.Header.StandIns, options.StandIns))
        {
            yield return "--journal: other modules stood in the place of devices when the journal was begun";
        }

        if (!options.IsDefaultPolicy && folder.Header.Policy != JournalSystem.HeaderOf(options).Policy)
        {
            yield return "--policy: the journal was begun with another; leave --policy out and it goes on with that";
        }
    }

    /// <summary>What was given in another version than runs: it is offered as a swap; that also is how a script is
    /// changed between two runs.</summary>
    /// <param name="reasons">Why it cannot go on with what was given.</param>
    public static ImmutableArray<SwapOffer> Newer(
        IEnumerable<ReadOnlyMemory<byte>> bundles, SystemImage running, SystemLoader loader, List<string> reasons)
    {
        var offers = ImmutableArray.CreateBuilder<SwapOffer>();
        foreach (var bytes in bundles)
        {
            if (BundleReader.Read(bytes) is not BundleReading.Read { Bundle: { Manifest.Name: var name } bundle })
            {
                reasons.Add("a module cannot be read");
            }
            else if (running.Modules.FirstOrDefault(one => one.Manifest.Name == name) is not { } module)
            {
                reasons.Add($"--journal: it is of another system: module {name} is not in it");
            }
            else if (module.Hash != bundle.Hash && loader.LoadAlone(bytes) is { } image)
            {
                offers.Add(new SwapOffer(image, bytes));
            }
        }

        reasons.AddRange(loader.Reasons);
        if (0 < reasons.Count)
        {
            foreach (var offer in offers)
            {
                offer.Image.Code.Dispose();
            }

            offers.Clear();
        }

        return offers.ToImmutable();
    }

    // In whatever order they are given; of a parameter that is set twice the last counts, so those keep theirs.
    private static bool AreAlike(
        ImmutableArray<KeyValuePair<string, string>> one, ImmutableArray<KeyValuePair<string, string>> other) =>
        one.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .SequenceEqual(other.OrderBy(pair => pair.Key, StringComparer.Ordinal));

    private static bool AreSame(ImmutableArray<Narrowing> one, ImmutableArray<Narrowing> other) =>
        one.Length == other.Length && one.Zip(other).All(pair =>
            pair.First with { Only = [] } == pair.Second with { Only = [] }
            && pair.First.Only.SequenceEqual(pair.Second.Only));
}
