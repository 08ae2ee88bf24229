namespace Tars.Evolution.Models;

/// <summary>One question to a model.</summary>
/// <param name="System">What it is here for.</param>
/// <param name="Prompt">The question.</param>
/// <param name="Schema">The JSON Schema of the answer: an object, flat, every member required.</param>
/// <param name="Seed">For models that take one.</param>
/// <param name="TokensMax">Of the answer.</param>
public sealed record ModelAsk(string System, string Prompt, string Schema, long Seed, int TokensMax);
