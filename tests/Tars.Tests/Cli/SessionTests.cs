using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Cli;

/// <summary>
/// Every command, and every sample with its data, is a session in tests/golden/cli: what was typed, what came back.
/// To add one write the calls (see <see cref="CliSession"/>), run `./dev.cs bless`, and read the answers as a user.
/// </summary>
public sealed class SessionTests
{
    public static IEnumerable<TheoryDataRow<string>> Sessions => Golden.Files("cli", "*.txt");

    [Theory]
    [MemberData(nameof(Sessions))]
    public void The_session_goes_as_written(string path) => Golden.Check(path, CliSession.Play);
}
