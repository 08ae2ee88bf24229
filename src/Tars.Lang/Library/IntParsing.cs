using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>Whole numbers in texts, as text patterns take them.</summary>
internal sealed class IntParsing(ModuleWriter module)
{
    /// <summary>
    /// (at, end) → 1 when the range is an int: digits, perhaps after a minus. The cell Result then holds it.
    /// </summary>
    public Routine Int => module.Routine("parse.int", [ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (at, end) = (body.Parameters[0], body.Parameters[1]);
        var minus = body.I32(at.Below(end).AndThen(at.Load8().Is('-')));
        body.Set(at, at + minus);
        body.If(at.AtLeast(end), () => body.Return(0));
        var value = body.I64(0L);
        var digit = body.I64();
        // Counted downward, because the least int has no positive counterpart.
        body.While(at.Below(end), () =>
        {
            body.Set(digit, (at.Load8() - '0').ExtendUnsigned());
            body.If(digit.Above(9L), () => body.Return(0));
            body.If(value < (long.MinValue / 10), () => body.Return(0));
            body.Set(value, value * 10L);
            body.If(value < (digit + long.MinValue), () => body.Return(0));
            body.Set(value, value - digit);
            body.Set(at, at + 1);
        });
        body.If(!minus, () =>
        {
            body.If(value.Is(long.MinValue), () => body.Return(0));
            body.Set(value, -value.Get());
        });
        body.Store64(MemoryMap.Result, value);
        body.Push(1);
    });
}
