using Tars.Evolution.Store;
using Tars.Host.Evolving;
using Tars.Host.Versions;
using Tars.Tests.Evolution.Planning;
using Xunit;

namespace Tars.Tests.Host.Evolving;

/// <summary>Commits end at their cap, and one that is refused leaves nothing behind.</summary>
public sealed class VersionCommitTests : IDisposable
{
    private readonly string _folder = Path.Combine(
        Directory.CreateTempSubdirectory("tars-versions-").FullName, "tuning");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);

    [Fact]
    public void A_loop_of_commits_ends_at_the_version_cap()
    {
        string text = SmallTuning.Text;
        int made = 0;
        while (Commit(text, $"value: 0.2{made + 1}", out _) is { } next)
        {
            text = next;
            made++;
            Assert.True(made < 10);
        }

        Assert.Equal(2, made);
        var (problem, _) = SmallTuning.Module(text);
        Assert.Contains("2 versions since a person approved one", VersionCommit.WhyNoMore(_folder, problem));
    }

    // A cap may be written in every way that the language reads, and the oldest version may have had none yet.
    [Theory]
    [InlineData("versions_per_session: 0x2", 0)]
    [InlineData("versions_per_session: 0_2", 0)]
    [InlineData("versions_per_session: 2", 1)]
    public void A_cap_that_is_raised_in_the_file_lets_no_more_through(string cap, int drafts)
    {
        string text = SmallTuning.Text.Replace("versions_per_session: 2", cap, StringComparison.Ordinal);
        string draft = text[..text.IndexOf("evolution:", StringComparison.Ordinal)];
        using (var folder = VersionFolder.Open(_folder, "tuning", out _)!)
        {
            foreach (string kept in Enumerable.Repeat(draft, drafts).Append(text))
            {
                var entry = VersionHistory.Entry(VersionEvent.Keep, VersionId.Of(kept), "ann", "then");
                Assert.True(folder.Record([entry], [kept], out string why), why);
            }
        }

        string raised = text.Replace(cap, "versions_per_session: 900", StringComparison.Ordinal);
        for (int made = 0; made < 2; made++)
        {
            raised = Commit(raised, $"value: 0.2{made + 1}", out _)!;
            Assert.NotNull(raised);
        }

        Assert.Null(Commit(raised, "value: 0.29", out string end));
        Assert.StartsWith("2 versions since a person approved one", end, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_commit_leaves_no_text_behind()
    {
        Assert.NotNull(Commit(SmallTuning.Text, "value: 0.21", out _));
        string[] before = Directory.GetFiles(_folder);

        // The file is the first version again, and the head is not.
        Assert.Null(Commit(SmallTuning.Text, "value: 0.22", out string why));
        Assert.Contains("the head is", why, StringComparison.Ordinal);
        Assert.Equal(before.Order(), Directory.GetFiles(_folder).Order());
    }

    [Fact]
    public void What_a_person_wrote_since_is_kept_with_the_commit_or_not_at_all()
    {
        string written = SmallTuning.Text.Replace("summary: Drives", "summary: Now drives", StringComparison.Ordinal);
        Assert.NotNull(Commit(SmallTuning.Text, "value: 0.21", out _));
        Assert.NotNull(Commit(written, "value: 0.22", out _));
        using var folder = VersionFolder.Open(_folder, "tuning", out _);
        Assert.Equal(
            [VersionEvent.Keep, VersionEvent.Commit, VersionEvent.Keep, VersionEvent.Commit],
            folder!.History.Entries.Select(one => one.Event));
        Assert.Equal(2, folder.History.SinceApproval);
    }

    private string? Commit(string text, string gain, out string why)
    {
        var (problem, _) = SmallTuning.Module(text);
        string next = System.Text.RegularExpressions.Regex.Replace(problem.Source.Text, "value: 0\\.2\\d*", gain);
        return VersionCommit.Make(_folder, problem, next, "{}", 1, "then", out why) is null ? null : next;
    }
}
