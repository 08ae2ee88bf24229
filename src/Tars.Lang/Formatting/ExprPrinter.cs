using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Lang.Parsing;
using Tars.Lang.Syntax;

namespace Tars.Lang.Formatting;

/// <summary>Writes expressions, arguments and patterns onto a line.</summary>
/// <remarks>Parentheses that a tree made by hand lacks are added where the precedence needs them.</remarks>
internal sealed class ExprPrinter(FlatText line)
{
    private const int NotLevel = 3;
    private const int CoalesceLevel = 5;
    private const int BitLevel = 6;
    private const int UnaryLevel = 9;
    private const int PostfixLevel = 10;
    private const int DotBreakLevel = 90;

    // A condition that goes on in the next line is hard to tell from the branch behind it.
    private const int ConditionDepth = 3;

    public static string Flat(Expr expr)
    {
        var line = new FlatText();
        new ExprPrinter(line).Print(expr);
        return line.ToString();
    }

    public void Print(Expr expr) => Print(expr, minimumLevel: 0);

    private void Print(Expr expr, int minimumLevel)
    {
        if (LevelOf(expr) >= minimumLevel)
        {
            PrintNode(expr);
            return;
        }

        line.Open("(");
        PrintNode(expr);
        line.Close(")");
    }

    private static int LevelOf(Expr expr) => expr switch
    {
        Expr.Binary binary => OperatorOf(binary.Op).Level,
        Expr.Unary { Op: UnaryOp.Not } => NotLevel,
        Expr.Unary => UnaryLevel,
        _ => PostfixLevel,
    };

    private void PrintNode(Expr expr)
    {
        switch (expr)
        {
            case Expr.Name name:
                line.Add(name.Value);
                break;
            case Expr.Self:
                line.Add("self");
                break;
            case Expr.None:
                line.Add("none");
                break;
            case Expr.Bool truth:
                line.Add(truth.Value ? "true" : "false");
                break;
            case Expr.Int number:
                line.Add(number.Written);
                break;
            case Expr.Float number:
                line.Add(number.Written);
                break;
            case Expr.Duration duration:
                line.Add(duration.Written);
                break;
            case Expr.Text text:
                line.Add("\"").Add(string.Concat(text.Parts.Select(PartOf))).Add("\"");
                break;
            case Expr.Parenthesized parenthesized:
                line.Open("(");
                Print(parenthesized.Inner);
                line.Close(")");
                break;
            case Expr.Unary unary:
                PrintUnary(unary);
                break;
            case Expr.Binary binary:
                PrintBinary(binary);
                break;
            case Expr.List list:
                PrintItems("[", "]", list.Items, item => item.Trivia, item => Print(item.Value));
                break;
            case Expr.Map map:
                PrintItems("[", "]", map.Entries, entry => entry.Trivia, PrintEntry);
                break;
            case Expr.If choice:
                PrintIf(choice);
                break;
            case Expr.Missing:
                break;
            default:
                PrintPostfix(expr);
                break;
        }
    }

    private void PrintPostfix(Expr expr)
    {
        switch (expr)
        {
            case Expr.Field field:
                Print(field.Target, PostfixLevel);
                line.Add(".").Add(field.Member.Text);
                break;
            case Expr.Method method:
                Print(method.Target, PostfixLevel);
                if (method.Target is not (Expr.Name or Expr.Self))
                {
                    line.AllowBreak(DotBreakLevel);
                }

                line.Add(".").Add(method.Member.Text);
                Print(method.Arguments);
                break;
            case Expr.Index index:
                Print(index.Target, PostfixLevel);
                line.Open("[");
                Print(index.At);
                line.Close("]");
                break;
            case Expr.Call call:
                line.Add(call.Callee.Text);
                Print(call.Arguments);
                break;
            case Expr.Make make:
                line.Add(TypeText.Of(make.Type));
                Print(make.Arguments);
                break;
            case Expr.Case choice:
                line.Add(TypeText.Of(choice.Type)).Add(".").Add(choice.CaseName.Text);
                if (choice.Arguments is not null)
                {
                    Print(choice.Arguments);
                }

                break;
            default:
                throw new UnreachableException();
        }
    }

    private void PrintUnary(Expr.Unary unary)
    {
        if (unary.Op == UnaryOp.Not)
        {
            line.Add("not ");
            Print(unary.Operand, NotLevel);
            return;
        }

        line.Add(unary.Operand is Expr.Unary { Op: UnaryOp.Negate } ? "- " : "-");
        Print(unary.Operand, UnaryLevel);
    }

    private void PrintBinary(Expr.Binary binary)
    {
        (string sign, int level) = OperatorOf(binary.Op);
        bool leansRight = level == CoalesceLevel;
        bool chains = level is not (NotLevel + 1) && !leansRight && !MixesBits(binary, level);
        Print(binary.Left, chains ? level : level + 1);
        line.Add(" ").Add(sign).Add(" ");
        line.AllowBreak(level);
        Print(binary.Right, leansRight ? level : level == BitLevel ? UnaryLevel : level + 1);
    }

    /// <summary>Beside an operator on bits only the same one may stand without parentheses.</summary>
    private static bool MixesBits(Expr.Binary binary, int level) =>
        level == BitLevel && binary.Left is Expr.Binary left && left.Op != binary.Op;

    private static (string Sign, int Level) OperatorOf(BinaryOp op)
    {
        OperatorRow row = Vocabulary.Operators.First(row => row.Op == op);
        return (Vocabulary.SpellingOf(row.Kind), row.Level);
    }

    private void PrintIf(Expr.If choice)
    {
        line.Add("if ");
        line.Nested(ConditionDepth, () => Print(choice.Condition));
        line.Add(" { ");
        line.Nested(levels: 1, () => Print(choice.Then));
        line.Add(" } else ");
        if (choice.Else is Expr.If chained)
        {
            PrintIf(chained);
            return;
        }

        line.Add("{ ");
        line.Nested(levels: 1, () => Print(choice.Else));
        line.Add(" }");
    }

    private void PrintEntry(MapEntry entry)
    {
        Print(entry.Key);
        line.Add(" => ");
        Print(entry.Value);
    }

    public void Print(ArgumentList arguments) =>
        PrintItems("(", ")", arguments.Items, argument => argument.Trivia, Print);

    private void Print(Argument argument)
    {
        if (argument.Name is { } name)
        {
            line.Add(name.Text).Add(" = ");
        }

        switch (argument.Value)
        {
            case ArgumentValue.Value value:
                Print(value.Expr);
                break;
            case ArgumentValue.Lambda lambda:
                line.Add(lambda.Parameter.Text).Add(" => ");
                Print(lambda.Body);
                break;
            case ArgumentValue.TypeArgument type:
                line.Add(TypeText.Of(type.Type));
                break;
            default:
                throw new UnreachableException();
        }
    }

    private void PrintItems<T>(
        string open, string close, ImmutableArray<T> items, Func<T, Trivia> triviaOf, Action<T> print)
    {
        line.Open(open);
        for (int index = 0; index < items.Length; index++)
        {
            Trivia trivia = triviaOf(items[index]);
            if (!trivia.Leading.IsEmpty)
            {
                line.ForceBreak(trivia.Leading.Select(comment => comment.Text));
            }
            else if (index > 0)
            {
                line.AllowBreak(level: 0);
            }

            print(items[index]);
            bool isLast = index == items.Length - 1;
            line.Add(isLast ? "" : ", ");
            if (trivia.Trailing is not null)
            {
                line.Add(isLast ? " " : "").Add(trivia.Trailing.Text);
                line.ForceBreak([]);
            }
        }

        line.Close(close);
    }

    public static string PartOf(TextPart part) => part switch
    {
        TextPart.Literal literal => literal.Written,
        TextPart.Hole { Format: { } format } hole => $"{{{Flat(hole.Value)}:{format}}}",
        TextPart.Hole hole => $"{{{Flat(hole.Value)}}}",
        _ => throw new UnreachableException(),
    };

    public static string Of(Pattern pattern) => pattern switch
    {
        Pattern.Case { Binds.IsEmpty: true } plain => plain.Name.Text,
        Pattern.Case payload =>
            $"{payload.Name}({string.Join(", ", payload.Binds.Select(bind => bind.Name?.Text ?? "_"))})",
        Pattern.Text text => $"\"{string.Concat(text.Parts.Select(Of))}\"",
        Pattern.Else => "else",
        Pattern.Missing => "",
        _ => throw new UnreachableException(),
    };

    private static string Of(PatternPart part) => part switch
    {
        PatternPart.Literal literal => literal.Written,
        PatternPart.Hole { Format: { } format } hole => $"{{{hole.Name?.Text ?? "_"}:{format}}}",
        PatternPart.Hole hole => $"{{{hole.Name?.Text ?? "_"}}}",
        _ => throw new UnreachableException(),
    };
}
