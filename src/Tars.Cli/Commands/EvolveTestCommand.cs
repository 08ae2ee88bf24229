using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Evolution.Changes;
using Tars.Evolution.Gates;
using Tars.Host.Evolving;
using Tars.Host.Files;
using Tars.Host.Versions;
using Tars.Lang.Diagnostics;
using Tars.Lang.Yaml;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli evolve test</c>: runs the scenarios that no search sees, on two versions of a module.</summary>
internal static class EvolveTestCommand
{
    private const string Split = "test";

    private const string Objective = "evolution.objective";

    private static readonly string[] _judges = ["scenarios", "metrics"];

    public static Command Define(Terminal terminal)
    {
        var before = new Argument<string>("A") { Description = "A metascript with `evolution`." };
        var after = new Argument<string>("B") { Description = "Another version of it, judged in the place of A." };
        var command = new Command("test", "Compare two versions on the scenarios with `split: test`, seed by seed.")
        {
            before, after,
        };
        var store = VersionsCommand.Store();
        command.Add(store);
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(before), parsed.GetRequiredValue(after), parsed.GetValue(store)!, terminal));
        return command;
    }

    private static int Run(string before, string after, string store, Terminal terminal)
    {
        // Both live in one world: that of the first.
        if (EvolvingModule.Open("evolve", before, terminal, out int status)
                is not { Problem: var first, Files: var files }
            || EvolvingModule.Open("evolve", after, terminal, out status, standsAt: before)?.Problem is not { } second)
        {
            return status;
        }

        if (!AreJudgedAlike(first, second, after, terminal))
        {
            return ExitStatus.Faulty;
        }

        if (!first.HasTest)
        {
            terminal.Error.WriteLine(
                $"tarscli evolve: {Printable.Of(before)}: it has no scenario with `split: test`");
            return ExitStatus.Faulty;
        }

        if (!PutDown(first, second, store, terminal))
        {
            return ExitStatus.Unusable;
        }

        if (Tried(before, first, files, terminal) is not { } one
            || Tried(before, second, files, terminal) is not { } other)
        {
            return ExitStatus.Unusable;
        }

        // What judges is the same, so the runs are.
        return Compare([.. one.Of(Split).Zip(other.Of(Split))], first, (before, after), terminal);
    }

    // Before anything is shown, so that nobody looks and leaves nothing. False after the user was told why not.
    private static bool PutDown(EvolutionProblem first, EvolutionProblem second, string store, Terminal terminal)
    {
        string place = VersionPlace.Of(terminal.FullPath(store), first.Module);
        string module = Printable.Of(first.Module);
        var looks = VersionCommit.Look(
            place, first, second, VersionCall.User(), VersionCall.Now(), out string why);
        if (looks is not { } before)
        {
            terminal.Error.WriteLine($"tarscli evolve: {module}: that somebody looks at the test scenarios cannot be "
                + $"put down in {Printable.Of(store)}, so they are not run: {Printable.Of(why)}");
            return false;
        }

        if (!before.IsEmpty)
        {
            terminal.Error.WriteLine($"tarscli evolve: {module}: {VersionText.Looked(before)} before; "
                + "what is chosen by them is not tested by them");
        }

        return true;
    }

    // A gain by another judge says nothing of the two versions.
    private static bool AreJudgedAlike(
        EvolutionProblem first, EvolutionProblem second, string after, Terminal terminal)
    {
        var paths = DocumentDiff.Between(Tree(first.Source), Tree(second.Source)).Select(one => one.Path)
            .Where(path => path == Objective || _judges.Contains(path.Split('.', '[')[0])).ToList();
        foreach (string path in paths)
        {
            terminal.Error.WriteLine(Printable.Of(
                $"tarscli evolve: {after}: {path} differs, so the two are not judged alike"));
        }

        return paths.Count == 0;
    }

    private static int Compare(
        ImmutableArray<(EvaluatedRun Old, EvaluatedRun Now)> runs,
        EvolutionProblem problem,
        (string Before, string After) files,
        Terminal terminal)
    {
        var compared = new List<(EvaluatedRun Old, EvaluatedRun Now)>();
        foreach (var (old, now) in runs)
        {
            string told = $"{Printable.Of(old.Outcome.Scenario)}, seed {old.Outcome.Seed}: ";
            if (IsRefused(files.Before, old, terminal) | IsRefused(files.After, now, terminal)) // Both are told.
            {
                terminal.Output.WriteLine(told + "not compared");
                continue;
            }

            terminal.Output.WriteLine($"{told}{Text(old.Cost, problem)} → {Text(now.Cost, problem)}");
            compared.Add((old, now));
        }

        bool areAll = compared.Count == runs.Length;
        string share = areAll ? "" : $" of {compared.Count} runs of {runs.Length}";
        if (compared.Count != 0)
        {
            terminal.Output.WriteLine(
                $"mean {Printable.Of(problem.Metric)}{share}: {Text(Mean(compared.Select(one => one.Old)), problem)} → "
                + Text(Mean(compared.Select(one => one.Now)), problem));
        }

        return areAll ? ExitStatus.Fine : ExitStatus.Faulty;
    }

    // Null after the user was told what is wrong with the file of grants beside it. What judges is what was put down.
    private static Evaluation? Tried(string file, EvolutionProblem problem, ModuleFiles files, Terminal terminal)
    {
        if (!GrantDesk.TryBeside("evolve", file, terminal, out var grants))
        {
            return null;
        }

        var parts = new SearchParts(
            terminal.FullPath(file), problem.Source.Text, workers: 1, memory: null, grants, files);
        return Evaluation.Run(problem.Source.Text, problem, parts, [Split]);
    }

    private static bool IsRefused(string file, EvaluatedRun run, Terminal terminal)
    {
        foreach (string reason in run.Outcome.Refused)
        {
            terminal.Error.WriteLine(Printable.Of(
                $"tarscli evolve: {file}: {run.Outcome.Scenario}, seed {run.Outcome.Seed}: {reason}"));
        }

        return !run.Outcome.Refused.IsEmpty;
    }

    private static double? Mean(IEnumerable<EvaluatedRun> runs)
    {
        double?[] costs = [.. runs.Select(one => one.Cost)];
        return costs.Contains(null) ? null : costs.Average();
    }

    private static YamlNode Tree(SourceText source) => YamlReader.Read(source, new DiagnosticBag());

    private static string Text(double? cost, EvolutionProblem problem) => cost is { } number
        ? (problem.Minimize ? number : -number).ToString("0.####", CultureInfo.InvariantCulture)
        : "none";
}
