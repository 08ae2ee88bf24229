using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Tars.Cli;

/// <summary>Where a command's words go and where its input comes from. Tests give one that keeps the words.</summary>
/// <param name="Bytes">Standard output for octets. Whoever uses it flushes <paramref name="Output"/> first.</param>
/// <param name="Folder">What relative paths are relative to.</param>
/// <param name="OpenInput">Standard input; asked for only by a command that reads it.</param>
/// <param name="OutputColors">Whether standard output shows colours.</param>
/// <param name="ErrorColors">Whether standard error shows colours.</param>
internal sealed record Terminal(
    TextWriter Output,
    Stream Bytes,
    TextWriter Error,
    Func<Stream> OpenInput,
    string Folder,
    bool OutputColors,
    bool ErrorColors)
{
    private const string Main = "tarscli";
    private const int BufferSize = 64 * 1024;
    private const int AnswerBytesMax = 4096;

    /// <summary>What the user called, as messages name it.</summary>
    public string Program { get; init; } = Main;

    /// <summary>Whether somebody sits there who can be asked.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Where this program may keep what its user told it; null for nowhere.</summary>
    public string? StateFolder { get; init; }

    /// <summary>The terminal that this process was started from.</summary>
    /// <remarks>Output is buffered, so whoever ends the process flushes it first.</remarks>
    public static Terminal OfProcess()
    {
        bool mayColor = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") != "dumb";
        var output = new BufferedStream(OpenOutput(), BufferSize);
        return new Terminal(
            Writer(output),
            output,
            Writer(Console.OpenStandardError()),
            OpenStandardInput,
            Environment.CurrentDirectory,
            OutputColors: mayColor && !Console.IsOutputRedirected,
            ErrorColors: mayColor && !Console.IsErrorRedirected)
        {
            IsInteractive = !Console.IsInputRedirected && !Console.IsErrorRedirected,
            StateFolder = StateFolderOfUser(),
        };
    }

    // As the XDG base directory specification has it; a relative path counts as none there.
    private static string? StateFolderOfUser()
    {
        string? named = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        if (Path.IsPathFullyQualified(named ?? ""))
        {
            return Path.Combine(named!, "tars"); // One that is null is not fully qualified.
        }

        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return home.Length == 0 ? null : Path.Combine(home, ".local", "state", "tars");
    }

    // The console's own stream edits lines by itself and sets the terminal up for that when it is first read: an end of
    // input that was typed before is lost then, and who typed it waits for ever. The terminal edits lines as well.
    private static Stream OpenStandardInput()
    {
        const int StandardInput = 0;
        return OperatingSystem.IsWindows() || Console.IsInputRedirected
            ? Console.OpenStandardInput()
            : new FileStream(new SafeFileHandle(StandardInput, ownsHandle: false), FileAccess.Read, bufferSize: 0);
    }

    // The console's own stream hides that a reader has gone away, and a run would go on for nobody. A file keeps the
    // console's stream, because that one leaves the place for the next writer where it belongs.
    private static Stream OpenOutput()
    {
        if (!OperatingSystem.IsWindows() && Console.IsOutputRedirected)
        {
            try
            {
                const int StandardOutput = 1;
                var handle = new SafeFileHandle(StandardOutput, ownsHandle: false);
                var direct = new FileStream(handle, FileAccess.Write, bufferSize: 0);
                if (!direct.CanSeek)
                {
                    return direct;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is closed; the first write will say so.
            }
        }

        return Console.OpenStandardOutput();
    }

    /// <summary>Who speaks: a command of the main program, or a program that is one command.</summary>
    public string Speaker(string command) => Program == Main ? $"{Main} {command}" : Program;

    /// <summary>The path as the system knows it.</summary>
    public string FullPath(string path) => Path.GetFullPath(path, Folder);

    /// <summary>Asks whoever sits there; null when there is no answer.</summary>
    /// <remarks>No octet behind the line is taken: what follows may be the input of a run.</remarks>
    public string? Ask(string question)
    {
        Error.Write(question);
        Flush();
        using var input = OpenInput();
        var octets = new List<byte>();
        int octet = input.ReadByte();
        while (0 <= octet && octet != '\n' && octets.Count < AnswerBytesMax)
        {
            octets.Add((byte)octet);
            octet = input.ReadByte();
        }

        if (octet < 0)
        {
            Error.WriteLine(); // Nobody ended the line.
        }

        return octet < 0 && octets.Count == 0 ? null : Encoding.UTF8.GetString([.. octets]).Trim();
    }

    public void Flush()
    {
        Output.Flush();
        Bytes.Flush();
        Error.Flush();
    }

    private static StreamWriter Writer(Stream stream) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), BufferSize) { NewLine = "\n" };
}
