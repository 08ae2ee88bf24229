namespace Tars.Bundle.Wasm;

/// <summary>References for a table.</summary>
public sealed record ElementSegment(ValType Type, ElementItems Items, SegmentMode Mode);
