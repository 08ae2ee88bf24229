using System.Text;
using Tars.Cli;
using Tars.Engine.Vm;
using Xunit;

namespace Tars.Tests.Cli;

/// <summary>Who waits for a compiler hears of it, and who does not wait hears nothing.</summary>
public sealed class CompileProgressTests
{
    private static readonly VmProgress _first = new(1, 2, IsOver: false);
    private static readonly VmProgress _second = new(2, 2, IsOver: false);
    private static readonly VmProgress _over = new(2, 2, IsOver: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_over_in_half_a_second_is_not_worth_a_word(bool isTerminal) => Assert.Equal(
        "",
        Said(isTerminal, (_first, 1_000), (null, 1_499), (_over, 1_499), (null, 9_000)));

    [Fact]
    public void At_a_terminal_one_line_says_how_far_it_is_and_goes_at_the_end() => Assert.Equal(
        "\r\e[Kcompiling for microvm, piece 1 of 2, 0 s; it is kept for the next time"
            + "\r\e[Kcompiling for microvm, piece 2 of 2, 3 s; it is kept for the next time\r\e[K",
        Said(isTerminal: true, (_first, 1_000), (null, 1_500), (_second, 3_000), (null, 4_100), (_over, 4_200)));

    [Fact]
    public void Elsewhere_there_is_one_line_for_each_module() => Assert.Equal(
        "compiling for microvm, piece 1 of 2; it is kept for the next time\n"
            + "compiling for microvm; it is kept for the next time\n",
        Said(
            isTerminal: false,
            (_first, 1_000), (null, 1_500), (null, 2_000), (_second, 3_000), (null, 4_100), (_over, 4_200),
            (new VmProgress(1, 1, IsOver: false), 5_000), (null, 6_000)));

    [Fact]
    public void Pieces_that_were_kept_are_not_heard_of_and_the_first_that_was_not_begins() => Assert.Equal(
        "compiling for microvm, piece 2 of 2; it is kept for the next time\n",
        Said(
            isTerminal: false,
            (_over, 1_000), (null, 9_000), (_second, 10_000), (null, 10_499), (null, 10_500), (_over, 11_000)));

    [Fact]
    public void Where_nothing_can_be_kept_nobody_is_told_that_it_is()
    {
        var said = new StringBuilder();
        using var progress = new CompileProgress(text => said.Append(text), isTerminal: false, () => false);
        progress.Hear(new VmProgress(1, 1, IsOver: false), 1_000);
        progress.Look(1_500);
        Assert.Equal(
            "compiling for microvm; it cannot be kept for the next time (see tarscli doctor)\n", said.ToString());
    }

    [Theory]
    [InlineData(
        true, "\r\e[Kcompiling for microvm, 0 s; it is kept for the next time\r\e[Ktarscli: others\uFFFD can\n")]
    [InlineData(false, "compiling for microvm; it is kept for the next time\ntarscli: others\uFFFD can\n")]
    public void A_warning_is_a_line_of_its_own(bool isTerminal, string expected)
    {
        var said = new StringBuilder();
        using var progress = new CompileProgress(text => said.Append(text), isTerminal, () => true);
        progress.Hear(new VmProgress(1, 1, IsOver: false), 1_000);
        progress.Look(1_500);
        progress.Warn("others\e can");
        Assert.Equal(expected, said.ToString());
    }

    private static string Said(bool isTerminal, params (VmProgress? Progress, long At)[] happened)
    {
        var said = new StringBuilder();
        using var progress = new CompileProgress(text => said.Append(text), isTerminal, () => true);
        foreach (var (heard, at) in happened)
        {
            if (heard is { } one)
            {
                progress.Hear(one, at);
            }
            else
            {
                progress.Look(at);
            }
        }

        return said.ToString();
    }
}
