using System.Globalization;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Evolution.Loads;
using Tars.Kernel.Ports;
using Tars.Lang.Binding;

namespace Tars.Evolution.Scenarios;

/// <summary>One run of a scenario that names a recorded load: the module decides, and the load is its world.</summary>
/// <remarks>
/// What the module reports itself is not asked for: its metrics are figures of the load, by their names (I1), so that
/// no policy measures itself.
/// </remarks>
internal sealed class LoadScenario
{
    private readonly ScenarioPlan _plan;
    private readonly BundleManifest _module;
    private readonly LoadReport _run;
    private readonly LoadReport _reference;

    private LoadScenario(ScenarioPlan plan, LoadReport run, LoadReport reference)
    {
        _plan = plan;
        _module = plan.System.Judged(plan.Params).Manifest;
        _run = run;
        _reference = reference;
    }

    /// <param name="reference">The same load under the policy that decided when it was recorded.</param>
    /// <returns>Null with reasons.</returns>
    public static ScenarioOutcome? Run(
        ScenarioPlan plan,
        RecordedLoad load,
        LoadReport reference,
        ScenarioOptions options,
        List<string> reasons,
        CancellationToken stop)
    {
        var scenario = plan.Scenario;
        var run = load.RunUnder(
            plan.System.Judged(plan.Params), scenario.RunsFor, scenario.NanosecondsPerFuel ?? 1, reasons, stop);
        if (run is null)
        {
            return null;
        }

        var judged = new LoadScenario(plan, run, reference);
        judged.Tell(options.Trace);
        return judged.Outcome(options.LooksInto);
    }

    private ScenarioOutcome Outcome(bool looksInto)
    {
        var checks = _plan.Scenario.Expect.Index().Select(one =>
        {
            bool holds = Holds(one.Index, out string seen);
            string detail = holds ? "" : seen.Length == 0 ? "it is false" : seen;
            return new CheckOutcome(one.Item.Text, one.Item.Span, holds, detail);
        });
        return new ScenarioOutcome(
            _plan.Scenario.Name,
            Seed: 0,
            Refused: [],
            [.. checks],
            [.. Notes()],
            [.. _module.Metrics.Index().Where(one => Figure(one.Index) is not null).Select(Series)],
            Traps: [],
            TrapCount: 0,
            _run.Handled,
            _run.Fuel)
        {
            Handled = [.. Handled()],
            Reflected = looksInto
                ? [
                    .. Enumerable.Range(0, _plan.Questions.ReflectionCount)
                        .Where(rule => Holds(_plan.Questions.FirstReflection + rule, out _)),
                ]
                : [],
        };
    }

    private IEnumerable<string> Notes()
    {
        if (_run.Inconclusive is { } reason)
        {
            yield return $"the load cannot be carried on: {reason}";
        }

        if (_run.Policy.Module?.Failure is { } failure)
        {
            yield return $"it was replaced: {failure}";
        }
    }

    // Of all its handlers the kernel asks one.
    private IEnumerable<string> Handled() =>
        from agent in _module.Agents
        let asks = agent.Handlers.Where(one => one.Kind == HandlerKind.Ask).ToList()
        where _run.Policy.Module is { Calls: > 0 }
        let asked = asks.FirstOrDefault(one => one.Subject == "plan") ?? asks.FirstOrDefault()
        where asked is not null
        select $"{agent.Name}: {HandlerText.Of(asked)}";

    private MetricSeries Series((int Index, MetricSpec Spec) metric) => new(
        _module.Name,
        metric.Spec.Name,
        metric.Spec.Unit,
        metric.Spec.Kind,
        Figure(metric.Index),
        Count: 1,
        Points: []);

    private double? Figure(int metric) => LoadFigures.Of(_module.Metrics[metric].Name, _run, _reference); // I1

    private bool Holds(int question, out string seen)
    {
        var told = new List<(string Text, SchemaType Type, byte[] Octets)>();
        return ScenarioQuestions.Holds(_plan.Questions.Ask(question, [], Settings(), See, told), told, out seen);
    }

    private byte[] Settings()
    {
        var settings = new ByteWriter();
        foreach (var param in _module.Params)
        {
            settings.Bytes(param.Value.AsSpan());
        }

        foreach (var belief in _module.Beliefs?.Beliefs ?? [])
        {
            settings.F64(belief.Prior);
        }

        return settings.ToArray();
    }

    // A policy has no channels, and its state is no matter of the load.
    private byte[]? See(Observation what) => what switch
    {
        Observation.Metric metric => RunJudge.Float(Figure(metric.Index)),
        Observation.Traps => BitConverter.GetBytes(_run.Policy.Module?.Failure is null ? 0L : 1L),
        _ => null,
    };

    private void Tell(TextWriter? trace)
    {
        string load = _plan.Scenario.Load?.Name ?? "";
        var culture = CultureInfo.InvariantCulture;
        trace?.Write(string.Create(
            culture,
            $"{ValueText.Instant(0)} scenario {Printable.Of(_module.Name)} {_module.Version}: "
                + $"{Printable.Of(_plan.Scenario.Name)}, load {Printable.Of(load)}\n"));
        foreach (var agent in _run.Agents)
        {
            trace?.Write(string.Create(
                culture,
                $"{ValueText.Instant(_run.Elapsed)} {Printable.Of(agent.Name)} handled {agent.Events}, late "
                    + $"{agent.Late?.ToString(culture) ?? "-"}, p99 {ValueText.Instant(agent.P99)}s\n"));
        }
    }
}
