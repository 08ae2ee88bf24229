using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;
using Tars.Lang.Binding;
using Tars.Lang.Checking;
using Tars.Lang.Judging;
using Tars.Lang.Types;

namespace Tars.Evolution.Scenarios;

/// <summary>Answers for the expectations of one run: sees what they name, and has them worked out.</summary>
/// <param name="questions">The scenario's expectations of the end, then those of steps, then measures.</param>
/// <param name="module">The module that is judged, as its bundle says.</param>
internal sealed class RunJudge(
    ScenarioQuestions questions, BundleManifest module, Kernel.Kernel kernel, ScenarioOutside outside)
{
    private readonly List<ImmutableArray<byte>> _params = [.. module.Params.Select(param => param.Value)];

    /// <summary>A parameter was set; a value that the kernel refuses is not.</summary>
    public void Set(int param, ImmutableArray<byte> value)
    {
        if (ParamRange.Holds(module.Params[param], value.AsSpan()))
        {
            _params[param] = value;
        }
    }

    /// <summary>The processes whose state must be looked at before a question can be answered.</summary>
    public IEnumerable<ProcessId> Sees(int question)
    {
        var report = kernel.Report();
        return questions.Judge.ObservedBy(question)
            .Select(seen => seen.What).OfType<Observation.AgentState>()
            .Select(state => First(report, state.Agent.Name)?.Process).OfType<ProcessId>().Distinct();
    }

    /// <summary>Whether an expectation holds; what was seen is for the reader.</summary>
    /// <param name="answer">What `answer` stands for, or nothing.</param>
    public bool Holds(int question, ReadOnlySpan<byte> answer, out string seen)
    {
        var told = new List<(string Text, SchemaType Type, byte[] Octets)>();
        return ScenarioQuestions.Holds(Work(question, answer, told), told, out seen);
    }

    /// <summary>A metric's value: what processes reported, or what follows from what was published.</summary>
    public double? Metric(KernelReport report, string inModule, int metric)
    {
        var reported = report.Metrics.First(one => one.Module == inModule).Metrics;
        if (inModule != module.Name)
        {
            return reported[metric].Value;
        }

        // A run may begin with a version that has other metrics.
        var spec = module.Metrics[metric];
        return spec.From switch
        {
            MetricSource.Module => reported.FirstOrDefault(one => one.Name == spec.Name)?.Value,
            MetricSource.Channels => Measure(metric),
            MetricSource.Environment => report.Metrics.Where(one => one.Module != module.Name)
                .SelectMany(one => one.Metrics).FirstOrDefault(one => one.Name == spec.Name)?.Value,
        };
    }

    private double? Measure(int metric)
    {
        int place = questions.Measures.FindIndex(one => one.Metric == metric);
        if (place < 0 || Work(questions.FirstMeasure + place, [], []) is not JudgeAnswer.Value { Octets: var octets })
        {
            return null;
        }

        return questions.Measures[place].Value.Type is LangType.Int
            ? BitConverter.ToInt64(octets.AsSpan())
            : BitConverter.ToDouble(octets.AsSpan());
    }

    private JudgeAnswer Work(
        int question, ReadOnlySpan<byte> answer, List<(string Text, SchemaType Type, byte[] Octets)> told)
    {
        var report = kernel.Report();
        return questions.Ask(question, answer, Settings(report), what => See(report, what), told);
    }

    private byte[] Settings(KernelReport report)
    {
        var settings = new ByteWriter();
        _params.ForEach(value => settings.Bytes(value.AsSpan()));
        if (module.Beliefs is { } graph)
        {
            var owner = First(report, graph.Of);
            for (int belief = 0; belief < graph.Beliefs.Length; belief++)
            {
                bool known = owner is not null && belief < owner.Strengths.Length;
                settings.F64(known ? owner!.Strengths[belief] : graph.Beliefs[belief].Prior);
            }
        }

        return settings.ToArray();
    }

    // Null for what is not there to be seen.
    private byte[]? See(KernelReport report, Observation what) => what switch
    {
        Observation.Metric metric => Float(Metric(report, module.Name, metric.Index)),
        Observation.EnvironmentMetric metric => Float(Metric(report, metric.Module.Name, metric.Index)),
        Observation.AgentState state => Field(report, state),
        Observation.Published published => Int(outside.Published(published.Pattern)),
        Observation.Traps => Int(report.Traps),
        Observation.Alive alive => Int(report.Processes.Count(one => IsOf(one, alive.Agent.Name))),
        _ => throw new UnreachableException(),
    };

    private byte[]? Field(KernelReport report, Observation.AgentState wanted)
    {
        if (First(report, wanted.Agent.Name) is not { } process
            || !outside.Looks.TryGetValue(process.Process, out var look) || look.State is not { } state)
        {
            return null;
        }

        // A scenario may begin with a version in which the field has another type, or is not there.
        var field = state.Agent.State.FirstOrDefault(one => one.Name == wanted.State.Name);
        return field is not null && field.Type.Equals(SchemaOf.Type(wanted.State.Type))
            ? state.Field(field.Name).ToArray()
            : null;
    }

    /// <summary>The octets of a number. What was never reported is none, and nothing but `!=` holds of it.</summary>
    public static byte[] Float(double? value) =>
        value is { } number ? BitConverter.GetBytes(number) : BitConverter.GetBytes(ValueEncoding.CanonicalNaN);

    private ProcessReport? First(KernelReport report, string agent) =>
        report.Processes.FirstOrDefault(one => IsOf(one, agent));

    private bool IsOf(ProcessReport process, string agent) =>
        !process.IsEnded && process.Module == module.Name && process.Agent == agent;

    private static byte[] Int(long value) => BitConverter.GetBytes(value);
}
