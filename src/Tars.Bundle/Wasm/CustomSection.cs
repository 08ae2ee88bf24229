namespace Tars.Bundle.Wasm;

/// <summary>Bytes that Wasm itself does not read. <paramref name="After"/> is the last section before it.</summary>
public sealed record CustomSection(string Name, ReadOnlyMemory<byte> Bytes, SectionId After);
