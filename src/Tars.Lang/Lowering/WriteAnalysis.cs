using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Lang.Binding;
using Tars.Lang.Symbols;

namespace Tars.Lang.Lowering;

/// <summary>Answers whether a piece of code may write what a borrowed value points to.</summary>
/// <remarks>
/// Statements write a var or state by name; an expression writes state by calling a procedure that does. The answer
/// may be yes without need, which costs a copy; it is never no in error, which would be a value that changes or dies
/// while it is looked at.
/// </remarks>
internal static class WriteAnalysis
{
    /// <summary>The variable or state field that a value is part of.</summary>
    internal abstract record Root
    {
        private Root()
        {
        }

        /// <summary>
        /// Never written while code can see it: a constant, a param, a let, what an event binds, a fresh value.
        /// </summary>
        public sealed record Fixed : Root;

        public sealed record Var(LocalSymbol Symbol) : Root;

        public sealed record State : Root;
    }

    private static readonly Root _fixed = new Root.Fixed();
    private static readonly Root _state = new Root.State();

    /// <summary>
    /// What would have to be written to change the value of an expression that points into something.
    /// </summary>
    public static Root RootOf(BoundExpr expr) => expr switch
    {
        BoundExpr.State => _state,
        BoundExpr.Local { Symbol.IsMutable: true } local => new Root.Var(local.Symbol),
        BoundExpr.Field field => RootOf(field.Target),
        BoundExpr.Index index => RootOf(index.Target),
        BoundExpr.CallMethod { Method: Method.TextTrim or Method.MapGet } call => RootOf(call.Receiver),
        BoundExpr.If { Then: var then, Else: var other } => Wider(RootOf(then), RootOf(other)),
        BoundExpr.Coalesce { Left: var left, Right: var right } => Wider(RootOf(left), RootOf(right)),
        _ => _fixed,
    };

    /// <summary>True when evaluating the expression may write the root.</summary>
    public static bool MayWrite(BoundExpr expr, Root root) => root is Root.State && CallsWriter(expr);

    /// <summary>True when running the block may write the root.</summary>
    public static bool MayWrite(BoundBlock? block, Root root) =>
        root is not Root.Fixed && block is not null && block.Statements.Any(one => MayWrite(one, root));

    private static Root Wider(Root a, Root b) => a is Root.Fixed ? b : b is Root.Fixed || a == b ? a : _state;

    private static bool MayWrite(BoundStmt statement, Root root) => statement switch
    {
        BoundStmt.Assign assign => Is(assign.Place, root) || Writes(assign.Value, root) || Writes(assign.Place, root),
        BoundStmt.Update update => Is(update.Place, root) || MayWrite(update.Value, root) || Writes(update.Place, root),
        BoundStmt.Mutate mutate =>
            Is(mutate.Place, root) || mutate.Arguments.Any(one => MayWrite(one, root)) || Writes(mutate.Place, root),
        BoundStmt.Let let => Writes(let.Source, root) || MayWrite(let.Else, root),
        BoundStmt.Do act => Writes(act.Source, root) || MayWrite(act.Else, root),
        BoundStmt.If branch =>
            MayWrite(branch.Condition, root) || MayWrite(branch.Then, root) || MayWrite(branch.Else, root),
        BoundStmt.IfLet branch => Writes(branch.Source, root) || MayWrite(branch.Then, root)
            || MayWrite(branch.Else, root),
        BoundStmt.While loop => MayWrite(loop.Condition, root) || MayWrite(loop.Body, root),
        BoundStmt.ForRange loop =>
            MayWrite(loop.Low, root) || MayWrite(loop.High, root) || MayWrite(loop.Body, root),
        BoundStmt.ForList loop => MayWrite(loop.List, root) || MayWrite(loop.Body, root),
        BoundStmt.ForMap loop => MayWrite(loop.Map, root) || MayWrite(loop.Body, root),
        BoundStmt.MatchVariant match =>
            MayWrite(match.Subject, root) || match.Arms.Any(arm => MayWrite(arm.Body, root))
                || MayWrite(match.Else, root),
        BoundStmt.MatchText match =>
            MayWrite(match.Subject, root) || match.Arms.Any(arm => MayWrite(arm.Body, root))
                || MayWrite(match.Else, root),
        _ => ExpressionsOf(statement).Any(one => MayWrite(one, root)),
    };

    /// <summary>The expressions of a statement that neither binds, branches nor writes a place.</summary>
    public static ImmutableArray<BoundExpr> ExpressionsOf(BoundStmt statement) => statement switch
    {
        BoundStmt.Return { Value: { } value } => [value],
        BoundStmt.Return => [],
        BoundStmt.Fail fail => [fail.Why],
        BoundStmt.Assert assert => [assert.Condition],
        BoundStmt.Tell tell => tell.Target is BoundTarget.Value target
            ? [target.Reference, .. tell.Arguments] : tell.Arguments,
        BoundStmt.SetTimer timer => [timer.Delay],
        BoundStmt.Publish publish => [.. HolesOf(publish.Channel), publish.Value],
        BoundStmt.Log log => [log.Message, .. log.Fields.Select(one => one.Value)],
        BoundStmt.Metric metric => [metric.Value],
        BoundStmt.Observe observe => [observe.Value],
        BoundStmt.Revoke revoke => [revoke.Capability],
        BoundStmt.Break or BoundStmt.Continue or BoundStmt.CancelTimer or BoundStmt.Exit or BoundStmt.Retract => [],
        BoundStmt.Bad => [],
        _ => throw new UnreachableException(),
    };

    private static bool Is(BoundPlace place, Root root) =>
        root is Root.Var var ? place.Local == var.Symbol : place.State is not null;

    private static bool Writes(BoundPlace place, Root root) =>
        place.Path.Any(step => step is BoundStep.Index index && MayWrite(index.At, root));

    private static bool MayWrite(BoundElse? otherwise, Root root) =>
        otherwise is not null
        && (MayWrite(otherwise.Block, root) || (otherwise.Value is { } value && MayWrite(value, root)));

    // An ask may be followed by anything.
    private static bool Writes(BoundSource source, Root root) => source switch
    {
        BoundSource.Value value => MayWrite(value.Expr, root),
        BoundSource.Ask or BoundSource.AskProcedure => true,
        BoundSource.Spawn spawn => spawn.Arguments.Any(one => MayWrite(one, root)),
        BoundSource.Some some => Writes(some.Inner, root),
        BoundSource.Narrow narrow => narrow.Arguments.Any(one => MayWrite(one, root)),
        _ => throw new UnreachableException(),
    };

    private static bool CallsWriter(BoundExpr expr) =>
        expr is BoundExpr.CallProcedure { Procedure.WritesState: true } || PartsOf(expr).Any(CallsWriter);

    private static IEnumerable<BoundExpr> PartsOf(BoundExpr expr) => expr switch
    {
        BoundExpr.Some one => [one.Value],
        BoundExpr.Success one => [one.Value],
        BoundExpr.FailureOf one => [one.Value],
        BoundExpr.Field one => [one.Target],
        BoundExpr.Index one => [one.Target, one.At],
        BoundExpr.MakeRecord one => one.Fields.Select(field => field.Value),
        BoundExpr.MakeCase one => one.Fields.Select(field => field.Value),
        BoundExpr.ListLiteral one => one.Items,
        BoundExpr.MapLiteral one => one.Entries.SelectMany(entry => new[] { entry.Key, entry.Value }),
        BoundExpr.If one => [one.Condition, one.Then, one.Else],
        BoundExpr.And one => [one.Left, one.Right],
        BoundExpr.Or one => [one.Left, one.Right],
        BoundExpr.Not one => [one.Operand],
        BoundExpr.Negate one => [one.Operand],
        BoundExpr.Binary one => [one.Left, one.Right],
        BoundExpr.Compare one => [one.Left, one.Right],
        BoundExpr.Coalesce one => [one.Left, one.Right],
        BoundExpr.Template one => HolesOf(one.Parts),
        BoundExpr.CallFunction one => one.Arguments,
        BoundExpr.CallProcedure one => one.Arguments,
        BoundExpr.CallBuiltIn one => one.Arguments,
        BoundExpr.CallIntrinsic one => one.Arguments,
        BoundExpr.CallMethod one => [one.Receiver, .. one.Arguments],
        BoundExpr.LambdaMethod one => [one.Receiver, one.Body],
        _ => [],
    };

    private static IEnumerable<BoundExpr> HolesOf(IEnumerable<BoundTemplatePart> parts) =>
        parts.OfType<BoundTemplatePart.Hole>().Select(hole => hole.Value);
}
