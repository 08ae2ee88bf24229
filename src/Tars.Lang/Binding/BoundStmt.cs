using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>A checked statement. The span is that of the whole statement; its line is what a trap reports.</summary>
public abstract record BoundStmt
{
    private BoundStmt(TextSpan span) => Span = span;

    public TextSpan Span { get; }

    /// <summary><c>let</c> or <c>var</c>. With an else, the source is a T? or T! and the local a T.</summary>
    public sealed record Let(LocalSymbol Local, BoundSource Source, BoundElse? Else, TextSpan Span) : BoundStmt(Span);

    /// <summary>Source first, then the indexes of the place, then the write.</summary>
    public sealed record Assign(BoundPlace Place, BoundSource Value, TextSpan Span) : BoundStmt(Span);

    /// <summary>
    /// <c>+= -= *= /=</c>: the value first, then the place is found once, read, combined and written.
    /// </summary>
    public sealed record Update(BoundPlace Place, BoundBinaryOp Op, BoundExpr Value, TextSpan Span) : BoundStmt(Span);

    /// <summary>push, remove_at, remove, set_u32, set_i64, set_bytes: the arguments first, then the place.</summary>
    public sealed record Mutate(
        Method Method, BoundPlace Place, ImmutableArray<BoundExpr> Arguments, TextSpan Span) : BoundStmt(Span);

    public sealed record If(BoundExpr Condition, BoundBlock Then, BoundBlock? Else, TextSpan Span) : BoundStmt(Span);

    /// <summary><c>if let</c>: the source is a T?; the local is a T inside Then.</summary>
    public sealed record IfLet(
        LocalSymbol Local, BoundSource Source, BoundBlock Then, BoundBlock? Else, TextSpan Span) : BoundStmt(Span);

    public sealed record While(BoundExpr Condition, BoundBlock Body, TextSpan Span) : BoundStmt(Span);

    /// <summary>From Low to High - 1; both are evaluated once.</summary>
    public sealed record ForRange(
        LocalSymbol Local, BoundExpr Low, BoundExpr High, BoundBlock Body, TextSpan Span) : BoundStmt(Span);

    public sealed record ForList(LocalSymbol Item, BoundExpr List, BoundBlock Body, TextSpan Span) : BoundStmt(Span);

    /// <summary>In ascending order of keys.</summary>
    public sealed record ForMap(
        LocalSymbol Key, LocalSymbol Value, BoundExpr Map, BoundBlock Body, TextSpan Span) : BoundStmt(Span);

    /// <summary>Complete: every case has an arm or Else is there.</summary>
    public sealed record MatchVariant(
        BoundExpr Subject, ImmutableArray<BoundCaseArm> Arms, BoundBlock? Else, TextSpan Span) : BoundStmt(Span);

    /// <summary>Patterns in order; Else is always there.</summary>
    public sealed record MatchText(
        BoundExpr Subject, ImmutableArray<BoundTextArm> Arms, BoundBlock Else, TextSpan Span) : BoundStmt(Span);

    /// <summary>The value has already been made to fit: in an ask handler it is a T! (Success or FailureOf).</summary>
    public sealed record Return(BoundExpr? Value, TextSpan Span) : BoundStmt(Span);

    public sealed record Break(TextSpan Span) : BoundStmt(Span);

    public sealed record Continue(TextSpan Span) : BoundStmt(Span);

    public sealed record Fail(BoundExpr Why, TextSpan Span) : BoundStmt(Span);

    public sealed record Assert(BoundExpr Condition, TextSpan Span) : BoundStmt(Span);

    /// <summary>A call or an ask for its effect; with an else when it gives a T? or T!.</summary>
    public sealed record Do(BoundSource Source, BoundElse? Else, TextSpan Span) : BoundStmt(Span);

    public sealed record Tell(
        BoundTarget Target,
        int Operation,
        ImmutableArray<BoundExpr> Arguments,
        ImmutableArray<int> ArgumentOrder,
        TextSpan Span)
        : BoundStmt(Span);

    /// <param name="Handler">Index of the timer's handler in the agent.</param>
    public sealed record SetTimer(bool Every, BoundExpr Delay, int Handler, TextSpan Span) : BoundStmt(Span);

    public sealed record CancelTimer(int Handler, TextSpan Span) : BoundStmt(Span);

    /// <param name="Slot">Place of the publish pattern's slot in the agent.</param>
    /// <param name="Channel">The channel; a hole fills a whole segment and holds a text, an int or a variant.</param>
    public sealed record Publish(
        int Slot, ImmutableArray<BoundTemplatePart> Channel, BoundExpr Value, TextSpan Span) : BoundStmt(Span);

    public sealed record Log(
        BoundExpr Message, ImmutableArray<KeyValuePair<string, BoundExpr>> Fields, TextSpan Span) : BoundStmt(Span);

    public sealed record Metric(int Index, BoundExpr Value, TextSpan Span) : BoundStmt(Span);

    public sealed record Observe(int Belief, BoundExpr Value, TextSpan Span) : BoundStmt(Span);

    public sealed record Retract(int Belief, TextSpan Span) : BoundStmt(Span);

    public sealed record Exit(TextSpan Span) : BoundStmt(Span);

    public sealed record Revoke(BoundExpr Capability, TextSpan Span) : BoundStmt(Span);

    /// <summary>Stands where something was reported.</summary>
    public sealed record Bad(TextSpan Span) : BoundStmt(Span);
}

/// <summary>Statements with a scope of their own.</summary>
/// <param name="Leaves">True when its end cannot be reached.</param>
public sealed record BoundBlock(ImmutableArray<BoundStmt> Statements, bool Leaves, TextSpan Span);

/// <summary>What stands after else: it leaves, or ends with a value to use instead.</summary>
/// <param name="Failure">The name of the Failure, or null.</param>
/// <param name="Value">Evaluated after the block when it does not leave; null for a statement that needs no
/// value.</param>
public sealed record BoundElse(LocalSymbol? Failure, BoundBlock Block, BoundExpr? Value);

public sealed record BoundCaseArm(CaseSymbol Case, ImmutableArray<LocalSymbol?> Binds, BoundBlock Body);

/// <summary>
/// A text pattern: First, then for each hole the hole and the literal that ends it; the last literal may be "".
/// </summary>
public sealed record BoundTextArm(string First, ImmutableArray<BoundPatternHole> Holes, BoundBlock Body);

/// <param name="Local">Null for <c>{_}</c>. Its type says text, int or float.</param>
/// <param name="Then">The literal after the hole; "" only after the last one, which then takes the rest.</param>
public sealed record BoundPatternHole(LocalSymbol? Local, string Then);

/// <summary>A place that can be written: a state field or a var, then a path.</summary>
/// <param name="Local">The var, or null when State is the root.</param>
public sealed record BoundPlace(
    LocalSymbol? Local, StateSymbol? State, ImmutableArray<BoundStep> Path, LangType Type, TextSpan Span);

/// <summary>One step of a path.</summary>
public abstract record BoundStep
{
    private BoundStep()
    {
    }

    public sealed record Field(int FieldIndex, LangType Type) : BoundStep;

    /// <summary>
    /// In a list, map or bytes. As the last step of an Assign on a map it inserts or replaces; otherwise an absent key
    /// traps.
    /// </summary>
    public sealed record Index(BoundExpr At, LangType Collection, LangType Type) : BoundStep;
}

/// <summary>
/// What may stand on the right of let, var, = and if let: an expression, or something that only may stand there.
/// </summary>
public abstract record BoundSource
{
    private BoundSource(LangType type) => Type = type;

    public LangType Type { get; }

    public sealed record Value(BoundExpr Expr) : BoundSource(Expr.Type);

    /// <summary><c>ask target.name(…) within d</c>. The type is the Fallible of the answer.</summary>
    /// <param name="ArgumentOrder">The parameter that each argument, in the order written, is for.</param>
    public sealed record Ask(
        BoundTarget Target,
        int Operation,
        ImmutableArray<BoundExpr> Arguments,
        ImmutableArray<int> ArgumentOrder,
        BoundExpr Within,
        LangType Type,
        TextSpan Span) : BoundSource(Type);

    /// <summary><c>ask name(…)</c> of a procedure of its own that asks.</summary>
    public sealed record AskProcedure(ProcedureSymbol Procedure, ImmutableArray<BoundExpr> Arguments)
        : BoundSource(Procedure.Returns);

    /// <summary>Arguments are for the state fields without an initial value.</summary>
    public sealed record Spawn(
        AgentSymbol Agent, ImmutableArray<BoundExpr> Arguments, ImmutableArray<int> ArgumentOrder, LangType Type)
        : BoundSource(Type);

    /// <summary>The inner source gives a T where a T? is expected.</summary>
    public sealed record Some(BoundSource Inner) : BoundSource(new LangType.Optional(Inner.Type));

    /// <summary><c>narrow(device, …)</c>: a capability derived from a device, or from another capability.</summary>
    /// <param name="ArgumentOrder">For each argument, which restriction of the kind's table it gives.</param>
    public sealed record Narrow(
        BoundTarget From,
        LangType.Cap Capability,
        ImmutableArray<BoundExpr> Arguments,
        ImmutableArray<int> ArgumentOrder)
        : BoundSource(Capability);
}

/// <summary>Whom an ask or tell goes to.</summary>
public abstract record BoundTarget
{
    private BoundTarget()
    {
    }

    /// <summary>
    /// A static slot: an agent that starts with the module, or a device. The operation of an ask or tell is its place
    /// in <see cref="AgentSymbol.Operations"/>, whatever the target is.
    /// </summary>
    public sealed record Slot(int Place) : BoundTarget;

    /// <summary>A ref or cap value.</summary>
    public sealed record Value(BoundExpr Reference) : BoundTarget;
}
