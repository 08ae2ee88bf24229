using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>
/// The process's random generator, xoshiro256** (Blackman and Vigna, 2018), seeded by SplitMix64. Part of the state.
/// </summary>
internal sealed class Randoms(ModuleWriter module, Root root)
{
    private const double Unit = 1.0 / (1L << 53);

    private Term Fields => Body.Late(() => module.StateBase + root.Fields);

    /// <summary>(seed)</summary>
    public Routine Seed => module.Routine("random.seed", [ValType.I64], [], body =>
    {
        var seed = body.Parameters[0];
        var mixed = body.I64();
        new Undo(module).TouchRoot(body, root);
        for (int word = 0; word < 4; word++)
        {
            body.Set(seed, seed + unchecked((long)0x9E3779B97F4A7C15));
            body.Set(mixed, (seed ^ (seed >>> 30L)) * unchecked((long)0xBF58476D1CE4E5B9));
            body.Set(mixed, (mixed ^ (mixed >>> 27L)) * unchecked((long)0x94D049BB133111EB));
            body.Store64(Fields, mixed ^ (mixed >>> 31L), 8 * word);
        }
    });

    /// <summary>→ the next 64 bits</summary>
    private Routine Next => module.Routine("random.next", [], [ValType.I64], body =>
    {
        new Undo(module).TouchRoot(body, root);
        var at = body.I32(Fields);
        var a = body.I64(at.Load64());
        var b = body.I64(at.Load64(8));
        var c = body.I64(at.Load64(16));
        var d = body.I64(at.Load64(24));
        var shifted = body.I64(b << 17L);
        var result = body.I64((b * 5L).RotateLeft(7L) * 9L);
        body.Set(c, c ^ a);
        body.Set(d, d ^ b);
        body.Set(b, b ^ c);
        body.Set(a, a ^ d);
        body.Store64(at, a);
        body.Store64(at, b, 8);
        body.Store64(at, c ^ shifted, 16);
        body.Store64(at, d.Get().RotateLeft(45L), 24);
        body.Push(result);
    });

    /// <summary>→ a float in [0, 1): the top 53 bits</summary>
    public Routine Float => module.Routine("random.float", [], [ValType.F64], body =>
        body.Push((Next.Call() >>> 11L).ToFloat() * Unit));

    /// <summary>(low, high) → an int from low to high, both included, by rejection</summary>
    public Routine Int => module.Routine("random.int", [ValType.I64, ValType.I64], [ValType.I64], body =>
    {
        var (low, high) = (body.Parameters[0], body.Parameters[1]);
        body.TrapIf(high < low, GuestTrap.ValueOutOfRange);
        var size = body.I64(high - low + 1L);
        var drawn = body.I64();
        // A size of 2^64 wraps to zero: every draw is in range.
        body.If(!size, () => body.Return(Next.Call()));
        var over = body.I64((-size.Get()).ModUnsigned(size));
        body.Loop(again =>
        {
            body.Set(drawn, Next.Call());
            // The last `over` values would favour the low ones.
            body.BreakIf(again, drawn.AtLeast(-over.Get()) & over.IsNot(0L));
        });
        body.Push(low + drawn.Get().ModUnsigned(size));
    });
}
