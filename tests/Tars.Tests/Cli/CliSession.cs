using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Tars.Cli;
using Tars.Tests.Support;

namespace Tars.Tests.Cli;

/// <summary>Plays a session written as text against the command line, in this process and a folder of its
/// own.</summary>
/// <remarks>
/// Lines of a session:
///   <c>$ tarscli …</c>  calls the program; single and double quotes hold words together.
///   <c>&lt; …</c>       is a line of standard input for the next call.
///   <c>? …</c>         is the same, of a user who sits at a terminal and can be asked.
///   <c>file NAME</c>    writes a file of the lines after it that begin with <c>| </c>.
///   <c>zeros NAME N</c> writes a file of N octets of zero.
///   <c>$ cat NAME</c>   shows a file.
///   <c>$ tarscli … --control PATH … &amp;</c>  begins a run and goes on once its socket is there.
///   <c>$ wait</c>       waits for its end and shows what came back.
/// What comes back shows each call, its output, its errors behind <c>! </c>, and its status behind <c>= </c>.
/// Sizes, hashes and fuel, which change whenever the compiler gets better, are shown as <c>N</c>.
/// </remarks>
internal sealed partial class CliSession : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tars-cli-").FullName;
    private readonly StringBuilder _answer = new();
    private readonly StringBuilder _input = new();
    private List<string>? _differences;
    private string? _engine;
    private int _recordings;
    private Task<(string Output, string Error, int Status)>? _background;
    private bool _isInteractive;

    public static string Play(string session) => Play(session, differences: null, Asked());

    /// <summary>The same with another engine for each call that takes one and names none.</summary>
    public static string PlayOn(string session, string engine) => Play(session, differences: null, engine);

    private static string? Asked()
    {
        if (TestEngine.Asked is not null)
        {
            _ = TestEngine.Here(); // Or it is skipped.
        }

        return TestEngine.Asked;
    }

    private static string Play(string session, List<string>? differences, string? engine)
    {
        using var played = new CliSession { _differences = differences, _engine = engine };
        foreach (var source in Directory.EnumerateFiles(RepoRoot.File("samples"), "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(played._folder, RepoRoot.Relative(source));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(source, copy);
        }

        played.PlayLines(session.TrimEnd('\n').Split('\n'));
        string answer = Changing().Replace(played._answer.ToString(), "${before}N");

        // On which engine a module is stands in some answers, which are written for the usual one.
        return engine is null
            ? answer
            : ShownEngine().Replace(answer, shown => shown.Value == engine ? "cil" : shown.Value);
    }

    /// <summary>
    /// Plays the session with every run recorded, replays each recording, and says what is not the same.
    /// </summary>
    public static IReadOnlyList<string> PlayAndReplay(string session)
    {
        var replays = new List<string>();
        Play(session, replays, engine: null);
        return replays;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void PlayLines(string[] lines)
    {
        var file = "";
        foreach (var line in lines)
        {
            if (line.StartsWith("file ", StringComparison.Ordinal))
            {
                file = Path.Combine(_folder, line["file ".Length..]);
                File.WriteAllText(file, "");
            }
            else if (line.StartsWith("zeros ", StringComparison.Ordinal))
            {
                string[] words = line.Split(' ');
                int size = int.Parse(words[2], CultureInfo.InvariantCulture);
                File.WriteAllBytes(Path.Combine(_folder, words[1]), new byte[size]);
            }
            else if (line == "|" || line.StartsWith("| ", StringComparison.Ordinal))
            {
                File.AppendAllText(file, (line.Length == 1 ? "" : line[2..]) + "\n");
            }
            else if (line == "?" || line.StartsWith("? ", StringComparison.Ordinal))
            {
                _isInteractive = true;
                _input.Append(line.Length == 1 ? "" : line[2..]).Append('\n');
            }
            else if (line == "<" || line.StartsWith("< ", StringComparison.Ordinal))
            {
                _input.Append(line.Length == 1 ? "" : line[2..]).Append('\n');
            }
            else if (line.StartsWith("$ ", StringComparison.Ordinal))
            {
                Call(line);
            }
        }
    }

    private void Call(string line)
    {
        _answer.Append(line).Append('\n');
        string[] words = OnEngine(Words(line[2..]));
        if (words[0] == "cat")
        {
            _answer.Append(File.ReadAllText(Path.Combine(_folder, words[1])));
            return;
        }

        if (words[^1] == "&")
        {
            Begin(words);
            return;
        }

        if (words[0] == "wait")
        {
            Show(_background!.GetAwaiter().GetResult()); // A session that waits has begun one.
            return;
        }

        bool isRecorded = _differences is not null && words is [_, "run", ..] && !words.Contains("--watch")
            && !words.Contains("--record") && !words.Contains("--help");
        var log = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{_recordings++}.log"));
        using var bytes = new MemoryStream();
        using var output = new StreamWriter(bytes, new UTF8Encoding(false)) { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var input = new KeptStream(Encoding.UTF8.GetBytes(_input.ToString()));
        _input.Clear();
        var terminal = new Terminal(
            output, bytes, error, () => input, _folder, OutputColors: false, ErrorColors: false)
        {
            IsInteractive = _isInteractive,
            StateFolder = Path.Combine(_folder, "state"),
        };
        _isInteractive = false;
        int status = CommandLine.Run(isRecorded ? [.. words[1..], "--record", log] : words[1..], terminal);
        if (isRecorded && File.Exists(log))
        {
            Replay(line, log, "cil", Encoding.UTF8.GetString(bytes.ToArray()));
            Replay(line, log, "oracle", Encoding.UTF8.GetString(bytes.ToArray()));
        }

        Show((Encoding.UTF8.GetString(bytes.ToArray()), error.ToString(), status));
    }

    private string[] OnEngine(string[] words)
    {
        int commandSize = words switch
        {
            ["tarscli", "run" or "test" or "simulate-agentic" or "replay", _, ..] => 2,
            ["tarscli", "wasm", "run", ..] => 3,
            _ => 0,
        };
        return _engine is null || commandSize == 0 || words.Contains("--engine") || words.Contains("--help")
            ? words
            : [.. words[..commandSize], "--engine", _engine, .. words[commandSize..]];
    }

    private void Show((string Output, string Error, int Status) ended)
    {
        _answer.Append(ended.Output);
        foreach (var told in ended.Error.TrimEnd('\n').Split('\n').Where(told => told != ""))
        {
            _answer.Append("! ").Append(told).Append('\n');
        }

        _answer.Append(CultureInfo.InvariantCulture, $"= {ended.Status}\n");
    }

    private void Begin(string[] words)
    {
        string path = Path.Combine(_folder, words[Array.IndexOf(words, "--control") + 1]);
        _background = Task.Run(() =>
        {
            using var bytes = new MemoryStream();
            using var output = new StreamWriter(bytes, new UTF8Encoding(false)) { NewLine = "\n" };
            using var error = new StringWriter { NewLine = "\n" };
            var terminal = new Terminal(
                output, bytes, error, () => Stream.Null, _folder, OutputColors: false, ErrorColors: false);
            int status = CommandLine.Run(words[1..^1], terminal);
            return (Encoding.UTF8.GetString(bytes.ToArray()), error.ToString(), status);
        });
        SpinWait.SpinUntil(() => File.Exists(path) || _background.IsCompleted, TimeSpan.FromMinutes(1));
    }

    private void Replay(string line, string log, string engine, string printed)
    {
        using var bytes = new MemoryStream();
        using var output = new StreamWriter(bytes, new UTF8Encoding(false)) { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(
            output, bytes, error, () => Stream.Null, _folder, OutputColors: false, ErrorColors: false);
        int status = CommandLine.Run(["replay", log, "--verify", "--output", "--engine", engine], terminal);
        string replayed = Encoding.UTF8.GetString(bytes.ToArray());
        bool isText = !line.Contains("--json", StringComparison.Ordinal);
        bool isSame = status == 0 && (!isText || replayed.StartsWith(printed, StringComparison.Ordinal))
            && replayed.Contains("and is the same", StringComparison.Ordinal);
        if (!isSame)
        {
            _differences!.Add($"{line}\n{replayed}{error}"); // Only those who want to know come here.
        }
    }

    /// <summary>As a process's own standard input: whoever opens it again reads on.</summary>
    [SuppressMessage("Usage", "CA2215", Justification = "It is the session's, which ends with its test.")]
    private sealed class KeptStream(byte[] octets) : MemoryStream(octets)
    {
        protected override void Dispose(bool disposing)
        {
            // It is the session's.
        }
    }

    // As a member of JSON, and as the last column of a table.
    [GeneratedRegex("(?<=\"engine\": ?\"|  )[a-z]+(?=\"|$)", RegexOptions.Multiline)]
    private static partial Regex ShownEngine();

    [GeneratedRegex("""
        (?<before>"(fuel|size|memory|peak_memory|allocated|collections|up_ns)":\s?)\d+
        |(?<before>\btrial:\ inconclusive\ after\ event\ )\d+\ of\ \d+
        |(?<before>\btrial:\ tried\ on\ )(the\ last\ )?\d+(\ of\ \d+)?|(?<before>\btrial:\ not\ comparable:\ )\d+
        |\b[0-9a-f]{64}\b|\b\d+(?=\ bytes\b)|\b\d+\.\d(?=\ ms\b)
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Changing();

    // Words as a shell would see them, for the quotes that sessions need.
    private static string[] Words(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        char quote = '\0';
        foreach (char unit in line + " ")
        {
            if (unit == quote)
            {
                quote = '\0';
            }
            else if (quote == '\0' && unit is '"' or '\'')
            {
                quote = unit;
            }
            else if (quote == '\0' && unit == ' ')
            {
                if (0 < word.Length)
                {
                    words.Add(word.ToString());
                    word.Clear();
                }
            }
            else
            {
                word.Append(unit);
            }
        }

        return [.. words];
    }
}
