using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>What is done with texts: copying, comparing, joining and finding.</summary>
/// <remarks>
/// Texts are read eight bytes at a time, also a few bytes past their end: the heap never takes the memory's last bytes.
/// A text that is given out is either a slice of one that was given in, or a block of its own; each routine says which.
/// </remarks>
internal sealed class Texts(ModuleWriter module)
{
    private const long Ones = 0x0101010101010101;
    private const long Tops = unchecked((long)0x8080808080808080);

    private Heap Heap => new(module);

    public static Term At(Term text) => text.Wrap();

    public static Term Size(Term text) => (text >>> 32L).Wrap();

    public static Term End(Variable text) => At(text) + Size(text);

    public static Term Pack(Term at, Term size) => at.ExtendUnsigned() | (size.ExtendUnsigned() << 32L);

    /// <summary>(text) → the same in a block of its own; constants stay where they are.</summary>
    public Routine Copy => module.Routine("text.copy", [ValType.I64], [ValType.I64], body =>
    {
        var text = body.Parameters[0];
        var size = body.I32(Size(text));
        body.If(!size, () => body.Return(0L));
        var inConstants = (At(text) - MemoryMap.Data).Below(Body.Late(() => module.DataEnd - MemoryMap.Data));
        body.If(inConstants, () => body.Return(text));
        var block = body.I32(Heap.Allocate.Call(size));
        body.Copy(block, At(text), size);
        body.Push(Pack(block, size));
    });

    /// <summary>(a, b, size) → 1 when so many bytes are the same.</summary>
    public Routine Same => module.Routine("text.same", [ValType.I32, ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (a, b, left) = (body.Parameters[0], body.Parameters[1], body.Parameters[2]);
        body.While(left.AtLeast(8), () =>
        {
            body.If(a.Load64().IsNot(b.Load64()), () => body.Return(0));
            body.Set(a, a + 8);
            body.Set(b, b + 8);
            body.Set(left, left - 8);
        });
        body.If(!left, () => body.Return(1));
        // The unwanted high bytes are shifted out.
        var spare = (64 - (left << 3)).ExtendUnsigned();
        body.Push(!((a.Load64() ^ b.Load64()) << spare));
    });

    /// <summary>(a, b) → 1 when equal.</summary>
    public Routine Equal => module.Routine("text.equal", [ValType.I64, ValType.I64], [ValType.I32], body =>
    {
        var (a, b) = (body.Parameters[0], body.Parameters[1]);
        body.If(Size(a).IsNot(Size(b)), () => body.Return(0));
        body.Push(Same.Call(At(a), At(b), Size(a)));
    });

    /// <summary>(a, b) → -1, 0 or 1, by bytes.</summary>
    public Routine Compare => module.Routine("text.compare", [ValType.I64, ValType.I64], [ValType.I32], body =>
    {
        var at = body.I32(At(body.Parameters[0]));
        var other = body.I32(At(body.Parameters[1]));
        var size = body.I32(Size(body.Parameters[0]));
        var otherSize = body.I32(Size(body.Parameters[1]));
        var left = body.I32(Term.Select(size.Below(otherSize), size, otherSize));
        var a = body.I64();
        var b = body.I64();
        body.While(left.AtLeast(8), () =>
        {
            body.Set(a, at.Load64());
            body.Set(b, other.Load64());
            body.If(a.IsNot(b), () => ReturnOrderOfWords(body, a, b));
            body.Set(at, at + 8);
            body.Set(other, other + 8);
            body.Set(left, left - 8);
        });
        body.If(left, () =>
        {
            var spare = (64 - (left << 3)).ExtendUnsigned();
            body.Set(a, at.Load64() << spare);
            body.Set(b, other.Load64() << spare);
            body.If(a.IsNot(b), () => ReturnOrderOfWords(body, a, b));
        });
        body.Push(size.Above(otherSize) - size.Below(otherSize));
    });

    /// <summary>
    /// (text) → its first eight bytes as a number that orders as they do; a shorter text is filled up with zeros.
    /// </summary>
    public Routine Prefix => module.Routine("text.prefix", [ValType.I64], [ValType.I64], body =>
    {
        var text = body.Parameters[0];
        var word = body.I64(At(text).Load64());
        var size = body.I32(Size(text));
        body.If(size.Below(8), () =>
        {
            // A shift by 64 would shift by none.
            body.If(!size, () => body.Return(0L));
            var spare = (64 - (size << 3)).ExtendUnsigned();
            body.Set(word, (word << spare) >>> spare);
        });
        const long Bytes = 0x00FF00FF00FF00FF;
        const long Pairs = 0x0000FFFF0000FFFF;
        body.Set(word, ((word >>> 8L) & Bytes) | ((word & Bytes) << 8L));
        body.Set(word, ((word >>> 16L) & Pairs) | ((word & Pairs) << 16L));
        body.Push(word.Get().RotateLeft(32L));
    });

    /// <summary>(at, end, octet) → the first address in the range that holds the octet, or 0.</summary>
    public Routine FindOctet => module.Routine(
        "text.find_octet", [ValType.I32, ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (at, end) = (body.Parameters[0], body.Parameters[1]);
        var pattern = body.I64(body.Parameters[2].ExtendUnsigned() * Ones);
        var word = body.I64();
        body.While(at.Below(end), () =>
        {
            body.Set(word, at.Load64() ^ pattern);
            // The lowest bit that is left marks the lowest byte that became zero.
            body.Set(word, (word - Ones) & (word ^ -1L) & Tops);
            body.If(word.IsNot(0L), () =>
            {
                body.Set(at, at + (word.Get().TrailingZeros() >>> 3L).Wrap());
                body.Return(Term.Select(at.Below(end), at, 0));
            });
            body.Set(at, at + 8);
        });
        body.Push(0);
    });

    /// <summary>
    /// (at, end, wanted, size) → the first address in the range where the wanted bytes begin, or 0. Size is at least 1.
    /// </summary>
    public Routine Find => module.Routine(
        "text.find", [ValType.I32, ValType.I32, ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (at, end, wanted, size) = (body.Parameters[0], body.Parameters[1], body.Parameters[2], body.Parameters[3]);
        body.If((end - at) < size, () => body.Return(0));
        // Past this address the rest cannot fit.
        var last = body.I32(end - size + 1);
        body.Forever(_ =>
        {
            body.Set(at, FindOctet.Call(at, last, wanted.Load8()));
            body.If(!at, () => body.Return(0));
            body.If(Same.Call(at, wanted, size), () => body.Return(at));
            body.Set(at, at + 1);
        });
        body.Unreachable();
    });

    /// <summary>(size as i64) → a block for a text of that size; 0 for an empty one.</summary>
    public Routine Room => module.Routine("text.room", [ValType.I64], [ValType.I32], body =>
    {
        var size = body.Parameters[0];
        body.TrapIf(size.Above((long)Limits.BlockBytesMax), GuestTrap.OutOfMemory);
        body.If(!size, () => body.Return(0));
        body.Push(Heap.Allocate.Call(size.Wrap()));
    });

    /// <summary>(to, text) → the address behind the bytes that were written.</summary>
    public Routine Append => module.Routine("text.append", [ValType.I32, ValType.I64], [ValType.I32], body =>
    {
        var (to, text) = (body.Parameters[0], body.Parameters[1]);
        body.Copy(to, At(text), Size(text));
        body.Push(to + Size(text));
    });

    /// <summary>(text, wanted) → 1 when it occurs.</summary>
    public Routine Contains => module.Routine("text.contains", [ValType.I64, ValType.I64], [ValType.I32], body =>
    {
        var (text, wanted) = (body.Parameters[0], body.Parameters[1]);
        body.If(!Size(wanted), () => body.Return(1));
        body.Push(Find.Call(At(text), End(text), At(wanted), Size(wanted)).IsNot(0));
    });

    /// <summary>(text, wanted) → 1 when the text begins with it.</summary>
    public Routine StartsWith => module.Routine("text.starts_with", [ValType.I64, ValType.I64], [ValType.I32], body =>
    {
        var (text, wanted) = (body.Parameters[0], body.Parameters[1]);
        body.If(Size(text).Below(Size(wanted)), () => body.Return(0));
        body.Push(Same.Call(At(text), At(wanted), Size(wanted)));
    });

    /// <summary>(text) → the slice without blanks, tabs and line ends at both sides.</summary>
    public Routine Trim => module.Routine("text.trim", [ValType.I64], [ValType.I64], body =>
    {
        var text = body.Parameters[0];
        var at = body.I32(At(text));
        var end = body.I32(End(text));
        body.While(at.Below(end).AndThen(IsBlank(at.Load8())), () => body.Set(at, at + 1));
        body.While(at.Below(end).AndThen(IsBlank((end - 1).Load8())), () => body.Set(end, end - 1));
        body.Push(Pack(at, end - at));
    });

    private static Term IsBlank(Term octet) => octet.Is(' ') | octet.Is('\t') | octet.Is('\r') | octet.Is('\n');

    private static void ReturnOrderOfWords(Body body, Variable a, Variable b)
    {
        // The lowest byte that differs is the first in memory.
        var shift = (a ^ b).TrailingZeros() & ~7L;
        body.Return(Term.Select(((a >>> shift) & 0xFFL).Below((b >>> shift) & 0xFFL), -1, 1));
    }
}
