using Tars.Sim;
using Tars.Sim.Robustness;
using Xunit;

namespace Tars.Tests.Sim;

/// <summary>
/// A share of what `./dev.cs robust` tries: damaged programs and hostile texts end in a result or in diagnostics.
/// </summary>
public sealed class RobustnessTests
{
    private const int Step = 500;
    private const int SmallBytes = 8 * 1024;

    public static IEnumerable<TheoryDataRow<string>> Programs =>
        Samples.Programs().Select(program => new TheoryDataRow<string>(program.Name));

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_damaged_program_ends_in_a_result_or_in_diagnostics(string name)
    {
        var program = Samples.Programs().Single(one => one.Name == name);
        foreach (TrialCase one in TrialCase.Of(program).Where(one => one.Number % Step == 0))
        {
            Assert.True(one.Try().Problem is null, $"{name} {one.Kind} {one.Number}: {one.Try().Problem}");
        }
    }

    [Fact]
    public void A_hostile_text_ends_in_a_result_or_in_diagnostics() =>
        Assert.All(HostileTexts.All, text => Assert.Null(HostileTexts.Try(text, SmallBytes).Problem));

    [Fact]
    public void Hostile_texts_have_names_of_their_own() =>
        Assert.Equal(HostileTexts.All.Length, HostileTexts.All.DistinctBy(text => text.Name).Count());
}
