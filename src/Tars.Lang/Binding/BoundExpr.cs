using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>
/// A checked expression: every name is a symbol, every conversion is a node, every default is filled in.
/// </summary>
/// <remarks>
/// Evaluation is strictly left to right, in the order in which children stand here.
/// A tree that has diagnostics of severity error is never emitted; it may hold <see cref="Bad"/>.
/// </remarks>
public abstract record BoundExpr
{
    private BoundExpr(LangType type, TextSpan span)
    {
        Type = type;
        Span = span;
    }

    public LangType Type { get; }

    public TextSpan Span { get; }

    public sealed record BoolLiteral(bool Value, TextSpan Span) : BoundExpr(new LangType.Bool(), Span);

    /// <summary>An int, a duration or an instant in nanoseconds.</summary>
    public sealed record IntLiteral(long Value, LangType Type, TextSpan Span) : BoundExpr(Type, Span);

    public sealed record FloatLiteral(double Value, TextSpan Span) : BoundExpr(new LangType.Float(), Span);

    public sealed record TextLiteral(string Value, TextSpan Span) : BoundExpr(new LangType.Text(), Span);

    /// <summary>Bytes that were worked out; nobody can write them down.</summary>
    public sealed record BytesLiteral(ImmutableArray<byte> Value, TextSpan Span)
        : BoundExpr(new LangType.Bytes(), Span);

    /// <summary><c>none</c>; the type is an Optional.</summary>
    public sealed record None(LangType Type, TextSpan Span) : BoundExpr(Type, Span);

    /// <summary>A T where a T? is expected.</summary>
    public sealed record Some(BoundExpr Value) : BoundExpr(new LangType.Optional(Value.Type), Value.Span);

    /// <summary>A T where a T! is expected.</summary>
    public sealed record Success(BoundExpr Value, LangType Type) : BoundExpr(Type, Value.Span);

    /// <summary>A Failure where a T! is expected.</summary>
    public sealed record FailureOf(BoundExpr Value, LangType Type) : BoundExpr(Type, Value.Span);

    public sealed record Local(LocalSymbol Symbol, TextSpan Span) : BoundExpr(Symbol.Type, Span);

    public sealed record State(StateSymbol Symbol, TextSpan Span) : BoundExpr(Symbol.Type, Span);

    public sealed record Param(ParamSymbol Symbol, TextSpan Span) : BoundExpr(Symbol.Type, Span);

    public sealed record Constant(ConstantSymbol Symbol, TextSpan Span) : BoundExpr(Symbol.Type, Span);

    /// <summary><c>self</c>: the slot of the process itself.</summary>
    public sealed record Self(LangType Type, TextSpan Span) : BoundExpr(Type, Span);

    public sealed record Field(BoundExpr Target, int FieldIndex, LangType Type, TextSpan Span) : BoundExpr(Type, Span);

    /// <summary>Of a list, a map or bytes, by the target's type. Traps when there is no such element.</summary>
    public sealed record Index(BoundExpr Target, BoundExpr At, LangType Type, TextSpan Span) : BoundExpr(Type, Span);

    /// <summary>Arguments in the order written, then the defaults; each field exactly once.</summary>
    public sealed record MakeRecord(
        RecordSymbol Symbol, ImmutableArray<BoundFieldValue> Fields, TextSpan Span)
        : BoundExpr(new LangType.Record(Symbol), Span);

    public sealed record MakeCase(
        VariantSymbol Symbol, CaseSymbol Case, ImmutableArray<BoundFieldValue> Fields, TextSpan Span)
        : BoundExpr(new LangType.Variant(Symbol), Span);

    public sealed record ListLiteral(
        ImmutableArray<BoundExpr> Items, LangType Type, TextSpan Span) : BoundExpr(Type, Span);

    /// <summary>Later entries replace earlier ones with the same key.</summary>
    public sealed record MapLiteral(
        ImmutableArray<KeyValuePair<BoundExpr, BoundExpr>> Entries, LangType Type, TextSpan Span)
        : BoundExpr(Type, Span);

    public sealed record If(
        BoundExpr Condition, BoundExpr Then, BoundExpr Else, LangType Type, TextSpan Span) : BoundExpr(Type, Span);

    public sealed record And(BoundExpr Left, BoundExpr Right, TextSpan Span) : BoundExpr(new LangType.Bool(), Span);

    public sealed record Or(BoundExpr Left, BoundExpr Right, TextSpan Span) : BoundExpr(new LangType.Bool(), Span);

    public sealed record Not(BoundExpr Operand, TextSpan Span) : BoundExpr(new LangType.Bool(), Span);

    /// <summary>Of an int, a float or a duration.</summary>
    public sealed record Negate(BoundExpr Operand, TextSpan Span) : BoundExpr(Operand.Type, Span);

    /// <summary>
    /// What it does follows from the operator and the operands' types (docs/language.md, expressions).
    /// </summary>
    public sealed record Binary(
        BoundBinaryOp Op, BoundExpr Left, BoundExpr Right, LangType Type, TextSpan Span) : BoundExpr(Type, Span);

    /// <summary>Both sides have the same type; a T beside a T? has been wrapped.</summary>
    public sealed record Compare(
        BoundCompareOp Op, BoundExpr Left, BoundExpr Right, TextSpan Span) : BoundExpr(new LangType.Bool(), Span);

    /// <summary><c>??</c>: Left is a T?; Right a T (then the result is T) or a T?.</summary>
    public sealed record Coalesce(
        BoundExpr Left, BoundExpr Right, LangType Type, TextSpan Span) : BoundExpr(Type, Span);

    /// <summary>Text with holes.</summary>
    public sealed record Template(ImmutableArray<BoundTemplatePart> Parts, TextSpan Span)
        : BoundExpr(new LangType.Text(), Span);

    public sealed record CallFunction(
        FunctionSymbol Function, ImmutableArray<BoundExpr> Arguments, TextSpan Span)
        : BoundExpr(Function.Returns, Span);

    /// <summary>Of a procedure that does not ask.</summary>
    public sealed record CallProcedure(
        ProcedureSymbol Procedure, ImmutableArray<BoundExpr> Arguments, TextSpan Span)
        : BoundExpr(Procedure.Returns, Span);

    /// <summary>A built-in that gives a value. For json_decode the type is the Fallible of what is decoded.</summary>
    public sealed record CallBuiltIn(
        BuiltIn BuiltIn, ImmutableArray<BoundExpr> Arguments, LangType Type, TextSpan Span) : BoundExpr(Type, Span);

    /// <summary>In the standard library's own sources only.</summary>
    public sealed record CallIntrinsic(
        Intrinsic Intrinsic, ImmutableArray<BoundExpr> Arguments, LangType Type, TextSpan Span) : BoundExpr(Type, Span);

    /// <summary>A method that reads its receiver and gives a value.</summary>
    public sealed record CallMethod(
        Method Method, BoundExpr Receiver, ImmutableArray<BoundExpr> Arguments, LangType Type, TextSpan Span)
        : BoundExpr(Type, Span);

    /// <summary>A list method with a lambda, expanded in place: Body sees Item and everything in scope.</summary>
    public sealed record LambdaMethod(
        Method Method, BoundExpr Receiver, LocalSymbol Item, BoundExpr Body, LangType Type, TextSpan Span)
        : BoundExpr(Type, Span);

    /// <summary><c>belief(id)</c>: the strength as of the last commit.</summary>
    public sealed record Belief(int BeliefIndex, TextSpan Span) : BoundExpr(new LangType.Float(), Span);

    /// <summary>In an expectation only: something of the run, seen from outside.</summary>
    /// <param name="Given">Holds what was seen, when the expectation is judged.</param>
    public sealed record Observed(Observation What, LocalSymbol Given, TextSpan Span) : BoundExpr(Given.Type, Span)
    {
        public Observed(Observation what, LangType type, TextSpan span)
            : this(what, new LocalSymbol("observed", type, mutable: false, span), span)
        {
        }
    }

    /// <summary>Stands where something was reported.</summary>
    public sealed record Bad(TextSpan Span) : BoundExpr(new LangType.Error(), Span);
}

/// <summary>A value for the field with that index.</summary>
public sealed record BoundFieldValue(int FieldIndex, BoundExpr Value);

/// <summary>A piece of a template.</summary>
public abstract record BoundTemplatePart
{
    private BoundTemplatePart()
    {
    }

    public sealed record Literal(string Text) : BoundTemplatePart;

    /// <param name="Digits">After the point, for a float with <c>:.N</c>; null without a format.</param>
    public sealed record Hole(BoundExpr Value, int? Digits) : BoundTemplatePart;
}

public enum BoundBinaryOp
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
}

public enum BoundCompareOp
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}
