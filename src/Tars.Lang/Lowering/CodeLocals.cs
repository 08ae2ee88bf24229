using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Lang.Binding;
using Tars.Lang.Symbols;

namespace Tars.Lang.Lowering;

/// <summary>Which locals a piece of code names and which it declares.</summary>
internal static class CodeLocals
{
    public static IEnumerable<LocalSymbol> NamedIn(BoundExpr expr)
    {
        var found = new List<LocalSymbol>();
        BoundWalk.Visit(expr, one =>
        {
            if (one is BoundExpr.Local local)
            {
                found.Add(local.Symbol);
            }
        });
        return found;
    }

    public static IEnumerable<LocalSymbol> NamedIn(BoundSource source) => source switch
    {
        BoundSource.Value value => NamedIn(value.Expr),
        BoundSource.Ask ask => NamedIn([.. OfTarget(ask.Target), .. ask.Arguments, ask.Within]),
        BoundSource.AskProcedure ask => NamedIn(ask.Arguments),
        BoundSource.Spawn spawn => NamedIn(spawn.Arguments),
        BoundSource.Some some => NamedIn(some.Inner),
        BoundSource.Narrow narrow => NamedIn([.. OfTarget(narrow.From), .. narrow.Arguments]),
        _ => throw new UnreachableException(),
    };

    public static IEnumerable<LocalSymbol> NamedIn(BoundPlace place)
    {
        var indexes = NamedIn([.. place.Path.OfType<BoundStep.Index>().Select(step => step.At)]);
        return place.Local is null ? indexes : indexes.Append(place.Local);
    }

    /// <summary>In a statement and all blocks in it.</summary>
    public static IEnumerable<LocalSymbol> NamedIn(BoundStmt statement) => statement switch
    {
        BoundStmt.Let let => NamedIn(let.Source).Concat(NamedIn(let.Else)),
        BoundStmt.Do act => NamedIn(act.Source).Concat(NamedIn(act.Else)),
        BoundStmt.Assign assign => NamedIn(assign.Value).Concat(NamedIn(assign.Place)),
        BoundStmt.Update update => NamedIn(update.Value).Concat(NamedIn(update.Place)),
        BoundStmt.Mutate mutate => NamedIn(mutate.Arguments).Concat(NamedIn(mutate.Place)),
        BoundStmt.If branch => NamedIn(branch.Condition).Concat(InBlocks(statement)),
        BoundStmt.IfLet branch => NamedIn(branch.Source).Concat(InBlocks(statement)),
        BoundStmt.While loop => NamedIn(loop.Condition).Concat(InBlocks(statement)),
        BoundStmt.ForRange loop => NamedIn([loop.Low, loop.High]).Concat(InBlocks(statement)),
        BoundStmt.ForList loop => NamedIn(loop.List).Concat(InBlocks(statement)),
        BoundStmt.ForMap loop => NamedIn(loop.Map).Concat(InBlocks(statement)),
        BoundStmt.MatchVariant match => NamedIn(match.Subject).Concat(InBlocks(statement)),
        BoundStmt.MatchText match => NamedIn(match.Subject).Concat(InBlocks(statement)),
        _ => NamedIn(WriteAnalysis.ExpressionsOf(statement)),
    };

    /// <summary>The names that a statement and the blocks in it bring in.</summary>
    public static IEnumerable<LocalSymbol> DeclaredIn(BoundStmt statement)
    {
        IEnumerable<LocalSymbol?> own = statement switch
        {
            BoundStmt.Let let => [let.Local, let.Else?.Failure],
            BoundStmt.Do act => [act.Else?.Failure],
            BoundStmt.IfLet branch => [branch.Local],
            BoundStmt.ForRange loop => [loop.Local],
            BoundStmt.ForList loop => [loop.Item],
            BoundStmt.ForMap loop => [loop.Key, loop.Value],
            BoundStmt.MatchVariant match => match.Arms.SelectMany(arm => arm.Binds),
            BoundStmt.MatchText match => match.Arms.SelectMany(arm => arm.Holes.Select(hole => hole.Local)),
            _ => [],
        };
        return own.OfType<LocalSymbol>().Concat(
            BlocksOf(statement).SelectMany(block => block.Statements).SelectMany(DeclaredIn));
    }

    /// <summary>The blocks that stand directly in a statement, in order of the text.</summary>
    public static IEnumerable<BoundBlock> BlocksOf(BoundStmt statement)
    {
        IEnumerable<BoundBlock?> blocks = statement switch
        {
            BoundStmt.Let let => [let.Else?.Block],
            BoundStmt.Do act => [act.Else?.Block],
            BoundStmt.If branch => [branch.Then, branch.Else],
            BoundStmt.IfLet branch => [branch.Then, branch.Else],
            BoundStmt.While loop => [loop.Body],
            BoundStmt.ForRange loop => [loop.Body],
            BoundStmt.ForList loop => [loop.Body],
            BoundStmt.ForMap loop => [loop.Body],
            BoundStmt.MatchVariant match => [.. match.Arms.Select(arm => arm.Body), match.Else],
            BoundStmt.MatchText match => [.. match.Arms.Select(arm => arm.Body), match.Else],
            _ => [],
        };
        return blocks.OfType<BoundBlock>();
    }

    private static IEnumerable<LocalSymbol> InBlocks(BoundStmt statement) =>
        BlocksOf(statement).SelectMany(block => block.Statements).SelectMany(NamedIn);

    private static IEnumerable<LocalSymbol> NamedIn(BoundElse? otherwise) => otherwise is null
        ? []
        : otherwise.Block.Statements.SelectMany(NamedIn)
            .Concat(otherwise.Value is null ? [] : NamedIn(otherwise.Value));

    private static IEnumerable<LocalSymbol> NamedIn(ImmutableArray<BoundExpr> all) => all.SelectMany(NamedIn);

    private static ImmutableArray<BoundExpr> OfTarget(BoundTarget target) =>
        target is BoundTarget.Value value ? [value.Reference] : [];
}
