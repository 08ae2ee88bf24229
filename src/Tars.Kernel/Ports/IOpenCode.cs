using System.Collections.Immutable;
using Tars.Bundle.Wasm;

namespace Tars.Kernel.Ports;

/// <summary>Code of which some functions are open: others can stand in their place, while all the rest is shared.
/// </summary>
/// <remarks>Whoever searches for a function tries thousands, and translating the rest again costs far more than running
/// it.</remarks>
public interface IOpenCode : IGuestCode
{
    /// <summary>The same code, for each list once, with these in the place of the open functions.</summary>
    /// <param name="bodies">
    /// For each code that is asked for as many as are open, in their order; of any valid module, but of the types of
    /// those that they replace, and naming nothing of their module: no function, global, table, segment or type.
    /// </param>
    /// <param name="why">Why not, when the answer is empty.</param>
    ImmutableArray<IGuestCode> With(ImmutableArray<ImmutableArray<ValidatedFunction>> bodies, out string why);
}
