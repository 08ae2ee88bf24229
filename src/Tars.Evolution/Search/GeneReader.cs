using System.Collections.Immutable;
using Tars.Lang.Syntax;

namespace Tars.Evolution.Search;

/// <summary>Reads a body as a gene, where it is one expression of what genes are made of.</summary>
internal static class GeneReader
{
    /// <summary>Null for every other body.</summary>
    public static Gene? Of(Block body, ImmutableArray<string> inputs) =>
        body.Statements is [Stmt.Return { Value: { } value }] ? Of(value, inputs) : null;

    private static Gene? Of(Expr value, ImmutableArray<string> inputs) => value switch
    {
        Expr.Parenthesized brackets => Of(brackets.Inner, inputs),
        Expr.Float number => Gene.Constant(number.Value),
        Expr.Int number => Gene.Constant(number.Value),
        Expr.Name name when inputs.IndexOf(name.Value) is >= 0 and int at => Gene.OfInput(at),
        Expr.Unary { Op: UnaryOp.Negate } negation => Join(GeneKind.Negate, inputs, negation.Operand),
        Expr.Call { Callee.Text: "float" } call => OnlyOf(call.Arguments) is { } inner ? Of(inner, inputs) : null,
        Expr.Call { Callee.Text: "abs" } call => Join(GeneKind.Absolute, inputs, call.Arguments),
        Expr.Call { Callee.Text: "min" } call => Join(GeneKind.Least, inputs, call.Arguments),
        Expr.Call { Callee.Text: "max" } call => Join(GeneKind.Greatest, inputs, call.Arguments),
        Expr.Binary binary => KindOf(binary.Op) is { } kind ? Join(kind, inputs, binary.Left, binary.Right) : null,
        Expr.If { Condition: Expr.Binary { Op: BinaryOp.Less } less } branch =>
            Join(GeneKind.IfLess, inputs, less.Left, less.Right, branch.Then, branch.Else),
        _ => null,
    };

    private static Gene? Join(GeneKind kind, ImmutableArray<string> inputs, ArgumentList arguments)
    {
        var values = arguments.Items.Select(one => (one.Value as ArgumentValue.Value)?.Expr).OfType<Expr>().ToArray();
        return Join(kind, inputs, values);
    }

    private static Gene? Join(GeneKind kind, ImmutableArray<string> inputs, params Expr[] parts)
    {
        var read = parts.Select(part => Of(part, inputs)).OfType<Gene>().ToImmutableArray();
        return read.Length == parts.Length && read.Length == Gene.Arity(kind) ? Gene.Of(kind, read) : null;
    }

    private static Expr? OnlyOf(ArgumentList arguments) =>
        arguments.Items is [{ Value: ArgumentValue.Value value }] ? value.Expr : null;

    private static GeneKind? KindOf(BinaryOp op) => op switch
    {
        BinaryOp.Add => GeneKind.Add,
        BinaryOp.Subtract => GeneKind.Subtract,
        BinaryOp.Multiply => GeneKind.Multiply,
        BinaryOp.Divide => GeneKind.Divide,
        _ => null,
    };
}
