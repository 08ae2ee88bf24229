namespace Tars.Engine.Vm;

/// <summary>One thing that the engine needs, and whether it is there.</summary>
/// <param name="What">In a word or two.</param>
/// <param name="Words">What was found.</param>
/// <param name="Mend">How to get it; empty when it is there.</param>
public sealed record VmFinding(string What, bool IsThere, string Words, string Mend);
