using System.Collections.Immutable;
using Tars.Lang.Binding;

namespace Tars.Lang.Lowering;

/// <summary>Finds the state fields that code assigns whole on every way to its end.</summary>
/// <remarks>
/// What a called procedure assigns does not count, and neither does what a loop does: it may not run. A way that ends
/// in a trap is none.
/// </remarks>
internal sealed class DefiniteAssignment
{
    private ImmutableHashSet<string>? _atEnd;

    /// <summary>Their names, in order.</summary>
    public static ImmutableArray<string> Of(BoundBlock? body)
    {
        if (body is null)
        {
            return [];
        }

        var analysis = new DefiniteAssignment();
        var end = analysis.Walk(body, ImmutableHashSet<string>.Empty.WithComparer(StringComparer.Ordinal));
        return [.. (Join(end, analysis._atEnd) ?? []).Order(StringComparer.Ordinal)];
    }

    // What is assigned behind the block; null when its end is not reached.
    private ImmutableHashSet<string>? Walk(BoundBlock block, ImmutableHashSet<string> before)
    {
        var assigned = before;
        foreach (var statement in block.Statements)
        {
            if (Walk(statement, assigned) is not { } after)
            {
                return null;
            }

            assigned = after;
        }

        return assigned;
    }

    private ImmutableHashSet<string>? Walk(BoundStmt statement, ImmutableHashSet<string> before)
    {
        switch (statement)
        {
            case BoundStmt.Assign { Place: { State: { } field, Path.IsEmpty: true } }:
                return before.Add(field.Name);
            case BoundStmt.Let { Else: { } otherwise }:
                Walk(otherwise.Block, before);
                return before;
            case BoundStmt.Do { Else: { } otherwise }:
                Walk(otherwise.Block, before);
                return before;
            case BoundStmt.If branch:
                return Join(Walk(branch.Then, before), WalkElse(branch.Else, before));
            case BoundStmt.IfLet branch:
                return Join(Walk(branch.Then, before), WalkElse(branch.Else, before));
            case BoundStmt.MatchVariant match:
                return Arms(match.Arms.Select(arm => arm.Body), match.Else, before);
            case BoundStmt.MatchText match:
                return Arms(match.Arms.Select(arm => arm.Body), match.Else, before);
            case BoundStmt.While { Body: var body }:
                return Loop(body, before);
            case BoundStmt.ForRange { Body: var body }:
                return Loop(body, before);
            case BoundStmt.ForList { Body: var body }:
                return Loop(body, before);
            case BoundStmt.ForMap { Body: var body }:
                return Loop(body, before);
            case BoundStmt.Return:
                _atEnd = Join(_atEnd, before);
                return null;
            case BoundStmt.Fail or BoundStmt.Break or BoundStmt.Continue:
                return null;
            default:
                return before;
        }
    }

    private ImmutableHashSet<string>? WalkElse(BoundBlock? otherwise, ImmutableHashSet<string> before) =>
        otherwise is null ? before : Walk(otherwise, before);

    private ImmutableHashSet<string> Loop(BoundBlock body, ImmutableHashSet<string> before)
    {
        Walk(body, before);
        return before;
    }

    private ImmutableHashSet<string>? Arms(
        IEnumerable<BoundBlock> arms, BoundBlock? otherwise, ImmutableHashSet<string> before)
    {
        ImmutableHashSet<string>? joined = null;
        foreach (var arm in arms)
        {
            joined = Join(joined, Walk(arm, before));
        }

        return otherwise is null ? joined : Join(joined, Walk(otherwise, before));
    }

    private static ImmutableHashSet<string>? Join(ImmutableHashSet<string>? one, ImmutableHashSet<string>? other) =>
        one is null ? other : other is null ? one : one.Intersect(other);
}
