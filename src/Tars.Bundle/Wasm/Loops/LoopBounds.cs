namespace Tars.Bundle.Wasm.Loops;

/// <summary>How large a loop may be for a second copy of it.</summary>
/// <param name="BodyBytesMax">Octets of its code.</param>
/// <param name="WalkCountMax">Ways through memory that are checked before it.</param>
public readonly record struct LoopBounds(int BodyBytesMax, int WalkCountMax);
