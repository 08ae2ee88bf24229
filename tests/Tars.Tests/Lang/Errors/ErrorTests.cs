using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Lang.Errors;

/// <summary>
/// Every way to get a program wrong is one file in tests/golden/lang/errors: the program, a line of dashes, then what
/// the author is told. The file's name begins with the code that the program must get.
/// </summary>
/// <remarks>To add one: write the program, run `./dev.cs bless`, and read the diff as its author would.</remarks>
public sealed class ErrorTests
{
    private const string Folder = "lang/errors";

    public static IEnumerable<TheoryDataRow<string>> Programs => Golden.Files(Folder);

    [Theory]
    [MemberData(nameof(Programs))]
    public void The_author_is_told(string path) => Golden.Check(path, Messages.Of);

    [Theory]
    [MemberData(nameof(Programs))]
    public void The_message_has_the_code_that_the_file_is_named_after(string path)
    {
        string text = File.ReadAllText(path);
        string messages = text[text.IndexOf("----\n", StringComparison.Ordinal)..];
        Assert.Contains($"TARS{Path.GetFileName(path)[..4]}", messages, StringComparison.Ordinal);
    }
}
