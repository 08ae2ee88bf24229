using System.CommandLine;
using Tars.Cli;
using Tars.Cli.Commands;

namespace Tars.Validate;

/// <summary>The whole of <c>tars-validate</c>: what <c>tarscli check</c> does, as a program of its own.</summary>
/// <remarks>For editors, hooks and build servers: it runs no module and writes no file.</remarks>
internal static class ValidateProgram
{
    public const string Name = "tars-validate";

    /// <summary>0 when there is no mistake, 1 when there is one, 2 when a file could not be read or the call is
    /// wrong.</summary>
    public static int Run(string[] arguments, Terminal terminal)
    {
        var own = terminal with { Program = Name };
        var root = new RootCommand("Finds every mistake in TARS metascripts.") { HelpName = Name };
        CheckCommand.Fill(root, own);
        return CommandLine.Run(root, arguments, own);
    }
}
