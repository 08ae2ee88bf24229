using Tars.Base;
using Tars.Cli;
using Tars.Host;
using Tars.Lang;
using Tars.Lang.Checking;
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

    [Theory]
    [MemberData(nameof(Sessions))]
    public void What_a_session_ran_runs_again_from_its_recording(string path) =>
        Assert.Empty(CliSession.PlayAndReplay(File.ReadAllText(path).Split("----\n")[0]));

    // All other sessions: `./dev.cs kernelvm`.
    [Fact]
    public void Commands_in_machines_answer_as_written()
    {
        Assert.SkipWhen(Compose.CommandEngine("microvm") is null, Compose.WhyNot("microvm"));
        string[] session = File.ReadAllText(RepoRoot.File("tests/golden/cli/wasm.txt")).Split("----\n");
        Assert.Equal(session[1], CliSession.PlayOn(session[0], "microvm"));
    }

    [Fact]
    public void What_warms_the_compiler_up_goes_all_the_way_to_a_bundle()
    {
        var source = new SourceText("tiny.tars", WarmUp.Tiny);
        Assert.NotNull(Compiler.Compile(source, new NoModules(), new CompileOptions()).Bundle);
    }
}
