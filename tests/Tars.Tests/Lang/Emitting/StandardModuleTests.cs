using Tars.Lang.Diagnostics;
using Tars.Lang.Formatting;
using Tars.Lang.Library;
using Xunit;

namespace Tars.Tests.Lang.Emitting;

/// <summary>The standard library's own sources are metascripts like any other: nothing to say, and formatted.</summary>
public sealed class StandardModuleTests
{
    public static IEnumerable<TheoryDataRow<string>> Files =>
        StandardModule.All.Select(one => new TheoryDataRow<string>(one.FileName));

    [Theory]
    [MemberData(nameof(Files))]
    public void A_source_of_the_library_has_no_messages(string fileName)
    {
        var module = Find(fileName);
        Assert.Empty(module.Check.Files.SelectMany(file => file.Diagnostics).Select(one =>
            $"{module.Source.PositionOf(one.Span.Start)} {one.Code} {one.Title} {one.Hint}"));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_source_of_the_library_is_formatted(string fileName)
    {
        var module = Find(fileName);
        Assert.Equal(module.Source.Text, Formatter.Format(module.Source, new DiagnosticBag()));
    }

    private static StandardModule Find(string fileName) => StandardModule.All.First(one => one.FileName == fileName);
}
