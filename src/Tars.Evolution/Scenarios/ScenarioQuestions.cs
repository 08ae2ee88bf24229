using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Lang.Binding;
using Tars.Lang.Checking;
using Tars.Lang.Judging;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Evolution.Scenarios;

/// <summary>All that is asked about the runs of one scenario, and what it gives, compiled once for all its seeds.
/// </summary>
internal sealed class ScenarioQuestions
{
    private const int NoMetric = -1;

    private readonly ModuleSymbol _module;
    private readonly Dictionary<CheckedStep, int> _steps = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<BoundExpr, ImmutableArray<byte>> _values = new(ReferenceEqualityComparer.Instance);

    /// <param name="reflections">What a bad metric means; asked at the end of a run that is looked into.</param>
    public ScenarioQuestions(
        ModuleSymbol module,
        CheckedScenario scenario,
        ImmutableArray<CheckedMeasure> measures,
        ImmutableArray<CheckedReflection> reflections)
    {
        _module = module;
        var expectations = scenario.Expect.ToList();
        foreach (var step in scenario.Steps.Where(one => one.Expect is not null))
        {
            _steps.Add(step, expectations.Count);
            expectations.Add(step.Expect!);
        }

        FirstReflection = expectations.Count;
        ReflectionCount = reflections.Length;
        expectations.AddRange(
            reflections.Select(one => new CheckedExpectation(one.When, Answer: null, one.Diagnose, one.Span)));
        Measures = [.. measures];
        FirstMeasure = expectations.Count;

        // What stands in a document is literal, but for the default of a field that it leaves out.
        var worked = Given(scenario).Where(one => ValueEncoder.TryEncode(one) is null).ToList();
        Judge = Judge.Of(
            module, expectations, [.. measures, .. worked.Select(one => new CheckedMeasure(NoMetric, one))]);
        byte[] settings = Settings(module);
        foreach (var (place, value) in worked.Index())
        {
            if (Judge.Ask(FirstMeasure + measures.Length + place, settings, []) is JudgeAnswer.Value answer)
            {
                _values.Add(value, answer.Octets);
            }
        }

        Unknown = worked.FirstOrDefault(one => !_values.ContainsKey(one));
    }

    /// <summary>A value of the document that traps when it is worked out; null when all are known.</summary>
    public BoundExpr? Unknown { get; }

    public Judge Judge { get; }

    public List<CheckedMeasure> Measures { get; }

    /// <summary>Index of the first condition of `reflection` among the judge's questions.</summary>
    public int FirstReflection { get; }

    public int ReflectionCount { get; }

    /// <summary>Index of the first measure among the judge's questions.</summary>
    public int FirstMeasure { get; }

    /// <summary>A value that the scenario gives, encoded; of one that is <see cref="Unknown"/> nothing.</summary>
    public ImmutableArray<byte> Encode(BoundExpr value) =>
        ValueEncoder.TryEncode(value) ?? _values.GetValueOrDefault(value, []);

    private static IEnumerable<BoundExpr> Given(CheckedScenario scenario) =>
        scenario.Params.Select(one => one.Value).Concat(scenario.WorldParams.Select(one => one.Value))
            .Concat(scenario.Stubs.SelectMany(stub => stub.Answers.Select(one => one.Value)))
            .Concat(scenario.Steps.SelectMany(step => step.Stimulus switch
            {
                Stimulus.Publish publish => [publish.Value],
                Stimulus.Device device => [device.Value],
                Stimulus.Ask ask => ask.Arguments,
                Stimulus.Set set => [set.Value],
                _ => (IEnumerable<BoundExpr>)[],
            }));

    // Every param at its declared value, every belief at its prior.
    private static byte[] Settings(ModuleSymbol module) =>
    [
        .. module.Params.SelectMany(one => one.Value is null ? [] : ValueEncoder.TryEncode(one.Value) ?? []),
        .. (module.Beliefs?.Beliefs ?? []).SelectMany(one => BitConverter.GetBytes(one.Prior)),
    ];

    /// <summary>Index of a step's expectation; -1 when it has none.</summary>
    public int Of(CheckedStep step) => _steps.GetValueOrDefault(step, -1);

    /// <summary>Has a question worked out over what is seen of a run.</summary>
    /// <param name="answer">What `answer` stands for, or nothing.</param>
    /// <param name="settings">Every param, then every belief's strength.</param>
    /// <param name="see">What is seen, encoded; null for what is not there to be seen.</param>
    /// <param name="told">Takes what was seen, for the reader.</param>
    public JudgeAnswer Ask(
        int question,
        ReadOnlySpan<byte> answer,
        ReadOnlySpan<byte> settings,
        Func<Observation, byte[]?> see,
        List<(string Text, SchemaType Type, byte[] Octets)> told)
    {
        var given = new ByteWriter();
        given.Bytes(answer);
        foreach (var seen in Judge.ObservedBy(question))
        {
            if (see(seen.What) is not { } octets)
            {
                return new JudgeAnswer.Failed($"{NameOf(seen.What)} cannot be seen");
            }

            given.Bytes(octets);
            told.Add((NameOf(seen.What), SchemaOf.Type(seen.Type), octets));
        }

        return Judge.Ask(question, settings, given.Written);
    }

    /// <summary>Whether an expectation holds; what was seen is for the reader.</summary>
    public static bool Holds(
        JudgeAnswer worked, List<(string Text, SchemaType Type, byte[] Octets)> told, out string seen)
    {
        seen = worked is JudgeAnswer.Failed failed
            ? failed.Reason
            : string.Join(", ", told.Select(one => $"{one.Text} = {ValueText.Short(one.Type, one.Octets)}"));
        return worked is JudgeAnswer.Value { IsTrue: true };
    }

    private string NameOf(Observation what) => what switch
    {
        Observation.Metric metric => _module.Metrics[metric.Index].Name,
        Observation.EnvironmentMetric metric =>
            $"{metric.Environment}.{metric.Module.Metrics[metric.Index].Name}",
        Observation.AgentState state => $"{state.Agent.Name}.{state.State.Name}",
        Observation.Published published => $"published(\"{published.Pattern}\")",
        Observation.Traps => "traps()",
        Observation.Alive alive => $"alive({alive.Agent.Name})",
        _ => throw new UnreachableException(),
    };
}
