using System.Text;
using Tars.Cli;
using Tars.Host;
using Tars.Host.Swapping;
using Tars.Kernel.Ports;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Cli;

/// <summary>Who may say what a program is granted: its operator, and not the archive that it came in.</summary>
public sealed class PolicyTests : IDisposable
{
    private const string Program = """
        tars: 1
        module: keeper
        version: 1.0.0
        summary: Keeps a number.
        capabilities:
          devices:
            kept: { kind: store, value: int }
        handlers:
          start:
            do: |
              ask kept.put(key = "a", value = 1) within 9s else why { log("not kept", why = why.detail) }
              exit()
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-policy-").FullName;

    // On standard output and standard error, by the last call.
    private string _said = "";
    private string _told = "";

    // Done by others before an answer is given; null for nothing.
    private Action? _meanwhile;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_that_came_with_the_program_counts_when_it_was_accepted_as_it_is()
    {
        Write("keeper.tars", Program);
        Write("tars.toml", "[grant.keeper]\ndevice.kept = { folder = \"kept\" }\n");
        Assert.Equal(ExitStatus.Unusable, Run(answer: null));
        Assert.Equal(ExitStatus.Unusable, Run("n"));
        Assert.Equal(ExitStatus.Unusable, Run(""));
        Assert.False(Directory.Exists(Path.Combine(_folder, "kept")));

        Assert.Equal(ExitStatus.Fine, Run("y"));
        Assert.True(Directory.Exists(Path.Combine(_folder, "kept")));
        Assert.Equal(ExitStatus.Fine, Run(answer: null));

        // One blank more, and it is another file.
        Write("tars.toml", "[grant.keeper]\ndevice.kept = { folder = \"kept\"  }\n");
        Assert.Equal(ExitStatus.Unusable, Run(answer: null));
        Assert.Equal(ExitStatus.Fine, Run(answer: null, "--grants", "tars.toml"));

        // The same octets elsewhere are another file too.
        Assert.Equal(ExitStatus.Fine, Run("y"));
        Directory.CreateDirectory(Path.Combine(_folder, "other"));
        File.Copy(Path.Combine(_folder, "tars.toml"), Path.Combine(_folder, "other", "tars.toml"));
        Write("other/keeper.tars", Program);
        Assert.Equal(ExitStatus.Unusable, Call(answer: null, "run", "other/keeper.tars"));
    }

    // Who can change a link beside the program could else give it any folder of its user.
    [Fact]
    public void A_link_is_shown_where_it_leads_and_one_that_leads_elsewhere_is_asked_about_again()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links take a right there that few users have");
        Write("keeper.tars", Program);
        Write("tars.toml", "[grant.keeper]\ndevice.kept = { folder = \"data\" }\n");
        string mine = Directory.CreateDirectory(Path.Combine(_folder, "mine")).FullName;
        string other = Directory.CreateDirectory(Path.Combine(_folder, "other")).FullName;
        string link = Path.Combine(_folder, "data");
        Directory.CreateSymbolicLink(link, "mine");
        Assert.Equal(ExitStatus.Fine, Run("y"));
        Assert.Contains($"device kept: folder data, which is {mine}\n", _told, StringComparison.Ordinal);
        Assert.Equal(ExitStatus.Fine, Run(answer: null));

        Directory.Delete(link);
        Directory.CreateSymbolicLink(link, other);
        Assert.Equal(ExitStatus.Unusable, Run(answer: null));
        Assert.Equal(ExitStatus.Unusable, Run("n"));
        Assert.Contains($"folder data, which is {other}\n", _told, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(other));

        // A folder in its place is where it says that it is, and that is new too.
        Directory.Delete(link);
        Directory.CreateDirectory(link);
        Assert.Equal(ExitStatus.Unusable, Run(answer: null));
        Assert.Equal(ExitStatus.Fine, Run("y"));
        Assert.NotEmpty(Directory.EnumerateFileSystemEntries(link));
    }

    [Fact]
    public void A_link_that_is_answered_is_shown_before_it_counts()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links take a right there that few users have");
        Write("keeper.tars", Program);
        string mine = Directory.CreateDirectory(Path.Combine(_folder, "mine")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(_folder, "data"), mine);
        Assert.Equal(ExitStatus.Unusable, Run("data\nn"));
        Assert.Contains($"folder data, which is {mine}\n", _told, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(mine));
        Assert.Equal(ExitStatus.Fine, Run("y"));
        Assert.NotEmpty(Directory.EnumerateFileSystemEntries(mine));
    }

    [Fact]
    public void What_is_remembered_is_for_the_eyes_of_its_user_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // There the profile's own rights say so.
        }

        Write("keeper.tars", Program);
        Assert.Equal(ExitStatus.Fine, Run("kept"));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.Combine(_folder, "state")));
    }

    [Fact]
    public void A_run_of_which_something_is_not_answered_does_not_begin()
    {
        var bundle = CompiledProcess.Compile(Program).Bytes;
        using var output = new MemoryStream();
        var streams = new RunStreams(Stream.Null, output, TextWriter.Null);
        var outcome = SystemRun.Run([bundle], new RunOptions(), streams, CancellationToken.None);
        Assert.Contains("keeper: device kept (store)", Assert.IsType<RunOutcome.Refused>(outcome).Reasons[0],
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_version_that_asks_for_more_is_not_swapped_in()
    {
        string more = Program.Replace(
            "kept: { kind: store, value: int }",
            "kept: { kind: store, value: int }\n    also: { kind: store, value: int }",
            StringComparison.Ordinal);
        var options = new RunOptions
        {
            Bindings = [new DeviceBinding("store", "kept", Path.Combine(_folder, "kept"))],
        };
        var desk = new SwapDesk(options, new SwapTerms { GrantsAll = true });
        Assert.Empty(desk.Offer(CompiledProcess.Compile(Program).Bytes));
        Assert.Contains("device also (store)", desk.Offer(CompiledProcess.Compile(more).Bytes)[0],
            StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_go_to_the_table_that_is_there_and_nothing_else_is_touched()
    {
        const string Before = "# mine\n[grant.other]\n\n[grant.keeper]  # here\npublish = []\n\n[grant.third]\n";
        Write("keeper.tars", Program);
        Write("tars.toml", Before);
        Assert.Equal(ExitStatus.Fine, Run("box"));
        Assert.Equal(
            Before.Replace("# here\n", "# here\ndevice.kept = { folder = \"box\" }\n", StringComparison.Ordinal),
            File.ReadAllText(Path.Combine(_folder, "tars.toml")));
    }

    [Fact]
    public void What_others_write_while_it_is_asked_is_not_accepted_unseen()
    {
        const string Theirs = "[grant.other]\ndevice.all = { folder = \"/\" }\n";
        Write("keeper.tars", Program);
        Write("tars.toml", "# mine\n");
        _meanwhile = () => Write("tars.toml", Theirs);
        Assert.Equal(ExitStatus.Unusable, Run("box"));
        Assert.Contains("it was changed in the meantime", _told, StringComparison.Ordinal);
        Assert.Equal(Theirs, File.ReadAllText(Path.Combine(_folder, "tars.toml")));
        _meanwhile = null;
        Assert.Equal(ExitStatus.Unusable, Run(answer: null));
        Assert.Contains("nobody has accepted it", _told, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_floor_of_its_operator_keeps_from_its_tests_is_not_said_to_have_none()
    {
        Write("keeper.tars", $"{Program}\ntests:\n  - name: one is one\n    do: |\n      assert 1 == 1\n");
        Assert.Equal(ExitStatus.Fine, Call(answer: null, "test", "keeper.tars", "--engine", "cil"));
        Assert.EndsWith("1 passed, 0 failed\n", _said, StringComparison.Ordinal);
        Write("tars.toml", "[grant.keeper]\nisolation = \"microvm\"\n");
        Assert.Equal(ExitStatus.Faulty, Call(answer: null, "test", "keeper.tars", "--engine", "cil"));
        Assert.EndsWith("\n0 passed, 0 failed, 1 not run\n", _said, StringComparison.Ordinal);
    }

    private int Run(string? answer, params string[] options) => Call(answer, ["run", "keeper.tars", .. options]);

    private int Call(string? answer, params string[] words)
    {
        using var bytes = new MemoryStream();
        using var output = new StreamWriter(bytes, new UTF8Encoding(false));
        using var errors = new StringWriter { NewLine = "\n" };
        // Each question is answered by a line, from a stream of its own.
        var lines = new Queue<string>($"{answer}".Split('\n'));
        var terminal = new Terminal(
            output, bytes, errors, Answer, _folder, OutputColors: false, ErrorColors: false)
        {
            IsInteractive = answer is not null,
            StateFolder = Path.Combine(_folder, "state"),
        };
        int status = CommandLine.Run(words, terminal);
        output.Flush();
        _said = Encoding.UTF8.GetString(bytes.ToArray());
        _told = errors.ToString();
        return status;

        MemoryStream Answer()
        {
            _meanwhile?.Invoke();
            return new MemoryStream(Encoding.UTF8.GetBytes(lines.TryDequeue(out string? line) ? $"{line}\n" : ""));
        }
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}
