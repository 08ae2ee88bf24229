namespace Tars.Sim.Fuzz;

/// <summary>A call of a generated module's function, which takes one number.</summary>
/// <param name="Argument">The number's bits; of a narrow one, in the low half.</param>
/// <param name="Fuel">What it may use.</param>
internal sealed record GeneratedCall(string Export, ulong Argument, long Fuel = GeneratedCall.FuelOfMost)
{
    /// <summary>Enough for what most of them do.</summary>
    public const long FuelOfMost = 20_000;
}
