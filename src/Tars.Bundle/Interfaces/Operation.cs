using System.Collections.Immutable;
using Tars.Bundle.Schema;

namespace Tars.Bundle.Interfaces;

/// <summary>
/// One ask or tell of an interface. Its number among asks, or among tells, is what a host call names.
/// </summary>
/// <param name="Returns">Unit for a tell.</param>
/// <param name="AnyRecord">True for `fill` of a model: it takes `returns = TYPE` and answers that type.</param>
public sealed record Operation(
    string Name, ImmutableArray<SchemaField> Arguments, SchemaType Returns, bool AnyRecord = false);
