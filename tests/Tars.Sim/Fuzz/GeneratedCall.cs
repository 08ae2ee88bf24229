namespace Tars.Sim.Fuzz;

/// <summary>A call of a generated module's function, which takes one number.</summary>
/// <param name="Argument">The number's bits; of a narrow one, in the low half.</param>
internal sealed record GeneratedCall(string Export, ulong Argument);
