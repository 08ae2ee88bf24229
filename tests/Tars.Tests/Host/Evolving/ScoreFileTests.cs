using Tars.Evolution.Planning;
using Tars.Evolution.Search;
using Tars.Evolution.Store;
using Tars.Host.Evolving;
using Tars.Tests.Evolution.Planning;
using Tars.Tests.Evolution.Search;
using Xunit;

namespace Tars.Tests.Host.Evolving;

/// <summary>What is remembered over runs changes their time and nothing else, wherever a run was killed.</summary>
public sealed class ScoreFileTests : IDisposable
{
    private static readonly VersionId _judge = VersionId.Of("judge");

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-scores-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_part_of_the_program_that_a_score_depends_on_names_the_file()
    {
        string[] parts = [.. ScoreFile.Harness().Select(one => one.Split(' ')[0])];
        Assert.Superset(
            new HashSet<string>(
                [
                    "Tars.Base", "Tars.Bundle", "Tars.Devices", "Tars.Engine.Cil", "Tars.Evolution", "Tars.Host",
                    "Tars.Kernel", "Tars.Lang", Environment.Version.ToString(),
                ]),
            parts.ToHashSet());
        Assert.Equal(ScoreFile.Harness(), ScoreFile.Harness());
        Assert.DoesNotContain("Tars.Tests", parts);
    }

    [Fact]
    public void A_search_that_was_killed_comes_to_the_same_octets()
    {
        string alone = Search(memory: null, out int remembered);
        Assert.Equal(0, remembered);
        Assert.Equal(alone, Remembering(out remembered));
        Assert.Equal(0, remembered);
        string file = Assert.Single(Directory.GetFiles(_folder));
        byte[] whole = File.ReadAllBytes(file);
        foreach (int share in new[] { 1, 3, 5, 7 })
        {
            // Killed while it wrote: whatever stands there up to some octet.
            File.WriteAllBytes(file, whole[..(whole.Length * share / 8)]);
            Assert.Equal(alone, Remembering(out remembered));
            Assert.True(0 < remembered);
            Assert.Equal(whole.Length, new FileInfo(file).Length);
        }

        Assert.Equal(alone, Remembering(out remembered));
        Assert.Equal(240, remembered);
    }

    // Eras of two generations, so that there are three: what an era tried is tried in the next one too, and the file
    // knows it once.
    [Fact]
    public void A_search_of_several_eras_that_was_killed_in_any_of_them_comes_to_the_same_octets()
    {
        var options = new SearchOptions(3, 600) { GenerationsInEra = 2 };
        string alone = Search(memory: null, out int remembered, options);
        Assert.Equal(0, remembered);
        Assert.NotEqual(alone, Search(memory: null, out _, options with { GenerationsInEra = 3 }));
        Assert.Equal(alone, Remembering(out int fromEras, options));
        string file = Assert.Single(Directory.GetFiles(_folder));
        byte[] whole = File.ReadAllBytes(file);
        foreach (int share in new[] { 1, 4, 6, 9 })
        {
            File.WriteAllBytes(file, whole[..(whole.Length * share / 10)]);
            Assert.Equal(alone, Remembering(out remembered, options));
            Assert.InRange(remembered, fromEras + 1, 600);
            Assert.Equal(whole, File.ReadAllBytes(file));
        }
    }

    [Fact]
    public void Rules_that_were_killed_come_to_the_same_octets()
    {
        string alone = SmallTuning.Told(SmallTuning.Run(new RulePlanner(), workers: 2, evaluations: 50));
        for (int run = 0; run < 2; run++)
        {
            using var memory = Open();
            var result = SmallTuning.Run(new RulePlanner(), workers: 2, evaluations: 50, memory);
            Assert.Equal(alone, SmallTuning.Told(result));
            Assert.Equal(run * result.Plan!.Evaluations, result.Plan.Remembered);
        }
    }

    [Fact]
    public void Damage_is_noticed_and_what_follows_it_is_run_again()
    {
        string alone = Remembering(out _);
        string file = Assert.Single(Directory.GetFiles(_folder));
        byte[] whole = File.ReadAllBytes(file);
        for (int place = 5; place < whole.Length; place += whole.Length / 6)
        {
            byte[] damaged = [.. whole];
            damaged[place] ^= 1;
            File.WriteAllBytes(file, damaged);
            Assert.Equal(alone, Remembering(out int remembered));
            Assert.True(remembered < 240);
        }
    }

    // Its check says that a line is whole, and not who wrote it.
    [Fact]
    public void What_no_run_can_have_burnt_stops_nothing()
    {
        using (var memory = Open())
        {
            long[] most = [long.MaxValue, long.MaxValue];
            memory.Add(
                [
                    KeyValuePair.Create("most", new CandidateScore([1, 2], IsWhole: true) { Fuels = [.. most] }),
                    KeyValuePair.Create("below", new CandidateScore([1, 2], IsWhole: true) { Fuels = [-1, 5] }),
                    KeyValuePair.Create("after", new CandidateScore([1], IsWhole: true) { Fuels = [5] }),
                ]);
        }

        using var again = Open();
        Assert.Equal(long.MaxValue, again.Find("most")!.Fuel);
        Assert.Null(again.Find("below"));
        Assert.Null(again.Find("after"));
    }

    [Fact]
    public void Two_runs_at_once_do_not_share_a_file()
    {
        using var one = Open();
        Assert.Null(ScoreFile.Open(_folder, _judge, out string why));
        Assert.NotEmpty(why);
        using var other = ScoreFile.Open(_folder, VersionId.Of("another"), out _);
        Assert.NotNull(other);
    }

    private ScoreFile Open()
    {
        var file = ScoreFile.Open(_folder, _judge, out string why);
        Assert.True(file is not null, why);
        return file;
    }

    private string Remembering(out int remembered, SearchOptions? options = null)
    {
        using var memory = Open();
        return Search(memory, out remembered, options);
    }

    private static string Search(IScoreMemory? memory, out int remembered, SearchOptions? options = null)
    {
        var result = Assert.IsType<SearchResult.Found>(GeneSearch.Run(
            SmallPacking.Problem(),
            new SearchParts(SmallPacking.Path, SmallPacking.Text, workers: 2, memory),
            options ?? new SearchOptions(3, 240),
            CancellationToken.None));
        remembered = result.Remembered;
        return string.Join('\n', [
            .. result.Archive,
            .. result.Finalists.Select(one => $"{one.Code} {string.Join(' ', one.Score.Costs)}"),
            $"{result.Evaluations} {result.GivenUp}",
        ]);
    }
}
