using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Host.Granting;
using Tars.Host.Swapping;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal.Durable;

/// <summary>Whether a run can go on from a journal as it is started now, and which versions it is given anew.</summary>
internal static class KeptRun
{
    private const int NamedMax = 3;

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

    /// <summary>How a run goes on from a journal: what was set is as it was begun with, and what is given is what the
    /// operator gives those modules that ran, which may be other versions than are given now.</summary>
    /// <param name="folder">Of what ran; null, or one that begins, for nothing.</param>
    /// <param name="reasons">What of it nobody gives.</param>
    public static RunOptions GoOn(JournalFolder? folder, RunOptions options, ICollection<string> reasons)
    {
        if (folder is null or { IsFresh: true })
        {
            return options;
        }

        var grants = SystemGrants.Of([.. folder.Header.Modules.Select(hash => folder.Bundles[hash])], options);
        foreach (string refusal in grants.Refusals().Where(one => !reasons.Contains(one)))
        {
            reasons.Add(refusal);
        }

        return grants.ApplyTo(options) with { Params = folder.Header.Params };
    }

    /// <summary>One version, with what the operator leaves of it.</summary>
    /// <returns>Null with reasons.</returns>
    public static ModuleImage? Load(
        IEngine engine, RunOptions options, ReadOnlyMemory<byte> bundle, List<string> reasons)
    {
        var left = SystemGrants.Of([bundle], options).Narrowings;
        var loader = new SystemLoader(engine, options with { Narrowings = left });
        var image = loader.LoadAlone(bundle);
        reasons.AddRange(loader.Reasons);
        return image;
    }

    /// <summary>Why not; nothing when it can, and for a journal that begins.</summary>
    /// <param name="options">As <see cref="GoOn"/> made them of those that are given.</param>
    /// <param name="given">What is set now.</param>
    public static IEnumerable<string> WhyNot(
        JournalFolder? folder, RunOptions options, ImmutableArray<KeyValuePair<string, string>> given)
    {
        if (folder is null or { IsFresh: true })
        {
            yield break;
        }

        var begun = folder.Header.Params;
        if (LastOf(given).Except(LastOf(begun)).ToArray() is [var other, ..])
        {
            string before = begun.IsEmpty ? "none" : string.Join(", ", LastOf(begun).Select(Text));
            yield return Printable.Of($"--set {Text(other)}: the journal was not begun with that; it was begun with "
                + $"{before}; leave --set out and it goes on so");
        }
        else if (LeftOf(folder, folder.Header.Narrowings) is var was && LeftOf(folder, options.Narrowings) is var left
            && !was.SetEquals(left))
        {
            was.SymmetricExceptWith(left);
            yield return Printable.Of("--journal: what is granted is not what it was when the journal was begun: "
                + string.Join("; ", was.Order(StringComparer.Ordinal).Take(NamedMax)));
        }
        else if (!AreAlike(folder.Header.StandIns, options.StandIns))
        {
            yield return "--journal: other modules stood in the place of devices when the journal was begun";
        }

        if ((options.NamesPolicy || !options.IsDefaultPolicy)
            && folder.Header.Policy != JournalSystem.HeaderOf(options).Policy)
        {
            yield return "--policy: the journal was begun with another; leave --policy out and it goes on with that";
        }
    }

    /// <summary>What was given in another version than runs: it is offered as a swap; that also is how a script is
    /// changed between two runs.</summary>
    /// <param name="load">Loads one, or adds to the reasons.</param>
    /// <param name="reasons">Why it cannot go on with what was given.</param>
    public static ImmutableArray<SwapOffer> Newer(
        IEnumerable<ReadOnlyMemory<byte>> bundles,
        SystemImage running,
        Func<ReadOnlyMemory<byte>, ModuleImage?> load,
        List<string> reasons)
    {
        var offers = ImmutableArray.CreateBuilder<SwapOffer>();
        foreach (var given in GivenVersions.Of(bundles))
        {
            if (given.Bundle is not { Manifest.Name: var name } bundle)
            {
                reasons.Add("a module cannot be read");
            }
            else if (running.Modules.FirstOrDefault(one => one.Manifest.Name == name) is not { } module)
            {
                // Of an import that is new the swap of its importer says why not.
                reasons.AddRange(
                    given.IsImport ? [] : [$"--journal: it is of another system: module {name} is not in it"]);
            }
            else if (offers.Any(one => one.Image.Manifest.Name == name))
            {
                reasons.Add($"module {name} is imported in two versions");
            }
            else if (module.Hash != bundle.Hash && load(given.Bytes) is { } image)
            {
                offers.Add(new SwapOffer(image, given.Bytes));
            }
        }

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

    /// <summary>What runs without having been given: nothing ends because it is left out.</summary>
    public static IEnumerable<string> LeftOut(IEnumerable<ReadOnlyMemory<byte>> bundles, SystemImage running)
    {
        var given = GivenVersions.Of(bundles).Select(one => one.Bundle?.Manifest.Name)
            .ToHashSet(StringComparer.Ordinal);
        return running.Modules.Where(one => !one.IsImported && !given.Contains(one.Manifest.Name))
            .Select(one => $"module {one.Manifest.Name} was not given and goes on all the same: the journal has it");
    }

    // Of a parameter that is set twice the last counts.
    private static IEnumerable<KeyValuePair<string, string>> LastOf(
        ImmutableArray<KeyValuePair<string, string>> set) =>
        set.GroupBy(pair => pair.Key, StringComparer.Ordinal).Select(group => group.Last());

    private static string Text(KeyValuePair<string, string> set) => $"{set.Key}={set.Value}";

    // In whatever order they are given.
    private static bool AreAlike(
        ImmutableArray<KeyValuePair<string, string>> one, ImmutableArray<KeyValuePair<string, string>> other) =>
        one.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .SequenceEqual(other.OrderBy(pair => pair.Key, StringComparer.Ordinal));

    // Of the modules that the journal names. One without a checkpoint names those that bring their imports.
    private static HashSet<string> LeftOf(JournalFolder folder, ImmutableArray<Narrowing> rows)
    {
        var names = folder.Header.Modules.Select(hash => BundleReader.Read(folder.Bundles[hash]))
            .OfType<BundleReading.Read>().Select(one => one.Bundle.Manifest.Name).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. rows.Where(one => folder.Header.Imported.IsEmpty || names.Contains(one.Module))
                .Select(TextOf),
        ];
    }

    private static string TextOf(Narrowing one)
    {
        string left = one.Only.IsEmpty ? "nothing" : string.Join(' ', one.Only);
        return $"{one.Module}.{one.Agent} is left {left} of {one.Kind.ToString().ToLowerInvariant()} {one.Name}";
    }
}
