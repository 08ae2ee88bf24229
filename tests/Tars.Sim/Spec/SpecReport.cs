namespace Tars.Sim.Spec;

/// <summary>What a run of the official test suite gave, script by script.</summary>
public sealed record SpecReport(IReadOnlyList<SpecScore> Scores)
{
    public int Passed => Scores.Sum(score => score.Passed);

    public int Text => Scores.Sum(score => score.Text);

    public IReadOnlyList<SpecFailure> Failures => [.. Scores.SelectMany(score => score.Failures)];

    public override string ToString() => $"{Passed} passed, {Failures.Count} failed, {Text} text";
}
