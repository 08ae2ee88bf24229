using System.Collections.Immutable;
using System.Globalization;
using Tars.Bundle.Schema;
using Tars.Lang.Formatting;
using Tars.Lang.Syntax;

namespace Tars.Evolution.Planning;

/// <summary>What may stand in the place of an expression: what rules try, and what the audit changes in evaluators.
/// </summary>
internal static class CodeVariants
{
    /// <summary>By what a number is tuned.</summary>
    public static ImmutableArray<double> Factors { get; } = [0.5, 0.8, 1.25, 2];

    /// <summary>One variant of each kind: what a slip of the author could have made of it.</summary>
    public static IEnumerable<string> Mutants(Expr value) =>
        new[] { Constants(value), Comparisons(value), Operators(value), Extremes(value), Parts(value) }
            .SelectMany(kind => kind.TakeLast(1));

    public static IEnumerable<(ImmutableArray<int> Way, Expr Value)> Expressions(
        CodeTree tree, ImmutableArray<int> way)
    {
        if (tree.Value is { } value)
        {
            yield return (way, value);
        }

        foreach (var (place, part) in tree.Parts.Index())
        {
            foreach (var inner in Expressions(part, way.Add(place)))
            {
                yield return inner;
            }
        }
    }

    public static IEnumerable<string> Constants(Expr value) => value switch
    {
        Expr.Float { Value: var number } => Factors.Select(factor => Text(Rounded(number * factor), isInt: false))
            .Concat(number == 0 ? ["1.0", "0.1"] : []),
        Expr.Int { Value: var number } => Factors.Select(factor => Math.Round(number * factor))
            .Append(number - 1).Append(number + 1).Where(one => 0 <= one).Select(one => Text(one, isInt: true))
            .Distinct(StringComparer.Ordinal),
        _ => [],
    };

    public static IEnumerable<string> Comparisons(Expr value) => WithOperator(value, op => op switch
    {
        BinaryOp.Less => "<=",
        BinaryOp.LessOrEqual => "<",
        BinaryOp.Greater => ">=",
        BinaryOp.GreaterOrEqual => ">",
        _ => "",
    });

    public static IEnumerable<string> Operators(Expr value) => WithOperator(value, op => op switch
    {
        BinaryOp.Add => "-",
        BinaryOp.Subtract => "+",
        BinaryOp.Multiply => "/",
        BinaryOp.Divide => "*",
        _ => "",
    });

    private static IEnumerable<string> WithOperator(Expr value, Func<BinaryOp, string> other) =>
        value is Expr.Binary binary && other(binary.Op) is { Length: > 0 } op
            ? [$"({CodeForm.Flat(binary.Left)}) {op} ({CodeForm.Flat(binary.Right)})"]
            : [];

    public static IEnumerable<string> Extremes(Expr value) => value switch
    {
        Expr.Call { Callee.Text: "min" } => [$"max{CodeForm.Flat(value)["min".Length..]}"],
        Expr.Call { Callee.Text: "max" } => [$"min{CodeForm.Flat(value)["max".Length..]}"],
        _ => [],
    };

    public static IEnumerable<string> Parts(Expr value) => value switch
    {
        Expr.Binary binary => [CodeForm.Flat(binary.Left), CodeForm.Flat(binary.Right)],
        Expr.Unary { Op: UnaryOp.Negate } unary => [CodeForm.Flat(unary.Operand)],
        Expr.If branch => [CodeForm.Flat(branch.Then), CodeForm.Flat(branch.Else)],
        Expr.Call { Callee.Text: "min" or "max" } call => call.Arguments.Items.Select(one => one.Value)
            .OfType<ArgumentValue.Value>().Select(one => CodeForm.Flat(one.Expr)),
        _ => [],
    };

    // Four digits that count: what a rule proposes is read by people.
    public static double Rounded(double value) => value == 0 ? 0 : double.Parse(
        value.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    public static string Text(double value, bool isInt) =>
        isInt ? value.ToString("0", CultureInfo.InvariantCulture) : FloatText.Of(value);
}
