namespace Tars.Sim.Spec;

/// <summary>What a run of the official test suite gave.</summary>
/// <param name="Skipped">Assertions about the text format, which TARS does not read.</param>
public sealed record SpecReport(int Passed, int Skipped, IReadOnlyList<SpecFailure> Failures)
{
    public override string ToString() => $"{Passed} passed, {Failures.Count} failed, {Skipped} skipped (text format)";
}
