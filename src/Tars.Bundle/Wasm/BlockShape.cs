namespace Tars.Bundle.Wasm;

/// <summary>A block, loop or if: where its parts are and what stack it works on.</summary>
/// <param name="Offset">In the body: the opening instruction.</param>
/// <param name="Height">How many operands lie below the parameters.</param>
/// <param name="ElseOffset">The <c>else</c>, or -1 without one.</param>
/// <param name="EndOffset">The closing <c>end</c>.</param>
public readonly record struct BlockShape(int Offset, FuncType Type, int Height, int ElseOffset, int EndOffset);
