using Tars.Base;
using Tars.Cli.Views;
using Tars.Evolution.Trials;
using Tars.Host.Granting;
using Tars.Host.Journal;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli replay LOG --on FILE</c>: what other code would have done with what was recorded.</summary>
internal static class ReplayOn
{
    /// <param name="files">Metascripts or bundles in the place of the recorded modules of the same names.</param>
    /// <param name="gate">Hundredths of the events that have to be tried; null where that is only told.</param>
    public static int Run(string log, IReadOnlyList<string> files, int? gate, bool asJson, Terminal terminal)
    {
        if (!Path.Exists(terminal.FullPath(log)))
        {
            InputFile.Refuse("replay", log, new FileNotFoundException(), terminal);
            return ExitStatus.Unusable;
        }

        switch (SystemFiles.Load("replay", files, terminal))
        {
            case SystemFiles.Ready ready:
                return GrantDesk.TryBeside("replay", files[0], terminal, out var grants)
                    ? Run(log, ready.Bundles, grants, gate, asJson, terminal)
                    : ExitStatus.Unusable;
            case SystemFiles.Faulty faulty:
                Compilation.ShowFaults(faulty.Diagnostics, asJson, terminal);
                return ExitStatus.Faulty;
            case SystemFiles.NotInForce waiting:
                return RunCommand.Refuse(waiting.Reasons, ExitStatus.Faulty, asJson, terminal);
            default:
                return ExitStatus.Unusable; // The user was told.
        }
    }

    private static int Run(
        string log,
        IReadOnlyList<ReadOnlyMemory<byte>> bundles,
        PolicyFile? grants,
        int? gate,
        bool asJson,
        Terminal terminal)
    {
        int percent = gate ?? TrialText.PercentDefault;
        using var stop = new InterruptSignals();
        var outcome = Trial.Run(terminal.FullPath(log), bundles, stop.Token, grants);
        if (asJson)
        {
            terminal.Output.WriteLine(JsonText.Indented(json => TrialJson.Write(json, outcome, percent)));
        }
        else if (outcome is TrialOutcome.Tried)
        {
            foreach (string line in TrialText.Of(outcome, percent))
            {
                terminal.Output.WriteLine(Printable.Of(line));
            }
        }

        if (outcome is TrialOutcome.Refused refused)
        {
            foreach (string reason in refused.Reasons)
            {
                terminal.Error.WriteLine($"tarscli replay: {log}: {Printable.Of(reason)}");
            }

            return ExitStatus.Unusable;
        }

        return gate is not null && TrialText.WhyNot(outcome, percent) is not null
            ? ExitStatus.Faulty
            : ExitStatus.Fine;
    }
}
