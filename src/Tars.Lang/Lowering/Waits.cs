using System.Collections.Immutable;
using Tars.Lang.Binding;
using Tars.Lang.Symbols;

namespace Tars.Lang.Lowering;

/// <summary>Where handlers wait, through the procedures that they ask, and what each wait keeps.</summary>
/// <remarks>
/// A wait inside a procedure keeps the locals of the procedure and of all that asked it: theirs first, each name with
/// the procedure before it. Counting is done for any tree and stops at a limit; points only for one without errors.
///
/// Invariant: points, counts and emitted code go through asks in one order, that of the text.
/// </remarks>
internal sealed class Waits
{
    private readonly Dictionary<ProcedureSymbol, int> _counts = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ProcedureSymbol, ImmutableArray<WaitPoint>> _points =
        new(ReferenceEqualityComparer.Instance);

    /// <summary>The waits of a handler in order.</summary>
    public ImmutableArray<WaitPoint> Of(HandlerSymbol handler) =>
        handler.Body is null || CountIn(handler.Body) == 0 ? [] : Points(handler.Parameters, handler.Body);

    /// <summary>How many times the code may wait, at most one more than the limit.</summary>
    public int CountIn(BoundBlock? block) => Sum((block?.Statements ?? []).Select(CountIn));

    public int CountIn(BoundStmt statement) =>
        Sum(CodeLocals.BlocksOf(statement).Select(CountIn).Prepend(CountIn(SourceOf(statement))));

    public int CountIn(BoundElse? otherwise) => CountIn(otherwise?.Block);

    public int CountIn(BoundSource? source) => source switch
    {
        BoundSource.Ask => 1,
        BoundSource.AskProcedure ask => CountIn(ask.Procedure),
        BoundSource.Some some => CountIn(some.Inner),
        _ => 0,
    };

    private static BoundSource? SourceOf(BoundStmt statement) => statement switch
    {
        BoundStmt.Let let => let.Source,
        BoundStmt.Do act => act.Source,
        BoundStmt.Assign assign => assign.Value,
        BoundStmt.IfLet branch => branch.Source,
        _ => null,
    };

    private int CountIn(ProcedureSymbol procedure)
    {
        if (!_counts.TryGetValue(procedure, out int count))
        {
            // A procedure that comes back to itself was reported; here it waits for nobody.
            _counts[procedure] = 0;
            count = CountIn(procedure.Body);
            _counts[procedure] = count;
        }

        return count;
    }

    private static int Sum(IEnumerable<int> counts) =>
        counts.Aggregate(0, (sum, one) => Math.Min(Limits.WaitCountMax + 1, sum + one));

    private ImmutableArray<WaitPoint> Points(ImmutableArray<LocalSymbol> parameters, BoundBlock body) =>
        [.. WaitLiveness.Of(parameters, body).SelectMany(PointsAt)];

    private IEnumerable<WaitPoint> PointsAt(WaitSite site)
    {
        if (site.Source is BoundSource.Ask ask)
        {
            return [new WaitPoint(ask, site.Kept)];
        }

        var procedure = ((BoundSource.AskProcedure)site.Source).Procedure;
        if (!_points.TryGetValue(procedure, out var inner))
        {
            inner = Points(procedure.Parameters, procedure.Body!);
            _points.Add(procedure, inner);
        }

        return inner.Select(point => point with
        {
            Kept =
            [
                .. site.Kept,
                .. point.Kept.Select(one => one with { Name = $"{procedure.Name}.{one.Name}" }),
            ],
        });
    }
}
