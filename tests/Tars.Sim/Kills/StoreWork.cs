using Tars.Base;
using Tars.Evolution.Store;
using Tars.Host.Versions;

namespace Tars.Sim.Kills;

/// <summary>A program that uses a store of versions without end, and says each time what it was told is written: it is
/// there to be killed.</summary>
internal static class StoreWork
{
    public const string Command = "store-work";
    public const string Module = "kept";

    private const int VersionsMax = 24;
    private const int NoteSizeMax = 4_000;

    public static int Run(string place, ulong seed)
    {
        using var folder = VersionFolder.Open(place, Module, out string why);
        if (folder is null)
        {
            Console.WriteLine($"not whole: {why}");
            return 1;
        }

        var random = new Xoshiro256(seed);
        for (int step = 0; ; step++)
        {
            if (!Do(folder, random, $"version {seed}.{step}", out why))
            {
                Console.WriteLine($"not taken: {why}");
                return 1;
            }

            Console.WriteLine($"{folder.History.Entries[^1].Chain} {folder.History.Head}");
        }
    }

    private static bool Do(VersionFolder folder, Xoshiro256 random, string text, out string why)
    {
        var present = folder.History.Present;
        if (VersionsMax <= present.Length)
        {
            return folder.Prune(random.Next(VersionsMax / 2), "ann", "then", out why);
        }

        switch (present.IsEmpty ? 0 : random.Next(8))
        {
            case 0:
                return folder.Record(Entry(VersionEvent.Keep, VersionId.Of(text), folder), [text], out why);
            case 1:
                var older = present[random.Next(present.Length)];
                return folder.Record(Entry(VersionEvent.Rollback, older, folder), [], out why);
            case 2:
                return folder.Record(Entry(VersionEvent.Approve, folder.History.Head, folder), [], out why);
            case 3:
                // Mostly nothing that may go lies between two of them, and that is an answer too.
                _ = folder.Squash(
                    present[random.Next(present.Length)], present[random.Next(present.Length)], "ann", "then", out why);
                return true;
            default:
                string notes = text + new string('n', random.Next(NoteSizeMax));
                var commit = Entry(VersionEvent.Commit, VersionId.Of(text), folder) with
                {
                    Notes = VersionId.Of(notes),
                    Score = random.NextUnit(),
                };
                return folder.Record(commit, [text, notes], out why);
        }
    }

    private static VersionEntry Entry(VersionEvent what, VersionId version, VersionFolder folder) =>
        VersionHistory.Entry(what, version, "ann", "then") with { Parent = folder.History.Head };
}
