using System.CommandLine;
using System.Globalization;
using Tars.Base;
using Tars.Evolution.Gates;
using Tars.Host.Evolving;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli evolve test</c>: runs the scenarios that no search sees, on two versions of a module.</summary>
internal static class EvolveTestCommand
{
    private const string Split = "test";

    public static Command Define(Terminal terminal)
    {
        var before = new Argument<string>("A") { Description = "A metascript with `evolution`." };
        var after = new Argument<string>("B") { Description = "Another version of it, judged in the place of A." };
        var command = new Command("test", "Compare two versions on the scenarios with `split: test`, seed by seed.")
        {
            before, after,
        };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(before), parsed.GetRequiredValue(after), terminal));
        return command;
    }

    private static int Run(string before, string after, Terminal terminal)
    {
        // Both live in one world: that of the first.
        if (EvolvingModule.Open("evolve", before, terminal, out int status)?.Problem is not { } first
            || EvolvingModule.Open("evolve", after, terminal, out status, standsAt: before)?.Problem is not { } second)
        {
            return status;
        }

        if (Tried(before, first, terminal) is not { } one || Tried(before, second, terminal) is not { } other)
        {
            return ExitStatus.Unusable;
        }

        if (one.Of(Split).Length != other.Of(Split).Length || one.Of(Split).IsEmpty)
        {
            terminal.Error.WriteLine("tarscli evolve: the two have not the same scenarios with `split: test`");
            return ExitStatus.Faulty;
        }

        if (IsRefused(before, one, terminal) || IsRefused(after, other, terminal))
        {
            return ExitStatus.Faulty;
        }

        foreach (var (old, now) in one.Of(Split).Zip(other.Of(Split)))
        {
            terminal.Output.WriteLine(
                $"{Printable.Of(old.Outcome.Scenario)}, seed {old.Outcome.Seed}: "
                + $"{Text(old.Cost, first)} → {Text(now.Cost, second)}");
        }

        terminal.Output.WriteLine(
            $"mean {Printable.Of(first.Metric)}: {Text(one.Mean(Split), first)} → {Text(other.Mean(Split), second)}");
        return ExitStatus.Fine;
    }

    // Null after the user was told what is wrong with the file of grants beside it.
    private static Evaluation? Tried(string file, EvolutionProblem problem, Terminal terminal)
    {
        if (!GrantDesk.TryBeside("evolve", file, terminal, out var grants))
        {
            return null;
        }

        var parts = new SearchParts(
            terminal.FullPath(file), problem.Source.Text, workers: 1, memory: null, grants);
        return Evaluation.Run(problem.Source.Text, problem, parts, [Split]);
    }

    private static bool IsRefused(string file, Evaluation evaluation, Terminal terminal)
    {
        foreach (string reason in evaluation.Refusals)
        {
            terminal.Error.WriteLine($"tarscli evolve: {Printable.Of(file)}: {Printable.Of(reason)}");
        }

        return !evaluation.Refusals.IsEmpty;
    }

    private static string Text(double? cost, EvolutionProblem problem) => cost is { } number
        ? (problem.Minimize ? number : -number).ToString("0.####", CultureInfo.InvariantCulture)
        : "none";
}
