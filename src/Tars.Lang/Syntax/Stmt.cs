using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Lang.Syntax;

/// <summary>A statement, as written, with the comments that belong to it.</summary>
public abstract record Stmt
{
    private Stmt(TextSpan span, Trivia trivia) => (Span, Trivia) = (span, trivia);

    public TextSpan Span { get; }

    public Trivia Trivia { get; init; }

    /// <summary><c>let name: T = source else why { … }</c>, or <c>var</c>.</summary>
    public sealed record Let(
        TextSpan Span, Trivia Trivia, LetKind Kind, Identifier Name, TypeSyntax? Type, Source Value, ElseClause? Else)
        : Stmt(Span, Trivia);

    /// <summary>
    /// The place is a Name, or a path of Field and Index that begins with one; the checker says so if not.
    /// </summary>
    public sealed record Assign(TextSpan Span, Trivia Trivia, Expr Place, AssignOp Op, TextSpan OpSpan, Source Value)
        : Stmt(Span, Trivia);

    public sealed record If(TextSpan Span, Trivia Trivia, Condition Condition, Block Then, ElseBranch? Else)
        : Stmt(Span, Trivia);

    public sealed record While(TextSpan Span, Trivia Trivia, Expr Condition, Block Body) : Stmt(Span, Trivia);

    /// <summary><c>for i in from..to { … }</c>.</summary>
    public sealed record ForRange(TextSpan Span, Trivia Trivia, Identifier Name, Expr From, Expr To, Block Body)
        : Stmt(Span, Trivia);

    /// <summary><c>for x in list { … }</c> or <c>for k, v in map { … }</c>.</summary>
    public sealed record ForEach(
        TextSpan Span, Trivia Trivia, Identifier First, Identifier? Second, Expr Collection, Block Body)
        : Stmt(Span, Trivia);

    /// <param name="Dangling">Comments after the last arm.</param>
    public sealed record Match(
        TextSpan Span, Trivia Trivia, Expr Subject, ImmutableArray<MatchArm> Arms, ImmutableArray<Comment> Dangling)
        : Stmt(Span, Trivia);

    public sealed record Return(TextSpan Span, Trivia Trivia, Expr? Value) : Stmt(Span, Trivia);

    public sealed record Break(TextSpan Span, Trivia Trivia) : Stmt(Span, Trivia);

    public sealed record Continue(TextSpan Span, Trivia Trivia) : Stmt(Span, Trivia);

    public sealed record Fail(TextSpan Span, Trivia Trivia, Expr Why) : Stmt(Span, Trivia);

    public sealed record Assert(TextSpan Span, Trivia Trivia, Expr Condition) : Stmt(Span, Trivia);

    /// <summary>An ask whose answer is not bound.</summary>
    public sealed record Ask(TextSpan Span, Trivia Trivia, Source.Ask Request, ElseClause? Else) : Stmt(Span, Trivia);

    /// <summary>A spawn whose ref is not bound.</summary>
    public sealed record Spawn(TextSpan Span, Trivia Trivia, Source.Spawn Request) : Stmt(Span, Trivia);

    public sealed record Tell(
        TextSpan Span, Trivia Trivia, Identifier Target, Identifier Operation, ArgumentList Arguments)
        : Stmt(Span, Trivia);

    /// <summary><c>after d name</c> or <c>every d name</c>.</summary>
    public sealed record Timer(TextSpan Span, Trivia Trivia, TimerKind Kind, Expr Delay, Identifier Name)
        : Stmt(Span, Trivia);

    public sealed record Cancel(TextSpan Span, Trivia Trivia, Identifier Name) : Stmt(Span, Trivia);

    /// <summary>An expression by itself: a call, or the value that an else block ends with.</summary>
    public sealed record Expression(TextSpan Span, Trivia Trivia, Expr Value) : Stmt(Span, Trivia);

    /// <summary>Stands where no statement could be read; already reported.</summary>
    public sealed record Missing(TextSpan Span, Trivia Trivia) : Stmt(Span, Trivia);
}

/// <summary>Statements together: a whole body, or what stands between braces.</summary>
/// <param name="Dangling">Comments after the last statement.</param>
public sealed record Block(
    TextSpan Span, BlockForm Form, ImmutableArray<Stmt> Statements, ImmutableArray<Comment> Dangling);

/// <summary>The right side of <c>let</c>, <c>var</c>, <c>=</c> and <c>if let</c>.</summary>
public abstract record Source
{
    private Source(TextSpan span) => Span = span;

    public TextSpan Span { get; }

    public sealed record Value(Expr Expr) : Source(Expr.Span);

    /// <summary>
    /// <c>ask target.operation(…) within d</c>; without an operation the target is a procedure that asks.
    /// </summary>
    public sealed record Ask(
        TextSpan Span, Identifier Target, Identifier? Operation, ArgumentList Arguments, Expr? Within) : Source(Span);

    public sealed record Spawn(TextSpan Span, Identifier Agent, ArgumentList Arguments) : Source(Span);
}

/// <summary><c>else { … }</c> or <c>else why { … }</c> after a source.</summary>
public sealed record ElseClause(TextSpan Span, Identifier? Why, Block Body);

/// <summary>What follows <c>if</c>.</summary>
public abstract record Condition
{
    private Condition(TextSpan span) => Span = span;

    public TextSpan Span { get; }

    public sealed record Test(Expr Expr) : Condition(Expr.Span);

    /// <summary><c>let name = source</c>: holds when the source is not none.</summary>
    public sealed record Bind(TextSpan Span, Identifier Name, Source Value) : Condition(Span);
}

/// <summary>What follows <c>else</c> of a statement.</summary>
public abstract record ElseBranch
{
    private ElseBranch()
    {
    }

    public sealed record Body(Block Block) : ElseBranch;

    public sealed record Chain(Stmt.If If) : ElseBranch;
}

public enum LetKind
{
    Let,
    Var,
}

public enum AssignOp
{
    Set,
    Add,
    Subtract,
    Multiply,
    Divide,
}

public enum TimerKind
{
    After,
    Every,
}

/// <summary>How a block was written.</summary>
public enum BlockForm
{
    /// <summary>Without braces: a whole body, or the one statement of a match arm.</summary>
    Bare,

    /// <summary><c>{ stmt }</c> on one line.</summary>
    OneLine,

    ManyLines,
}
