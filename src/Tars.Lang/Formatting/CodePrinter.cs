using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Lang.Syntax;

namespace Tars.Lang.Formatting;

/// <summary>Writes statements as lines: two blanks a level, one statement a line, comments where they stood.</summary>
/// <remarks>
/// A block that was on one line stays there while its line fits; every other block has lines of its own.
/// </remarks>
internal sealed class CodePrinter
{
    private const int IndentWidth = 2;

    private readonly List<string> _lines = [];
    private readonly int _width;

    private CodePrinter(int width) => _width = width;

    /// <summary>The lines of a body that begins in a column; indented from that column on.</summary>
    public static List<string> Print(Block body, int column)
    {
        var printer = new CodePrinter(Limits.ColumnsMax - column);
        printer.PrintStatements(body.Statements, body.Dangling, indent: 0);
        return printer._lines;
    }

    private void PrintStatements(ImmutableArray<Stmt> statements, ImmutableArray<Comment> dangling, int indent)
    {
        int first = _lines.Count;
        foreach (Stmt statement in statements)
        {
            PrintLeading(statement.Trivia, indent, first);
            PrintStatement(statement, indent, prefix: "");
            PrintTrailing(statement.Trivia);
        }

        PrintComments(dangling, indent, first);
    }

    private void PrintLeading(Trivia trivia, int indent, int first)
    {
        PrintComments(trivia.Leading, indent, first);
        PrintBlank(trivia.BlankBefore, first);
    }

    private void PrintComments(ImmutableArray<Comment> comments, int indent, int first)
    {
        foreach (Comment comment in comments)
        {
            PrintBlank(comment.BlankBefore, first);
            _lines.Add(Indented(indent, comment.Text));
        }
    }

    private void PrintBlank(bool isWanted, int first)
    {
        if (isWanted && _lines.Count > first && _lines[^1].Length > 0)
        {
            _lines.Add("");
        }
    }

    private void PrintTrailing(Trivia trivia)
    {
        if (trivia.Trailing is not null)
        {
            _lines[^1] += " " + trivia.Trailing.Text;
        }
    }

    /// <summary>On one line when it can stand there and fits, otherwise with its blocks opened.</summary>
    private void PrintStatement(Stmt statement, int indent, string prefix)
    {
        FlatText line = new FlatText().Add(prefix);
        bool isFlat = StatementLine.TryPrint(statement, line) && !line.MustBreak;
        if (isFlat && indent + line.Length <= _width)
        {
            _lines.Add(Indented(indent, line.ToString()));
            return;
        }

        FlatText head = new FlatText().Add(prefix);
        switch (statement)
        {
            case Stmt.If branch:
                PrintIf(branch, indent, head);
                break;
            case Stmt.Match match:
                PrintMatch(match, indent, head);
                break;
            case Stmt.Let { Else: { } clause } let:
                StatementLine.PrintLet(let, head);
                PrintElse(clause, indent, head);
                break;
            case Stmt.Ask { Else: { } clause } ask:
                StatementLine.Print(ask.Request, head);
                PrintElse(clause, indent, head);
                break;
            default:
                PrintLoopOrSimple(statement, indent, head, line);
                break;
        }
    }

    private void PrintLoopOrSimple(Stmt statement, int indent, FlatText head, FlatText line)
    {
        if (StatementLine.TryPrintLoopHead(statement, head) is Block body)
        {
            PrintOpened(body, indent, head);
        }
        else
        {
            AddLines(line, indent);
        }
    }

    private void PrintElse(ElseClause clause, int indent, FlatText head)
    {
        head.Add(" else");
        if (clause.Why is { } why)
        {
            head.Add(" ").Add(why.Text);
        }

        PrintOpened(clause.Body, indent, head);
    }

    private void PrintIf(Stmt.If branch, int indent, FlatText head)
    {
        head.Add("if ");
        StatementLine.Print(branch.Condition, head);
        PrintOpened(branch.Then, indent, head);
        if (branch.Else is null)
        {
            return;
        }

        _lines.RemoveAt(_lines.Count - 1);
        FlatText next = new FlatText().Add("} else");
        switch (branch.Else)
        {
            case ElseBranch.Body body:
                PrintOpened(body.Block, indent, next);
                break;
            case ElseBranch.Chain chain:
                PrintIf(chain.If, indent, next.Add(" "));
                break;
            default:
                throw new UnreachableException();
        }
    }

    private void PrintMatch(Stmt.Match match, int indent, FlatText head)
    {
        head.Add("match ");
        new ExprPrinter(head).Print(match.Subject);
        head.Add(" {");
        AddLines(head, indent);
        int first = _lines.Count;
        foreach (MatchArm arm in match.Arms)
        {
            PrintLeading(arm.Trivia, indent + IndentWidth, first);
            PrintArm(arm, indent + IndentWidth);
            PrintTrailing(arm.Trivia);
        }

        PrintComments(match.Dangling, indent + IndentWidth, first);
        _lines.Add(Indented(indent, "}"));
    }

    private void PrintArm(MatchArm arm, int indent)
    {
        string prefix = ExprPrinter.Of(arm.Pattern) + " => ";
        if (arm.Body.Form == BlockForm.Bare && arm.Body.Statements is [Stmt only])
        {
            PrintStatement(only, indent, prefix);
            return;
        }

        FlatText line = new FlatText().Add(prefix);
        if (StatementLine.TryPrint(arm.Body, line) && !line.MustBreak && indent + line.Length <= _width)
        {
            _lines.Add(Indented(indent, line.ToString()));
            return;
        }

        PrintOpened(arm.Body, indent, new FlatText().Add(prefix.TrimEnd()));
    }

    /// <summary>
    /// A head, its block on lines of its own, and the closing brace; <c>{}</c> when nothing is in it.
    /// </summary>
    private void PrintOpened(Block block, int indent, FlatText head)
    {
        if (block.Statements.IsEmpty && block.Dangling.IsEmpty)
        {
            // The closing brace has a line of its own, for an `else` that may follow it.
            head.Add(" {");
            AddLines(head, indent);
            _lines.Add(Indented(indent, "}"));
            return;
        }

        head.Add(" {");
        AddLines(head, indent);
        PrintStatements(block.Statements, block.Dangling, indent + IndentWidth);
        _lines.Add(Indented(indent, "}"));
    }

    private void AddLines(FlatText line, int indent) =>
        _lines.AddRange(line.ToLines(_width - indent).Select(text => Indented(indent, text)));

    private static string Indented(int indent, string text) => new string(' ', indent) + text;
}
