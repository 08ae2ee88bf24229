namespace Tars.Sim.Spec;

/// <summary>An assertion that did not hold.</summary>
/// <param name="Line">In the suite's own source, FILE.wast.</param>
public sealed record SpecFailure(string File, int Line, string Kind, string Message)
{
    public override string ToString() => $"{File}.wast:{Line} {Kind}: {Message}";
}
