using Tars.Base;
using Xunit;

namespace Tars.Tests.Base;

/// <summary>What is shown of a text that somebody else made up.</summary>
public sealed class PrintableTests
{
    // What is drawn as nothing can say something to whoever reads the octets.
    [Theory]
    [InlineData("a\u202Eb\u200Bc", "a\uFFFDb\uFFFDc")]
    [InlineData("heat\U000E0069\U000E0067n", "heat\uFFFD\uFFFDn")]
    [InlineData("a\U000E0101b\U0001D173", "a\uFFFDb\uFFFD")]
    [InlineData("a\u3164\u115F\u034F\uFE01", "a\uFFFD\uFFFD\uFFFD\uFFFD")]
    [InlineData("tab\tend \u00E9 \U0001F600 \u2764\uFE0F", "tab\tend \u00E9 \U0001F600 \u2764\uFE0F")]
    [InlineData("", "")]
    public void What_nobody_sees_is_shown(string text, string shown) => Assert.Equal(shown, Printable.Of(text));

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
