namespace Tars.Bundle.Wasm;

/// <summary>Bytes for a memory.</summary>
public sealed record DataSegment(SegmentMode Mode, ReadOnlyMemory<byte> Bytes);
