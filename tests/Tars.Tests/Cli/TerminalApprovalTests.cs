using Tars.Evolution.Store;
using Tars.Host.Versions;
using Tars.Tests.Evolution.Planning;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Cli;

/// <summary>Approving as it is done: by a person at a real terminal, who may say anything or nothing.</summary>
public sealed class TerminalApprovalTests : IDisposable
{
    private const string Question = "say its first digits, four or more: ";
    private const string Changed = "the store has changed since this was shown, so nothing is approved";

    private static readonly string[] _approve = ["versions", "approve", "tuning", "head"];

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-terminal-").FullName;

    public TerminalApprovalTests() => Keep("0.2");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Who_says_its_digits_approves_it()
    {
        using var terminal = Ask();
        Assert.Contains("nothing was approved before; it says:\ntars: 1\n", terminal.Shown, StringComparison.Ordinal);
        terminal.Say($"{Head()[..4]}\n");
        Assert.Equal(0, terminal.End());
        Assert.EndsWith($"tuning {Head()[..12]}\n", terminal.Shown, StringComparison.Ordinal);
        Assert.Equal(1, Approvals());
    }

    // Said as soon as the question stands there: what ends the input must not be lost then.
    [Theory]
    [InlineData("no\n")]
    [InlineData("yes\n")]
    [InlineData("\n")]
    [InlineData("DIGITS\n")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n")]
    [InlineData(PseudoTerminal.EndOfInput)]
    [InlineData("no" + PseudoTerminal.EndOfInput + PseudoTerminal.EndOfInput)]
    public void Who_says_anything_else_or_nothing_does_not(string answer)
    {
        using var terminal = Ask();
        terminal.Say(answer.Replace("DIGITS", Head()[..3], StringComparison.Ordinal));
        Assert.Equal(2, terminal.End());
        Assert.EndsWith("\ntarscli versions: tuning: not approved\n", terminal.Shown, StringComparison.Ordinal);
        Assert.Equal(0, Approvals());
    }

    [Fact]
    public void Who_interrupts_it_approves_nothing()
    {
        using var terminal = Ask();
        terminal.Say($"{Head()[..4]}{PseudoTerminal.Interrupt}");
        Assert.NotEqual(0, terminal.End());
        Assert.Equal(0, Approvals());
    }

    [Fact]
    public void Of_two_at_the_same_time_one_approves()
    {
        using var first = Ask();
        using var second = Ask();
        first.Say($"{Head()[..4]}\n");
        Assert.Equal(0, first.End());
        second.Say($"{Head()[..4]}\n");
        Assert.Equal(2, second.End());
        Assert.Contains(Changed, second.Shown, StringComparison.Ordinal);
        Assert.Equal(1, Approvals());
    }

    [Fact]
    public void A_version_that_is_another_by_then_is_not_approved()
    {
        using var terminal = Ask();
        string shown = Head();
        Keep("0.4");
        Assert.NotEqual(shown, Head());
        terminal.Say($"{shown[..4]}\n");
        Assert.Equal(2, terminal.End());
        Assert.Contains(Changed, terminal.Shown, StringComparison.Ordinal);
        Assert.Equal(0, Approvals());
    }

    [Fact]
    public void Where_nobody_is_listed_nobody_is_asked()
    {
        Assert.NotNull(ApproverKey.Make(Path.Combine(_folder, "ann.pem"), out _));
        foreach (string list in new[] { "[approvers]\n", "# nobody\n" })
        {
            File.WriteAllText(Path.Combine(_folder, "tars.toml"), list);
            using var terminal = PseudoTerminal.Begin(_folder, [.. _approve, "--key", "ann.pem"]);
            Assert.Equal(2, terminal.End());
            Assert.Contains("[approvers] of tars.toml lists nobody", terminal.Shown, StringComparison.Ordinal);
        }

        Assert.Equal(0, Approvals());
    }

    private PseudoTerminal Ask()
    {
        var terminal = PseudoTerminal.Begin(_folder, _approve);
        terminal.Until(Question);
        return terminal;
    }

    private void Keep(string gain)
    {
        string text = SmallTuning.Text.Replace("value: 0.2", $"value: {gain}", StringComparison.Ordinal);
        using var store = VersionFolder.Open(Store, "tuning", out string why);
        Assert.True(store is not null, why);
        var kept = VersionHistory.Entry(VersionEvent.Keep, VersionId.Of(text), "ann", "then");
        Assert.True(store.Record(kept with { Parent = store.History.Head }, [text], out why), why);
    }

    private string Store => Path.Combine(_folder, "output/versions/tuning");

    private string Head()
    {
        using var store = VersionFolder.OpenToRead(Store, "tuning", out string why);
        Assert.True(store is not null, why);
        return store.History.Head.ToString();
    }

    private int Approvals()
    {
        using var store = VersionFolder.OpenToRead(Store, "tuning", out string why);
        Assert.True(store is not null, why);
        return store.History.Entries.Count(one => one.Event == VersionEvent.Approve);
    }
}
