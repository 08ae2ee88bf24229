namespace Tars.Bundle.Wasm;

/// <summary>A stretch of code whose fuel is charged as a whole before its first instruction.</summary>
/// <remarks>
/// A region begins with the function; after <c>loop</c>, <c>if</c> and <c>else</c>; after the <c>end</c> of each of
/// them and of a <c>block</c>; and after <c>call</c> and <c>call_indirect</c>. Its cost is the sum over its live
/// instructions in the order of the text, up to where the next region begins. Dead code costs nothing and begins no
/// region; regions that cost nothing are left out.
/// </remarks>
/// <param name="Offset">In the body: the first instruction of the region.</param>
public readonly record struct FuelRegion(int Offset, int Cost);
