using System.Collections.Immutable;
using Tars.Evolution.Edits;

namespace Tars.Evolution.Planning;

/// <summary>Edits that belong together, and why somebody thinks that they help.</summary>
/// <param name="Rule">What proposed them: a rule of the table, `search`, or the name of a model.</param>
/// <param name="Why">In one sentence, for people.</param>
public sealed record Proposal(ImmutableArray<Edit> Edits, string Rule, string Why);
