using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Devices.Host;

namespace Tars.Cli.Commands;

/// <summary>Reading the files that a command was given; what cannot be read is told at once.</summary>
internal static class InputFile
{
    /// <summary>The name that stands for standard input and output.</summary>
    public const string Standard = "-";

    private const int FirstBytes = 64 * 1024;

    /// <summary>The bytes of the file, or null after the user was told why there are none.</summary>
    /// <param name="mayWait">False refuses an empty file, and a pipe, which may never have a writer.</param>
    /// <param name="bytesMax">After more than that the rest is left where it is.</param>
    public static byte[]? Read(
        string command,
        string path,
        Terminal terminal,
        bool mayWait = true,
        int bytesMax = WasmLimits.ModuleBytesMax)
    {
        try
        {
            if (!mayWait && path != Standard && !FileContent.MayBeRead(terminal.FullPath(path)))
            {
                throw new IOException("it is empty, or no regular file");
            }

            using var input = path == Standard ? terminal.OpenInput() : File.OpenRead(terminal.FullPath(path));
            return ReadSome(input, bytesMax);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Refuse(command, path, e, terminal);
            return null;
        }
    }

    /// <summary>The bytes of a metascript, or null after the user was told why there are none.</summary>
    public static byte[]? ReadSource(string command, string path, Terminal terminal)
    {
        var bytes = Read(command, path, terminal);
        if (bytes is null || !IsBundle(bytes))
        {
            return bytes;
        }

        terminal.Error.WriteLine(
            $"{terminal.Speaker(command)}: {Printable.Of(path)}: a bundle, not a metascript; "
                + "see it with tarscli inspect");
        return null;
    }

    /// <summary>Whether this is a compiled module; everything else is text.</summary>
    public static bool IsBundle(ReadOnlySpan<byte> bytes) => bytes.StartsWith("\0asm"u8);

    /// <summary>Tells in one line why a file could not be used, without a path that the user did not write.</summary>
    public static void Refuse(string command, string path, Exception why, Terminal terminal)
    {
        var reason = why switch
        {
            FileNotFoundException when Directory.Exists(terminal.FullPath(path)) => "this is a folder",
            FileNotFoundException => "there is no such file",
            DirectoryNotFoundException => "there is no such folder",
            UnauthorizedAccessException when Directory.Exists(terminal.FullPath(path)) => "this is a folder",
            UnauthorizedAccessException => "no right to use it",
            _ => why.Message.Replace(terminal.FullPath(path), path, StringComparison.Ordinal),
        };
        terminal.Error.WriteLine($"{terminal.Speaker(command)}: {Printable.Of(path)}: {Printable.Of(reason)}");
    }

    /// <summary>Little more than the most that may be, so that a file without end is refused and not read.</summary>
    private static byte[] ReadSome(Stream input, int bytesMax)
    {
        using var bytes = new MemoryStream(FirstBytes);
        var part = new byte[FirstBytes];
        for (int size = 1; 0 < size && bytes.Length <= bytesMax;)
        {
            size = input.Read(part);
            bytes.Write(part, 0, size);
        }

        return bytes.ToArray();
    }
}
