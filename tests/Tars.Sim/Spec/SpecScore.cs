namespace Tars.Sim.Spec;

/// <summary>How the assertions of one script went; commands that only prepare count when they fail, and never as
/// passed.</summary>
/// <param name="Text">Assertions about the text format, which TARS does not read.</param>
public sealed record SpecScore(string Script, int Passed, int Text, IReadOnlyList<SpecFailure> Failures)
{
    public override string ToString() => $"{Passed,6} passed {Failures.Count,4} failed {Text,4} text  {Script}";
}
