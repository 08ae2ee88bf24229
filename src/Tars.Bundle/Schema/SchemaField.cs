namespace Tars.Bundle.Schema;

/// <summary>A named member of a record, a case, a handler's payload or a state.</summary>
/// <param name="HasDefault">True when a reader of JSON or an older state may leave it out.</param>
public sealed record SchemaField(string Name, SchemaType Type, bool HasDefault = false);
