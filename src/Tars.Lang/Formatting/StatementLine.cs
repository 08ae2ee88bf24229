using System.Diagnostics;
using Tars.Lang.Syntax;

namespace Tars.Lang.Formatting;

/// <summary>
/// Writes a statement on one line where it can stand there: no comments inside, blocks that were on one line.
/// </summary>
internal static class StatementLine
{
    /// <summary>False where the statement needs lines of its own; the line is of no use then.</summary>
    public static bool TryPrint(Stmt statement, FlatText line)
    {
        switch (statement)
        {
            case Stmt.If branch:
                return TryPrintIf(branch, line);
            case Stmt.Match or Stmt.Missing:
                return false;
            case Stmt.Let let:
                PrintLet(let, line);
                return let.Else is null || TryPrint(let.Else, line);
            case Stmt.Ask ask:
                Print(ask.Request, line);
                return ask.Else is null || TryPrint(ask.Else, line);
            default:
                if (TryPrintLoopHead(statement, line) is Block body)
                {
                    line.Add(" ");
                    return TryPrint(body, line);
                }

                PrintSimple(statement, line);
                return true;
        }
    }

    public static bool TryPrint(Block block, FlatText line)
    {
        if (block.Statements.IsEmpty && block.Dangling.IsEmpty)
        {
            line.Add("{}");
            return true;
        }

        if (block.Form != BlockForm.OneLine || !block.Dangling.IsEmpty || block.Statements is not [Stmt only]
            || only.Trivia.HasComments)
        {
            return false;
        }

        line.Add("{ ");
        bool isPrinted = TryPrint(only, line);
        line.Add(" }");
        return isPrinted;
    }

    private static bool TryPrint(ElseClause clause, FlatText line)
    {
        line.Add(clause.Why is { } why ? $" else {why} " : " else ");
        return TryPrint(clause.Body, line);
    }

    private static bool TryPrintIf(Stmt.If branch, FlatText line)
    {
        line.Add("if ");
        Print(branch.Condition, line);
        line.Add(" ");
        if (!TryPrint(branch.Then, line))
        {
            return false;
        }

        switch (branch.Else)
        {
            case null:
                return true;
            case ElseBranch.Body body:
                line.Add(" else ");
                return TryPrint(body.Block, line);
            case ElseBranch.Chain chain:
                line.Add(" else ");
                return TryPrintIf(chain.If, line);
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>The head of a loop, and its body; null, and nothing written, for any other statement.</summary>
    public static Block? TryPrintLoopHead(Stmt statement, FlatText line)
    {
        var printer = new ExprPrinter(line);
        switch (statement)
        {
            case Stmt.While loop:
                line.Add("while ");
                printer.Print(loop.Condition);
                return loop.Body;
            case Stmt.ForRange loop:
                line.Add("for ").Add(loop.Name.Text).Add(" in ");
                printer.Print(loop.From);
                line.Add("..");
                printer.Print(loop.To);
                return loop.Body;
            case Stmt.ForEach loop:
                line.Add("for ").Add(loop.First.Text).Add(loop.Second is { } second ? $", {second}" : "").Add(" in ");
                printer.Print(loop.Collection);
                return loop.Body;
            default:
                return null;
        }
    }

    public static void PrintLet(Stmt.Let let, FlatText line)
    {
        line.Add(let.Kind == LetKind.Let ? "let " : "var ").Add(let.Name.Text);
        if (let.Type is not null)
        {
            line.Add(": ").Add(TypeText.Of(let.Type));
        }

        line.Add(" = ");
        Print(let.Value, line);
    }

    public static void Print(Condition condition, FlatText line)
    {
        switch (condition)
        {
            case Condition.Test test:
                new ExprPrinter(line).Print(test.Expr);
                break;
            case Condition.Bind bind:
                line.Add("let ").Add(bind.Name.Text).Add(" = ");
                Print(bind.Value, line);
                break;
            default:
                throw new UnreachableException();
        }
    }

    public static void Print(Source source, FlatText line)
    {
        var printer = new ExprPrinter(line);
        switch (source)
        {
            case Source.Value value:
                printer.Print(value.Expr);
                break;
            case Source.Spawn spawn:
                line.Add("spawn ").Add(spawn.Agent.Text);
                printer.Print(spawn.Arguments);
                break;
            case Source.Ask ask:
                line.Add("ask ").Add(ask.Target.Text).Add(ask.Operation is { } operation ? $".{operation}" : "");
                printer.Print(ask.Arguments);
                if (ask.Within is not null)
                {
                    line.Add(" within ");
                    printer.Print(ask.Within);
                }

                break;
            default:
                throw new UnreachableException();
        }
    }

    private static void PrintSimple(Stmt statement, FlatText line)
    {
        var printer = new ExprPrinter(line);
        switch (statement)
        {
            case Stmt.Assign assign:
                PrintPlace(assign.Place, line);
                line.Add($" {SignOf(assign.Op)} ");
                Print(assign.Value, line);
                break;
            case Stmt.Return { Value: { } value }:
                line.Add("return ");
                printer.Print(value);
                break;
            case Stmt.Return:
                line.Add("return");
                break;
            case Stmt.Break:
                line.Add("break");
                break;
            case Stmt.Continue:
                line.Add("continue");
                break;
            case Stmt.Fail fail:
                line.Add("fail ");
                printer.Print(fail.Why);
                break;
            case Stmt.Assert assert:
                line.Add("assert ");
                printer.Print(assert.Condition);
                break;
            case Stmt.Spawn spawn:
                Print(spawn.Request, line);
                break;
            case Stmt.Tell tell:
                line.Add($"tell {tell.Target}.{tell.Operation}");
                printer.Print(tell.Arguments);
                break;
            case Stmt.Timer timer:
                line.Add(timer.Kind == TimerKind.After ? "after " : "every ");
                printer.Print(timer.Delay);
                line.Add(" ").Add(timer.Name.Text);
                break;
            case Stmt.Cancel cancel:
                line.Add("cancel ").Add(cancel.Name.Text);
                break;
            case Stmt.Expression expression:
                printer.Print(expression.Value);
                break;
            default:
                throw new UnreachableException();
        }
    }

    // Broken behind an operator, what is no place would end in a line that reads as an assignment of its own.
    private static void PrintPlace(Expr place, FlatText line)
    {
        var alone = new FlatText();
        new ExprPrinter(alone).Print(place);
        if (place is Expr.Binary && !alone.MustBreak)
        {
            line.Add(alone.ToString());
        }
        else
        {
            new ExprPrinter(line).Print(place);
        }
    }

    private static string SignOf(AssignOp op) => op switch
    {
        AssignOp.Set => "=",
        AssignOp.Add => "+=",
        AssignOp.Subtract => "-=",
        AssignOp.Multiply => "*=",
        AssignOp.Divide => "/=",
    };
}
