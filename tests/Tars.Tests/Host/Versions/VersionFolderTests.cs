using Tars.Base;
using Tars.Evolution.Store;
using Tars.Host.Journal.Durable;
using Tars.Host.Versions;
using Tars.Sim.Disks;
using Xunit;

namespace Tars.Tests.Host.Versions;

/// <summary>The store of versions: whole after any power cut, bounded, and never without a head that can be read.
/// </summary>
public sealed class VersionFolderTests
{
    private const string Module = "pack";
    private const int Seeds = 6;

    [Fact]
    public void Whatever_was_recorded_is_there_again()
    {
        var disk = new CutDisk();
        using var folder = Open(disk);
        Keep(folder, "one");
        Commit(folder, "two", score: 0.7);
        Assert.True(folder.Record(
            VersionHistory.Entry(VersionEvent.Rollback, VersionId.Of("one"), "ann", "then"), [], out _));
        using var again = Open(new CutDisk(disk.Files));
        Assert.Equal(VersionId.Of("one"), again.History.Head);
        Assert.Equal("two", again.Text(VersionId.Of("two"), out _));
        Assert.Equal(1, again.History.SinceApproval);
        Assert.Equal(folder.History.Entries[^1].Chain, again.History.Entries[^1].Chain);
    }

    [Fact]
    public void A_look_is_kept_of_versions_that_are_not_there_and_moves_nothing()
    {
        var disk = new CutDisk();
        using var folder = Open(disk);
        Keep(folder, "one");
        var look = VersionHistory.Entry(VersionEvent.Look, VersionId.Of("other"), "ann", "then") with
        {
            Parent = VersionId.Of("another"),
        };
        Assert.False(folder.Record(look, [], out string why));
        Assert.Equal("it does not say what judged", why);
        Assert.True(folder.Record(look with { Shown = VersionId.Of("judge") }, [], out _));
        using var again = Open(new CutDisk(disk.Files));
        Assert.Equal(VersionId.Of("judge"), Assert.Single(again.History.Looks).Shown);
        Assert.Equal((VersionId.Of("one"), 0), (again.History.Head, again.History.SinceApproval));
        Assert.Equal([VersionId.Of("one")], again.History.Present);
    }

    // The heart: a run of drawn commands, cut after every call to the disk, in every way that a cut can go.
    [Fact]
    public void After_a_power_cut_at_any_moment_the_store_is_whole()
    {
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            var disk = new CutDisk();
            var histories = new List<string> { Lines(VersionHistory.Empty(Module)) };
            var settled = new List<int> { 0 };
            using (var folder = Open(disk))
            {
                var random = new Xoshiro256(seed);
                for (int step = 0; step < 12; step++)
                {
                    Draw(folder, random, step);
                    histories.Add(Lines(folder.History));
                    settled.Add(disk.Calls);
                }
            }

            foreach (var cut in Enum.GetValues<CutDisk.Cut>())
            {
                for (int calls = 0; calls <= disk.Calls; calls++)
                {
                    var left = new CutDisk(disk.After(calls, cut, new Xoshiro256(seed)));
                    using var found = VersionFolder.OpenOn(left, Module, out string why);
                    Assert.True(found is not null, $"seed {seed}, {cut} after {calls} calls: {why}");
                    string lines = Lines(found.History);

                    // What Record said is written is there, and nothing that was never recorded.
                    int done = settled.FindLastIndex(one => one <= calls);
                    Assert.True(
                        lines == histories[done] || histories.IndexOf(lines) == done + 1
                            || histories.LastIndexOf(lines) == done + 1,
                        $"seed {seed}, {cut} after {calls} calls");
                    foreach (var id in found.History.Objects)
                    {
                        Assert.NotNull(found.Text(id, out _));
                    }

                    Keep(found, "after the cut");
                    Assert.Equal("after the cut", found.Text(found.History.Head, out _));
                }
            }
        }
    }

    // Whoever only looks finds what whoever repairs does, and leaves everything as it is.
    [Fact]
    public void What_is_looked_at_after_a_power_cut_is_the_same_and_stays_as_it_is()
    {
        var disk = new CutDisk();
        using (var folder = Open(disk))
        {
            var random = new Xoshiro256(seed: 2);
            for (int step = 0; step < 8; step++)
            {
                Draw(folder, random, step);
            }
        }

        foreach (var cut in Enum.GetValues<CutDisk.Cut>())
        {
            for (int calls = 0; calls <= disk.Calls; calls++)
            {
                var left = new CutDisk(disk.After(calls, cut, new Xoshiro256(seed: 2)));
                var files = left.Files.ToDictionary(one => one.Key, one => Convert.ToHexString(one.Value));
                using (var seen = VersionFolder.OpenToRead(left, Module, out string why))
                {
                    Assert.True(seen is not null, $"{cut} after {calls} calls: {why}");
                    Assert.Equal(files, left.Files.ToDictionary(one => one.Key, one => Convert.ToHexString(one.Value)));
                    Assert.All(seen.History.Objects, id => Assert.NotNull(seen.Text(id, out _)));
                    using var found = Open(left);
                    Assert.Equal(Lines(found.History), Lines(seen.History));
                }
            }
        }
    }

    [Fact]
    public void A_store_that_somebody_has_can_be_looked_at_and_not_be_changed()
    {
        string place = Directory.CreateTempSubdirectory("tars-store-").FullName;
        try
        {
            using var held = VersionFolder.Open(place, Module, out _)!;
            Keep(held, "one");
            Assert.Null(VersionFolder.Open(place, Module, out _));
            using var seen = VersionFolder.OpenToRead(place, Module, out string why);
            Assert.True(seen is not null, why);
            Assert.Equal("one", seen.Text(seen.History.Head, out _));
            Assert.False(seen.Record(Entry(VersionEvent.Keep, "two", VersionId.None), ["two"], out why));
            Assert.Equal("it was opened to be read", why);

            // Where there is no lock none is made.
            string copy = Directory.CreateDirectory(Path.Combine(place, "copy")).FullName;
            foreach (string file in Directory.GetFiles(place).Where(file => Path.GetFileName(file) != "lock"))
            {
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            }

            using var alone = VersionFolder.OpenToRead(copy, Module, out _);
            Assert.Equal(held.History.Head, alone!.History.Head);
            Assert.DoesNotContain("lock", Directory.GetFiles(copy).Select(Path.GetFileName));
            Assert.Null(VersionFolder.OpenToRead(Path.Combine(place, "nowhere"), Module, out why));
            Assert.NotEmpty(why);
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    }

    // The names are looked at, somebody records and sweeps away what that replaced, and then it is read.
    [Fact]
    public void A_store_that_somebody_writes_to_while_it_is_looked_at_is_found_as_it_is_then()
    {
        var disk = new CutDisk();
        using var folder = Open(disk);
        Keep(folder, "first");
        int writes = 0;
        var busy = new BusyDisk(disk) { BeforeRead = () => Commit(folder, $"made {++writes}", score: 1) };
        using var seen = VersionFolder.OpenToRead(busy, Module, out string why);
        Assert.True(seen is null, "somebody who writes before every read leaves nothing to be read");
        Assert.Contains("history-", why, StringComparison.Ordinal);
        int most = writes;
        Assert.InRange(most, 2, 20);
        for (int times = 1; times < most; times++)
        {
            int left = times;
            busy.BeforeRead = () => Commit(folder, $"made {times} {left}", score: left--);
            busy.Times = times;
            using var found = VersionFolder.OpenToRead(busy, Module, out why);
            Assert.True(found is not null, $"{times} writes: {why}");
            Assert.Equal(Lines(folder.History), Lines(found.History));
            Assert.Equal($"made {times} 1", found.Text(found.History.Head, out _));
        }
    }

    [Fact]
    public void A_store_that_may_not_be_read_is_not_looked_at_again_and_again()
    {
        var disk = new CutDisk();
        using var folder = Open(disk);
        Keep(folder, "first");
        int reads = 0;
        var shut = new BusyDisk(disk)
        {
            BeforeRead = () => throw new UnauthorizedAccessException($"look {++reads}"),
        };
        Assert.Null(VersionFolder.OpenToRead(shut, Module, out string why));
        Assert.Equal("look 1", why);
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    public void A_score_that_is_no_number_is_neither_written_nor_read(double score, string written)
    {
        using var folder = Open(new CutDisk());
        Keep(folder, "one");
        var entry = Entry(VersionEvent.Commit, "two", folder.History.Head) with { Score = score };
        Assert.False(folder.Record(entry, ["two"], out string why));
        Assert.Equal("its score is no number", why);
        string text = System.Text.Encoding.UTF8.GetString(HistoryText.Write(folder.History))
            .Replace("\"score\":\"\"", $"\"score\":\"{written}\"", StringComparison.Ordinal);
        Assert.Null(HistoryText.Read(System.Text.Encoding.UTF8.GetBytes(text), out why));
        Assert.Equal("entry 1 is none", why);
    }

    // What could not be written may be there or not, as after a cut; what was there before is there.
    [Fact]
    public void A_disk_that_fails_at_any_call_loses_nothing()
    {
        for (int calls = 4; calls < 14; calls++)
        {
            var disk = new CutDisk { FailsFrom = calls };
            using var folder = Open(disk);
            bool first = folder.Record(Entry(VersionEvent.Keep, "one", VersionId.None), ["one"], out _);
            bool second = first
                && folder.Record(Entry(VersionEvent.Keep, "two", VersionId.None), ["two"], out _);
            using var again = Open(new CutDisk(disk.Files));
            string[] heads = second ? ["two"] : first ? ["one", "two"] : ["", "one"];
            Assert.Contains(again.History.Head, heads.Select(one => one == "" ? VersionId.None : VersionId.Of(one)));
            Assert.True(again.History.Head.IsNone || again.Text(again.History.Head, out _) is not null);
        }
    }

    [Fact]
    public void Pruning_leaves_the_newest_the_best_the_approved_and_the_head()
    {
        var disk = new CutDisk();
        using var folder = Open(disk);
        Keep(folder, "first");
        Assert.True(folder.Record(Entry(VersionEvent.Approve, "first", VersionId.None), [], out _));
        for (int index = 0; index < 10; index++)
        {
            Commit(folder, $"next {index}", score: index == 3 ? 0.1 : 1.0 + index);
        }

        Assert.True(folder.Prune(keep: 2, "ann", "then", out _));
        Assert.Equal(
            [VersionId.Of("first"), VersionId.Of("next 3"), VersionId.Of("next 8"), VersionId.Of("next 9")],
            folder.History.Present);
        Assert.Null(folder.Text(VersionId.Of("next 5"), out _));
        Assert.Equal(7, disk.Files.Count(one => !one.Key.StartsWith("history", StringComparison.Ordinal)));
        Assert.False(folder.Record(Entry(VersionEvent.Rollback, "next 5", VersionId.None), [], out string why));
        Assert.Equal("that version is not there", why);
    }

    [Fact]
    public void Squashing_leaves_the_ends_their_notes_and_every_entry()
    {
        var disk = new CutDisk();
        using var folder = Open(disk);
        Keep(folder, "first");
        string[] made = ["a", "b", "c", "d"];
        Array.ForEach(made, one => Commit(folder, one, score: 1));
        string[] chain = [.. folder.History.Entries.Select(one => one.Chain.ToString())];
        Assert.True(folder.Squash(VersionId.Of("a"), VersionId.Of("d"), "ann", "then", out string why), why);
        Assert.Equal(["first", "a", "d"], folder.History.Present.Select(one => folder.Text(one, out _)));
        Assert.Equal("notes of d", folder.Text(VersionId.Of("notes of d"), out _));
        Assert.Null(folder.Text(VersionId.Of("notes of b"), out _));
        Assert.Equal(VersionId.Of("d"), folder.History.Head);
        Assert.Equal(4, folder.History.SinceApproval);
        Assert.Equal(chain, folder.History.Entries.SkipLast(1).Select(one => one.Chain.ToString()));
        using var again = Open(new CutDisk(disk.Files));
        Assert.Equal(Lines(folder.History), Lines(again.History));
    }

    [Theory]
    [InlineData("a", "b", "nothing lies between")]
    [InlineData("c", "a", "was not made from")]
    [InlineData("a", "a", "was not made from")]
    [InlineData("first", "c", "lies between them, and was approved")]
    [InlineData("b", "d", "the head")]
    public void What_has_to_stay_is_not_squashed(string from, string to, string why)
    {
        using var folder = Open(new CutDisk());
        Keep(folder, "first");
        string[] made = ["a", "b", "c", "d"];
        Array.ForEach(made, one => Commit(folder, one, score: 1));
        Assert.True(folder.Record(Entry(VersionEvent.Approve, "b", VersionId.None), [], out _));
        Assert.True(folder.Record(Entry(VersionEvent.Rollback, "c", VersionId.None), [], out _));
        string before = Lines(folder.History);
        Assert.False(folder.Squash(VersionId.Of(from), VersionId.Of(to), "ann", "then", out string told));
        Assert.Contains(why, told, StringComparison.Ordinal);
        Assert.Equal(before, Lines(folder.History));
    }

    [Fact]
    public void Texts_without_a_history_are_no_new_store()
    {
        var disk = new CutDisk();
        using (var folder = Open(disk))
        {
            Keep(folder, "one");
        }

        var left = disk.Files.Where(one => !one.Key.StartsWith("history", StringComparison.Ordinal)).ToDictionary();
        var cut = new CutDisk(left);
        Assert.Null(VersionFolder.OpenOn(cut, Module, out string why));
        Assert.Equal("it holds texts, and no history of them", why);
        Assert.Contains(VersionId.Of("one").ToString(), cut.Files.Keys);
    }

    [Fact]
    public void A_commit_on_a_head_that_has_moved_is_refused()
    {
        using var folder = Open(new CutDisk());
        Keep(folder, "one");
        Keep(folder, "two");
        var late = Entry(VersionEvent.Commit, "three", VersionId.Of("one"));
        Assert.False(folder.Record(late, ["three"], out string why));
        Assert.Equal("the head has moved since", why);
    }

    [Fact]
    public void A_history_that_somebody_changed_is_refused()
    {
        var disk = new CutDisk();
        using (var folder = Open(disk))
        {
            Keep(folder, "one");
            Commit(folder, "two", score: 1);
        }

        var (name, octets) = disk.Files.Single(one => one.Key.StartsWith("history", StringComparison.Ordinal));
        for (int at = 0; at < octets.Length; at++)
        {
            byte[] changed = [.. octets];
            changed[at] ^= 1;
            var files = new Dictionary<string, byte[]>(disk.Files) { [name] = changed };
            using var found = VersionFolder.OpenOn(new CutDisk(files), Module, out string why);
            Assert.True(found is null, $"octet {at}");
            Assert.NotEmpty(why);
        }
    }

    [Fact]
    public void Every_beginning_of_a_history_has_an_answer()
    {
        var disk = new CutDisk();
        using var folder = Open(disk);
        Keep(folder, "one");
        byte[] octets = HistoryText.Write(folder.History);
        for (int size = 0; size < octets.Length; size++)
        {
            Assert.Null(HistoryText.Read(octets.AsSpan(0, size), out string why));
            Assert.NotEmpty(why);
        }
    }

    private static VersionFolder Open(CutDisk disk) => VersionFolder.OpenOn(disk, Module, out _)!;

    private static void Draw(VersionFolder folder, Xoshiro256 random, int step)
    {
        var present = folder.History.Present;
        switch (present.IsEmpty ? 0 : random.Next(7))
        {
            case 0:
                Keep(folder, $"kept {step}");
                break;
            case 1 or 2:
                Commit(folder, $"made {step}", random.NextUnit());
                break;
            case 3:
                var older = VersionHistory.Entry(
                    VersionEvent.Rollback, present[random.Next(present.Length)], "ann", "then");
                Assert.True(folder.Record(older, [], out _));
                break;
            case 4:
                var seen = VersionHistory.Entry(VersionEvent.Approve, folder.History.Head, "ann", "then");
                Assert.True(folder.Record(seen, [], out _));
                break;
            case 5:
                // Most pairs have nothing between them that may go; then nothing happens.
                var (from, to) = (present[random.Next(present.Length)], present[random.Next(present.Length)]);
                string lines = Lines(folder.History);
                Assert.Equal(!folder.Squash(from, to, "ann", "then", out _), lines == Lines(folder.History));
                break;
            default:
                Assert.True(folder.Prune(random.Next(3), "ann", "then", out _));
                break;
        }
    }

    private static void Keep(VersionFolder folder, string text) =>
        Assert.True(folder.Record(Entry(VersionEvent.Keep, text, VersionId.None), [text], out _));

    private static void Commit(VersionFolder folder, string text, double score)
    {
        string notes = $"notes of {text}";
        var entry = Entry(VersionEvent.Commit, text, folder.History.Head) with
        {
            Notes = VersionId.Of(notes),
            Score = score,
        };
        Assert.True(folder.Record(entry, [text, notes], out _));
    }

    private static VersionEntry Entry(VersionEvent what, string text, VersionId parent) =>
        VersionHistory.Entry(what, VersionId.Of(text), "ann", "then") with { Parent = parent };

    private static string Lines(VersionHistory history) => Convert.ToHexString(HistoryText.Write(history));

    /// <summary>A disk to look at, to which something happens just before it is read.</summary>
    private sealed class BusyDisk(CutDisk disk) : IJournalDisk
    {
        public required Action BeforeRead { get; set; }

        public int Times { get; set; } = int.MaxValue;

        public string RunName => disk.RunName;

        public IReadOnlyList<string> Names() => disk.Names();

        public byte[] Read(string name)
        {
            if (0 < Times)
            {
                Times--;
                BeforeRead();
            }

            return disk.Files.TryGetValue(name, out byte[]? octets)
                ? octets
                : throw new FileNotFoundException($"{name} is not there");
        }

        public long SizeOf(string name) => Read(name).Length;

        public TimeSpan AgeOf(string name) => disk.AgeOf(name);

        public IJournalFile Create(string name) => throw new IOException("to be read");

        public IJournalFile Continue(string name, long octets) => throw new IOException("to be read");

        public void Delete(string name) => throw new IOException("to be read");

        public void SyncNames() => throw new IOException("to be read");

        public void Dispose()
        {
            // The disk is of whoever writes.
        }
    }
}
