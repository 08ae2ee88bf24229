namespace Tars.Bundle.Wasm;

/// <summary>A place in a module's types.</summary>
/// <remarks>
/// This and the other indices hold the 32 bits that stood in the module, so one from hostile bytes may be negative
/// here; the validator compares them unsigned, and after it each is a place that exists.
/// </remarks>
public readonly record struct TypeIndex(int Value);
