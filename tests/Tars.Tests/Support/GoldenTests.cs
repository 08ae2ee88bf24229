using Xunit;

namespace Tars.Tests.Support;

/// <summary>The golden helper itself can fail, and says what it should.</summary>
public sealed class GoldenTests
{
    [Fact]
    public void A_golden_file_passes_only_with_the_answer_it_shows()
    {
        Assert.SkipWhen(Golden.Blessing, "blessing rewrites, so there is nothing to compare");
        var path = Path.Combine(Directory.CreateTempSubdirectory("tars-golden-").FullName, "upper.txt");
        File.WriteAllText(path, "a -\n---- not here\n----\nA -\n---- NOT HERE\n");

        Golden.Check(path, input => input.ToUpperInvariant());
        Assert.ThrowsAny<Exception>(() => Golden.Check(path, input => input));

        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }
}
