using System.Collections.Immutable;
using Tars.Evolution.Search;
using Tars.Host.Evolving;
using Xunit;

namespace Tars.Tests.Evolution.Search;

/// <summary>The nursery adds a param to the text of a module; what stands beside the key is not for it to run into.
/// </summary>
public sealed class NurseryTests
{
    private static readonly ImmutableArray<string> _codes = ["-float(left - item)", "float(item)"];

    [Theory]
    [InlineData("params: # what can be set\n  sizes:")]
    [InlineData("params:\n  # how they are drawn\n  sizes:")]
    [InlineData("params:\n\n  sizes:")]
    public void A_comment_beside_the_params_changes_nothing(string begin)
    {
        string text = SmallPacking.Text.Replace("params:\n  sizes:", begin, StringComparison.Ordinal);
        Assert.NotEqual(SmallPacking.Text, text);
        var parts = new SearchParts(SmallPacking.Path, text, 1);
        using var nursery = Nursery.Open(SmallPacking.Problem(text), _codes, parts, out string why);
        Assert.True(nursery is not null, why);
        using var plain = Nursery.Open(SmallPacking.Problem(), _codes, SmallPacking.Parts(1), out _);
        Assert.Equal(plain!.Score(1, []).Costs, nursery.Score(1, []).Costs);
    }
}
