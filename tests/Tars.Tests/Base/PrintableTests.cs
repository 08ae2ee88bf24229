using Tars.Base;
using Xunit;

namespace Tars.Tests.Base;

/// <summary>What is shown of a text that somebody else made up.</summary>
public sealed class PrintableTests
{
    [Theory]
    [InlineData("", 3, "")]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "abc…")]
    [InlineData("ab😀", 4, "ab😀")]
    [InlineData("ab😀!", 4, "ab😀…")]
    [InlineData("ab😀!", 3, "ab…")]
    [InlineData("😀", 1, "…")]
    public void A_long_text_is_shown_in_part_and_never_half_a_character(string text, int unitsMax, string shown) =>
        Assert.Equal(shown, Printable.Shortened(text, unitsMax));
}
