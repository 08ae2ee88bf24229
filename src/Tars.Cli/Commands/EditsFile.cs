using System.Collections.Immutable;
using Tars.Base;
using Tars.Devices.Host;
using Tars.Evolution.Edits;

namespace Tars.Cli.Commands;

/// <summary>Edits that a person or a planner wrote into a file.</summary>
internal static class EditsFile
{
    // Far more than the most edits that there may be; what is larger is none.
    private const int BytesMax = 16 << 20;

    /// <summary>Null after the user was told why there are none.</summary>
    /// <param name="proposal">Of a plan, counted from 1.</param>
    public static ImmutableArray<Edit>? Read(string command, string file, int proposal, Terminal terminal)
    {
        if (Octets(command, file, terminal) is not { } octets)
        {
            return null;
        }

        string? problem = BytesMax < octets.Length ? $"more than {BytesMax >> 20} MiB; edits are never so many" : null;
        var edits = problem is null ? EditJson.Read(octets, proposal, out problem) : [];
        if (problem is null)
        {
            return edits;
        }

        terminal.Error.WriteLine($"{terminal.Speaker(command)}: {Printable.Of(file)}: {Printable.Of(problem)}");
        return null;
    }

    // A pipe that nobody writes to would be waited for without end; standard input is there for those.
    private static byte[]? Octets(string command, string file, Terminal terminal)
    {
        try
        {
            if (file == InputFile.Standard || FileContent.MayBeRead(terminal.FullPath(file)))
            {
                return InputFile.Read(command, file, terminal, bytesMax: BytesMax);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            InputFile.Refuse(command, file, e, terminal);
            return null;
        }

        terminal.Error.WriteLine($"{terminal.Speaker(command)}: {Printable.Of(file)}: empty, or no regular file; "
            + $"standard input is {InputFile.Standard}");
        return null;
    }
}
