using System.Collections.Immutable;
using Tars.Lang.Binding;
using Tars.Lang.Symbols;

namespace Tars.Lang.Judging;

/// <summary>An expression over a run, and what must be given to work it out.</summary>
/// <param name="Given">First the answer that is judged, if there is one, then what is observed, in order.</param>
/// <param name="Observed">The observations among them.</param>
internal sealed record GivenValue(
    BoundExpr Value, ImmutableArray<LocalSymbol> Given, ImmutableArray<BoundExpr.Observed> Observed)
{
    public static GivenValue Of(BoundExpr value, LocalSymbol? answer)
    {
        var observed = ImmutableArray.CreateBuilder<BoundExpr.Observed>();
        BoundWalk.Visit(value, one =>
        {
            if (one is BoundExpr.Observed seen)
            {
                observed.Add(seen);
            }
        });
        return new GivenValue(
            value,
            [.. answer is null ? [] : new[] { answer }, .. observed.Select(seen => seen.Given)],
            observed.ToImmutable());
    }
}
