using Tars.Base;
using Tars.Cli.Views;
using Tars.Evolution.Scenarios;
using Tars.Host.Granting;
using Tars.Host.Scenarios;
using Tars.Kernel.Ports;
using Tars.Lang.Checking;

namespace Tars.Cli.Commands;

/// <summary>The scenarios of one file with their seeds, run one after the other.</summary>
internal static class ScenarioRuns
{
    private const int ProgressEveryMilliseconds = 2_000;

    /// <param name="Scenario">Only the one of this name; null for all.</param>
    /// <param name="Seed">In place of the scenario's own; null for those.</param>
    internal sealed record Choice(string? Scenario, long? Seed);

    /// <summary>One run, with the place of its expectations.</summary>
    /// <param name="File">As the user named it.</param>
    internal sealed record Ran(string File, SourceText Source, CheckedScenario Scenario, ScenarioOutcome Outcome);

    /// <summary>Runs what is chosen, in the order of the text, until it is done or interrupted.</summary>
    /// <param name="compiled">Without errors.</param>
    /// <param name="grants">What an operator says of the module; null when nobody says anything.</param>
    public static List<Ran> Of(
        Compilation compiled,
        Choice choice,
        IEngine engine,
        TextWriter? trace,
        Terminal terminal,
        PolicyFile? grants = null)
    {
        var ran = new List<Ran>();
        var result = compiled.Result!; // A compilation with a bundle has one.
        var chosen = result.Check.Scenarios
            .Where(one => choice.Scenario is null || one.Name == choice.Scenario).ToList();
        if (chosen.Count == 0)
        {
            return ran;
        }

        using var signals = new InterruptSignals();
        var stop = signals.Token;
        var source = compiled.Sources.Source;
        using var suite = ScenarioSuite.Open(result, source, compiled.Sources, new ScenarioParts(engine, grants));
        foreach (var scenario in chosen)
        {
            foreach (long seed in Seeds(scenario, choice.Seed))
            {
                var options = new ScenarioOptions { Trace = trace, Progress = Progress(scenario, seed, terminal) };
                ran.Add(new Ran(compiled.File, source, scenario, suite.Run(scenario, seed, options, stop)));
                if (stop.IsCancellationRequested)
                {
                    return ran;
                }
            }
        }

        return ran;
    }

    private static IEnumerable<long> Seeds(CheckedScenario scenario, long? chosen) => chosen is { } one
        ? [one]
        : Enumerable.Range(0, scenario.Seeds.Count).Select(place => scenario.Seeds.First + place);

    // A file or a pipe is not told how far it has come.
    private static Action<long>? Progress(CheckedScenario scenario, long seed, Terminal terminal)
    {
        if (!terminal.ErrorColors)
        {
            return null;
        }

        long told = Environment.TickCount64;
        return at =>
        {
            if (ProgressEveryMilliseconds <= Environment.TickCount64 - told)
            {
                told = Environment.TickCount64;
                terminal.Error.WriteLine(
                    $"{Printable.Of(scenario.Name)}, seed {seed}: {ScenarioText.Seconds(at)} of "
                    + ScenarioText.Seconds(scenario.RunsFor));
                terminal.Error.Flush();
            }
        };
    }
}
