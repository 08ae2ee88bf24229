using Tars.Base;
using Tars.Evolution.Gates;
using Tars.Host.Files;
using Tars.Lang.Checking;

namespace Tars.Cli.Commands;

/// <summary>A metascript that may change, compiled, and what it is judged by.</summary>
/// <param name="Files">All that was read for it.</param>
internal sealed record EvolvingModule(EvolutionProblem Problem, CheckResult Check, ModuleFiles Files)
{
    /// <summary>Null after the user was told why nothing in it may change.</summary>
    /// <param name="standsAt">The file in whose place it is judged, among those beside that; null for its own.</param>
    public static EvolvingModule? Open(
        string command, string file, Terminal terminal, out int status, string? standsAt = null)
    {
        status = ExitStatus.Unusable;
        if (InputFile.ReadSource(command, file, terminal) is not { } bytes)
        {
            return null;
        }

        status = ExitStatus.Faulty;
        var compilation = Compilation.Of(file, bytes, terminal, includeTests: true, standsAt: standsAt);
        if (compilation.Diagnostics.Any(one => one.IsError))
        {
            Compilation.ShowFaults(compilation.Diagnostics, asJson: false, terminal);
            return null;
        }

        var check = compilation.Result!.Check; // It was compiled.
        if (EvolutionProblem.Of(compilation.Sources.Source, check, out string why) is { } problem)
        {
            status = ExitStatus.Fine;
            return new EvolvingModule(problem, check, compilation.Sources);
        }

        terminal.Error.WriteLine($"tarscli {command}: {Printable.Of(file)}: {Printable.Of(why)}");
        return null;
    }
}
