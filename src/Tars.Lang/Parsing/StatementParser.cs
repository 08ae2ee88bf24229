using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;

namespace Tars.Lang.Parsing;

/// <summary>
/// Reads statements and blocks. A wrong statement is told once, and the next one is read as if nothing was.
/// </summary>
internal sealed partial class StatementParser
{
    private readonly TokenCursor _cursor;
    private readonly ExpressionParser _expressions;
    private int _nesting;
    private int _count;
    private bool _openBlockIsReported;

    public StatementParser(TokenCursor cursor)
    {
        _cursor = cursor;
        _expressions = new ExpressionParser(cursor, nesting: 0);
    }

    /// <summary>A whole body: everything up to the end.</summary>
    public Block ParseBody()
    {
        int start = _cursor.Current.Start;
        var statements = ImmutableArray.CreateBuilder<Stmt>();
        while (true)
        {
            ParseStatements(statements);
            if (_cursor.Kind == TokenKind.End)
            {
                break;
            }

            _cursor.Failed = false;
            _cursor.Tell(Report.ClosesNothing(_cursor.SpanOf(_cursor.Current), "}"));
            _cursor.Step();
        }

        ImmutableArray<Comment> dangling = _cursor.TakeCommentsBefore(int.MaxValue);
        return new Block(_cursor.Place(start, _cursor.Current.End), BlockForm.Bare, statements.ToImmutable(), dangling);
    }

    /// <summary>Statements up to a closing brace or the end.</summary>
    private void ParseStatements(ImmutableArray<Stmt>.Builder statements)
    {
        _cursor.SkipNewlines();
        while (_cursor.Kind is not (TokenKind.CloseBrace or TokenKind.End) && !IsFull())
        {
            statements.Add(ParseWhole());
            _cursor.SkipNewlines();
        }
    }

    /// <summary>Counts a statement or an arm; of a body with too many the rest is not read.</summary>
    private bool IsFull()
    {
        if (_count++ != Limits.StatementCountMax)
        {
            return false;
        }

        _cursor.Tell(Report.TooManyStatements(_cursor.SpanOf(_cursor.Current), Limits.StatementCountMax));
        _openBlockIsReported = true;
        _cursor.SkipToEnd();
        return true;
    }

    /// <summary>One statement with its comments, up to the end of its line; it fails or succeeds by itself.</summary>
    private Stmt ParseWhole()
    {
        bool outerFailed = _cursor.Failed;
        bool outerHead = _cursor.IsInHead;
        _cursor.Failed = false;
        _cursor.IsInHead = false;
        int start = _cursor.Current.Start;
        ImmutableArray<Comment> leading = _cursor.TakeCommentsBefore(start);
        bool blank = _cursor.HasBlankLineBefore(start);
        Stmt statement = ParseStatement(start);
        EndStatement();
        ImmutableArray<Comment> inner = _cursor.TakeCommentsBefore(_cursor.LastEnd);
        var trivia = new Trivia([.. leading, .. inner], _cursor.TakeTrailingComment(), blank);
        if (_cursor.Failed)
        {
            statement = StatementRepair.WithoutBrokenParts(statement, _cursor.SpanFrom(start));
        }

        _cursor.Failed = outerFailed;
        _cursor.IsInHead = outerHead;
        return statement with { Trivia = trivia };
    }

    private void EndStatement()
    {
        _cursor.IsInHead = false;
        if (_cursor.Kind is TokenKind.Newline or TokenKind.CloseBrace or TokenKind.End)
        {
            return;
        }

        if (!_cursor.Failed)
        {
            if (!TryForeignWord(_cursor.Current) && !TryForeignWord(_cursor.Last))
            {
                _cursor.FailExpected("the end of the line", HintAtEnd());
            }
        }

        _cursor.SkipToStatementEnd();
    }

    private bool TryForeignWord(Token token)
    {
        string word = _cursor.TextOf(token);
        if (token.Kind != TokenKind.Name || !Vocabulary.ForeignWords.TryGetValue(word, out string? mend))
        {
            return false;
        }

        _cursor.Fail(Report.ForeignSyntax(_cursor.SpanOf(token), word, mend));
        return true;
    }

    private string HintAtEnd() => _cursor.Kind switch
    {
        TokenKind.If => "write `if c { a } else { b }`; one statement stands on one line",
        TokenKind.Question => "write `if c { a } else { b }`",
        TokenKind.OpenBrace => "write a map as `[key => value]` and a record as `Type(field = value)`",
        TokenKind.Arrow => "write `x => …` only as the argument of a list method",
        TokenKind.Else => "give `else` a block: `else { … }`",
        TokenKind.Colon => "write blocks in `{ }`, and a type only after the name in `let name: type = …`",
        _ => "write one statement a line",
    };

    private Block ParseBlock()
    {
        Token open = _cursor.Current;
        bool headFailed = _cursor.Failed;
        _cursor.IsInHead = false;
        if (open.Kind != TokenKind.OpenBrace)
        {
            _cursor.FailExpected(
                "`{`",
                open.Kind == TokenKind.Equal ? "write `==` to compare" : "put the statements between `{ }`");
            return new Block(_cursor.Place(open.Start, open.Start), BlockForm.ManyLines, [], []);
        }

        if (_nesting >= Limits.CodeDepthMax)
        {
            _cursor.Fail(Report.CodeTooDeep(_cursor.SpanOf(open)));
            _cursor.SkipToStatementEnd();
            return new Block(_cursor.SpanOf(open), BlockForm.ManyLines, [], []);
        }

        _nesting++;
        _cursor.Step();
        var statements = ImmutableArray.CreateBuilder<Stmt>();
        ParseStatements(statements);
        ImmutableArray<Comment> dangling = _cursor.TakeCommentsBefore(_cursor.Current.Start);
        CloseBlock(open);
        _nesting--;
        _cursor.Failed |= headFailed;
        TextSpan span = _cursor.SpanFrom(open.Start);
        string text = _cursor.Code.Slice.Text[open.Start.._cursor.LastEnd];
        BlockForm form = text.Contains('\n', StringComparison.Ordinal) ? BlockForm.ManyLines : BlockForm.OneLine;
        return new Block(span, form, statements.ToImmutable(), dangling);
    }

    /// <summary>One missing brace leaves every block round it open: one message is enough.</summary>
    private void CloseBlock(Token open)
    {
        if (_cursor.Kind == TokenKind.CloseBrace)
        {
            _cursor.Step();
        }
        else if (!_openBlockIsReported)
        {
            _openBlockIsReported = true;
            _cursor.Tell(Report.NotClosed(_cursor.SpanOf(open), "{", "}"));
        }
    }

    /// <summary>Parses the head of a statement: a mistake in it does not lose the block behind it.</summary>
    private T Head<T>(Func<T> parse)
    {
        _cursor.IsInHead = true;
        T head = parse();
        _cursor.IsInHead = false;
        return head;
    }
}
