using System.Collections.Immutable;

namespace Tars.Bundle.Wasm.Loops;

/// <summary>A sum of multiples of wasm locals and a constant, modulo 2³² as i32 arithmetic is.</summary>
/// <remarks>Invariant: terms are in the order of their locals, each local once, no factor is zero.</remarks>
public sealed class Affine
{
    private const int TermCountMax = 4;

    private Affine(ImmutableArray<(int Local, uint Factor)> terms, uint constant)
    {
        Terms = terms;
        Constant = constant;
    }

    /// <summary>Locals and how often each is in the sum.</summary>
    public ImmutableArray<(int Local, uint Factor)> Terms { get; }

    /// <summary>What is added to them.</summary>
    public uint Constant { get; }

    public bool IsConstant => Terms.IsEmpty;

    public static Affine Of(uint constant) => new([], constant);

    public static Affine OfLocal(int local) => new([(local, 1)], 0);

    /// <summary>Null when it has more terms than are worth following.</summary>
    public static Affine? Sum(Affine first, Affine second)
    {
        var terms = ImmutableArray.CreateBuilder<(int Local, uint Factor)>();
        int left = 0;
        int right = 0;
        while (left < first.Terms.Length || right < second.Terms.Length)
        {
            int leftLocal = left < first.Terms.Length ? first.Terms[left].Local : int.MaxValue;
            int rightLocal = right < second.Terms.Length ? second.Terms[right].Local : int.MaxValue;
            uint factor = (leftLocal <= rightLocal ? first.Terms[left++].Factor : 0)
                + (rightLocal <= leftLocal ? second.Terms[right++].Factor : 0);
            if (factor != 0)
            {
                terms.Add((Math.Min(leftLocal, rightLocal), factor));
            }
        }

        return terms.Count <= TermCountMax
            ? new Affine(terms.DrainToImmutable(), first.Constant + second.Constant)
            : null;
    }

    public Affine Times(uint factor) => new(
        [.. Terms.Select(term => (term.Local, term.Factor * factor)).Where(term => term.Item2 != 0)],
        Constant * factor);

    public Affine WithConstant(uint constant) => new(Terms, constant);

    public bool HasTermsOf(Affine other) => Terms.AsSpan().SequenceEqual(other.Terms.AsSpan());

    public bool Equals(Affine other) => Constant == other.Constant && HasTermsOf(other);
}
