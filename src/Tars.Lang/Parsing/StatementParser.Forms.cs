using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;

namespace Tars.Lang.Parsing;

/// <summary>The forms of statements, one method each.</summary>
internal sealed partial class StatementParser
{
    private Stmt ParseStatement(int start) => _cursor.Kind switch
    {
        TokenKind.Let or TokenKind.Var => ParseLet(start),
        TokenKind.If => ParseIf(start),
        TokenKind.While => ParseWhile(start),
        TokenKind.For => ParseFor(start),
        TokenKind.Match => ParseMatch(start),
        TokenKind.Return => ParseReturn(start),
        TokenKind.Break => ParseBreak(start),
        TokenKind.Continue => ParseContinue(start),
        TokenKind.Fail => ParseFail(start),
        TokenKind.Assert => ParseAssert(start),
        TokenKind.Ask => ParseAskStatement(start),
        TokenKind.Spawn => ParseSpawnStatement(start),
        TokenKind.Tell => ParseTell(start),
        TokenKind.After or TokenKind.Every => ParseTimer(start),
        TokenKind.Cancel => ParseCancel(start),
        _ => ParseForeign(start) ?? ParseAssignOrCall(start),
    };

    private TextSpan Span(int start) => _cursor.SpanFrom(start);

    private Stmt.Let ParseLet(int start)
    {
        LetKind kind = _cursor.Take().Kind == TokenKind.Var ? LetKind.Var : LetKind.Let;
        Identifier name = RequireFreshName("a name");
        TypeSyntax? type = _cursor.TryTake(TokenKind.Colon) ? _expressions.Types.Parse() : null;
        _cursor.Require(TokenKind.Equal, "give it a value: `let name = …`");
        Source value = ParseSource();
        ElseClause? otherwise = ParseElse();
        return new Stmt.Let(Span(start), Trivia.None, kind, name, type, value, otherwise);
    }

    /// <summary>A name to be declared. <c>let mut x</c> and the like get their mend.</summary>
    private Identifier RequireFreshName(string what)
    {
        bool isForeign = _cursor.Kind == TokenKind.Name && _cursor.Peek(1) == TokenKind.Name;
        if (isForeign && Vocabulary.ForeignWords.TryGetValue(_cursor.CurrentText, out string? mend))
        {
            _cursor.Fail(Report.ForeignSyntax(_cursor.SpanOf(_cursor.Current), _cursor.CurrentText, mend));
        }

        return _cursor.RequireName(what);
    }

    private Source ParseSource()
    {
        switch (_cursor.Kind)
        {
            case TokenKind.Ask:
                return ParseAsk();
            case TokenKind.Spawn:
                return ParseSpawn();
            default:
                return new Source.Value(_expressions.Parse());
        }
    }

    private Source.Ask ParseAsk()
    {
        int start = _cursor.Take().Start;
        Identifier target = _cursor.RequireName("whom to ask");
        Identifier? operation = _cursor.TryTake(TokenKind.Dot) ? _cursor.RequireName("what to ask") : null;
        ArgumentList arguments = _expressions.ParseArguments();
        Expr? within = _cursor.TryTake(TokenKind.Within) ? _expressions.ParsePostfix() : null;
        return new Source.Ask(Span(start), target, operation, arguments, within);
    }

    private Source.Spawn ParseSpawn()
    {
        int start = _cursor.Take().Start;
        Identifier agent = _cursor.RequireAgent();
        ArgumentList arguments = _expressions.ParseArguments();
        return new Source.Spawn(Span(start), agent, arguments);
    }

    private ElseClause? ParseElse()
    {
        if (_cursor.Kind != TokenKind.Else || _cursor.Failed)
        {
            return null;
        }

        int start = _cursor.Take().Start;
        Identifier? why = _cursor.Kind == TokenKind.Name ? Head(() => _cursor.RequireName("a name")) : null;
        Block body = ParseBlock();
        return new ElseClause(Span(start), why, body);
    }

    private Stmt.If ParseIf(int start)
    {
        _cursor.Take();
        Condition condition = Head(ParseCondition);
        Block then = ParseBlock();
        ElseBranch? otherwise = null;
        if (_cursor.FollowsAfterNewlines(TokenKind.Else) && then.Form != BlockForm.Bare)
        {
            _cursor.SkipNewlines();
            _cursor.Step();
            otherwise = ParseElseBranch();
        }

        return new Stmt.If(Span(start), Trivia.None, condition, then, otherwise);
    }

    private ElseBranch ParseElseBranch()
    {
        int start = _cursor.Current.Start;
        if (_cursor.Kind != TokenKind.If)
        {
            return new ElseBranch.Body(ParseBlock());
        }

        if (_nesting >= Limits.CodeDepthMax)
        {
            _cursor.Fail(Report.CodeTooDeep(_cursor.SpanOf(_cursor.Current)));
            return new ElseBranch.Body(ParseBlock());
        }

        _nesting++;
        Stmt.If chained = ParseIf(start);
        _nesting--;
        return new ElseBranch.Chain(chained);
    }

    private Condition ParseCondition()
    {
        if (_cursor.Kind != TokenKind.Let)
        {
            return new Condition.Test(_expressions.Parse());
        }

        int start = _cursor.Take().Start;
        Identifier name = _cursor.RequireName("a name");
        _cursor.Require(TokenKind.Equal, "write `if let name = …`");
        Source value = ParseSource();
        return new Condition.Bind(Span(start), name, value);
    }

    private Stmt.While ParseWhile(int start)
    {
        _cursor.Take();
        Expr condition = Head(_expressions.Parse);
        Block body = ParseBlock();
        return new Stmt.While(Span(start), Trivia.None, condition, body);
    }

    private Stmt ParseFor(int start)
    {
        _cursor.Take();
        _cursor.IsInHead = true;
        Identifier first = _cursor.RequireName("a name", "write `for x in list` or `for i in 0..n`");
        Identifier? second = _cursor.TryTake(TokenKind.Comma) ? _cursor.RequireName("a second name") : null;
        _cursor.Require(TokenKind.In, "write `for x in list`, `for k, v in map` or `for i in 0..n`");
        Expr from = _expressions.ParseSum();
        Expr? to = _cursor.TryTake(TokenKind.DotDot) ? _expressions.ParseSum() : null;
        Block body = ParseBlock();
        return to is null
            ? new Stmt.ForEach(Span(start), Trivia.None, first, second, from, body)
            : new Stmt.ForRange(Span(start), Trivia.None, first, from, to, body);
    }

    private Stmt.Return ParseReturn(int start)
    {
        _cursor.Take();
        bool isBare = _cursor.Kind is TokenKind.Newline or TokenKind.CloseBrace or TokenKind.End;
        Expr? value = isBare ? null : _expressions.Parse();
        return new Stmt.Return(Span(start), Trivia.None, value);
    }

    private Stmt.Break ParseBreak(int start)
    {
        _cursor.Take();
        return new Stmt.Break(Span(start), Trivia.None);
    }

    private Stmt.Continue ParseContinue(int start)
    {
        _cursor.Take();
        return new Stmt.Continue(Span(start), Trivia.None);
    }

    private Stmt.Fail ParseFail(int start)
    {
        _cursor.Take();
        Expr why = _expressions.Parse();
        return new Stmt.Fail(Span(start), Trivia.None, why);
    }

    private Stmt.Assert ParseAssert(int start)
    {
        _cursor.Take();
        Expr condition = _expressions.Parse();
        return new Stmt.Assert(Span(start), Trivia.None, condition);
    }

    private Stmt.Ask ParseAskStatement(int start)
    {
        Source.Ask request = ParseAsk();
        ElseClause? otherwise = ParseElse();
        return new Stmt.Ask(Span(start), Trivia.None, request, otherwise);
    }

    private Stmt.Spawn ParseSpawnStatement(int start)
    {
        Source.Spawn request = ParseSpawn();
        return new Stmt.Spawn(Span(start), Trivia.None, request);
    }

    private Stmt.Tell ParseTell(int start)
    {
        _cursor.Take();
        Identifier target = _cursor.RequireName("whom to tell");
        _cursor.Require(TokenKind.Dot, "write `tell target.name(…)`");
        Identifier operation = _cursor.RequireName("what to tell");
        ArgumentList arguments = _expressions.ParseArguments();
        return new Stmt.Tell(Span(start), Trivia.None, target, operation, arguments);
    }

    private Stmt.Timer ParseTimer(int start)
    {
        TimerKind kind = _cursor.Take().Kind == TokenKind.After ? TimerKind.After : TimerKind.Every;
        Expr delay = _expressions.ParsePostfix();
        Identifier name = _cursor.RequireName("the name of a timer");
        return new Stmt.Timer(Span(start), Trivia.None, kind, delay, name);
    }

    private Stmt.Cancel ParseCancel(int start)
    {
        _cursor.Take();
        Identifier name = _cursor.RequireName("the name of a timer");
        return new Stmt.Cancel(Span(start), Trivia.None, name);
    }

    /// <summary>
    /// A statement of another language: told with its mend. Blocks behind it are read for their own mistakes.
    /// </summary>
    private Stmt.Missing? ParseForeign(int start)
    {
        TokenKind next = _cursor.Peek(1);
        bool isStatement = next is TokenKind.Name or TokenKind.TypeName or TokenKind.OpenBrace or TokenKind.Text
            or TokenKind.Int or TokenKind.Underscore or TokenKind.Colon or TokenKind.Not or TokenKind.Self;
        string word = _cursor.CurrentText;
        if (_cursor.Kind != TokenKind.Name || !isStatement
            || !Vocabulary.ForeignWords.TryGetValue(word, out string? mend))
        {
            return null;
        }

        _cursor.IsInHead = true;
        _cursor.Fail(Report.ForeignSyntax(_cursor.SpanOf(_cursor.Current), word, mend));
        while (_cursor.Kind == TokenKind.OpenBrace)
        {
            ParseBlock();
            _cursor.IsInHead = true;
            _cursor.SkipToStatementEnd();
        }

        return new Stmt.Missing(Span(start), Trivia.None);
    }

    private Stmt ParseAssignOrCall(int start)
    {
        Expr place = _expressions.Parse();
        AssignOp? op = _cursor.Kind switch
        {
            TokenKind.Equal => AssignOp.Set,
            TokenKind.PlusEqual => AssignOp.Add,
            TokenKind.MinusEqual => AssignOp.Subtract,
            TokenKind.StarEqual => AssignOp.Multiply,
            TokenKind.SlashEqual => AssignOp.Divide,
            _ => null,
        };
        if (op is null)
        {
            return new Stmt.Expression(Span(start), Trivia.None, place);
        }

        TextSpan sign = _cursor.SpanOf(_cursor.Take());
        Source value = op == AssignOp.Set ? ParseSource() : new Source.Value(_expressions.Parse());
        return new Stmt.Assign(Span(start), Trivia.None, place, op.Value, sign, value);
    }

    private Stmt.Match ParseMatch(int start)
    {
        _cursor.Take();
        Expr subject = Head(_expressions.Parse);
        bool headFailed = _cursor.Failed;
        Token open = _cursor.Current;
        if (open.Kind != TokenKind.OpenBrace)
        {
            _cursor.FailExpected("`{`", "put the arms between `{ }`");
            return new Stmt.Match(Span(start), Trivia.None, subject, [], []);
        }

        if (_nesting >= Limits.CodeDepthMax)
        {
            _cursor.Fail(Report.CodeTooDeep(_cursor.SpanOf(open)));
            return new Stmt.Match(Span(start), Trivia.None, subject, [], []);
        }

        _nesting++;
        _cursor.Step();
        var arms = ImmutableArray.CreateBuilder<MatchArm>();
        _cursor.SkipNewlines();
        while (_cursor.Kind is not (TokenKind.CloseBrace or TokenKind.End) && !IsFull())
        {
            arms.Add(ParseArm());
            _cursor.SkipNewlines();
        }

        _nesting--;

        ImmutableArray<Comment> dangling = _cursor.TakeCommentsBefore(_cursor.Current.Start);
        CloseBlock(open);
        _cursor.Failed = headFailed;
        return new Stmt.Match(Span(start), Trivia.None, subject, arms.ToImmutable(), dangling);
    }

    private MatchArm ParseArm()
    {
        _cursor.Failed = false;
        int start = _cursor.Current.Start;
        ImmutableArray<Comment> leading = _cursor.TakeCommentsBefore(start);
        bool blank = _cursor.HasBlankLineBefore(start);
        Pattern pattern = ParsePattern(start);
        _cursor.Require(TokenKind.Arrow, "write `pattern => statement`");
        if (_cursor.Failed)
        {
            pattern = new Pattern.Missing(pattern.Span);
        }

        Block body = _cursor.Failed ? new Block(Span(start), BlockForm.OneLine, [], [])
            : _cursor.Kind == TokenKind.OpenBrace ? ParseBlock()
            : ParseArmStatement();
        EndStatement();
        ImmutableArray<Comment> inner = _cursor.TakeCommentsBefore(_cursor.LastEnd);
        var trivia = new Trivia([.. leading, .. inner], _cursor.TakeTrailingComment(), blank);
        return new MatchArm(Span(start), trivia, pattern, body);
    }

    /// <summary>The comment at the end of the line is the arm's, not the statement's.</summary>
    private Block ParseArmStatement()
    {
        int start = _cursor.Current.Start;
        Stmt statement = ParseStatement(start);
        EndStatement();
        if (_cursor.Failed)
        {
            statement = StatementRepair.WithoutBrokenParts(statement, Span(start));
        }

        return new Block(Span(start), BlockForm.Bare, [statement], []);
    }

    private Pattern ParsePattern(int start)
    {
        Token token = _cursor.Current;
        switch (token.Kind)
        {
            case TokenKind.Else:
                _cursor.Take();
                return new Pattern.Else(Span(start));
            case TokenKind.Text:
                _cursor.Take();
                return _cursor.Failed
                    ? new Pattern.Missing(Span(start))
                    : new TextParser(_cursor, _nesting).ParsePattern(token);
            case TokenKind.Name:
                Identifier name = _cursor.RequireName("a case");
                ImmutableArray<PatternBind> binds = _cursor.Kind == TokenKind.OpenRound ? ParseBindings() : [];
                return new Pattern.Case(Span(start), name, binds);
            default:
                string hint = token.Kind switch
                {
                    TokenKind.TypeName => "write the case alone, without its type",
                    TokenKind.Underscore => "write `else`",
                    _ => "write the name of a case, a text, or `else`",
                };
                _cursor.FailExpected("a pattern", hint);
                return new Pattern.Missing(Span(start));
        }
    }

    private ImmutableArray<PatternBind> ParseBindings()
    {
        var binds = ImmutableArray.CreateBuilder<PatternBind>();
        _cursor.Take();
        while (!_cursor.Failed && _cursor.Kind != TokenKind.CloseRound)
        {
            Token token = _cursor.Current;
            Identifier? name = _cursor.TryTake(TokenKind.Underscore) ? null : _cursor.RequireName("a name or `_`");
            binds.Add(new PatternBind(_cursor.SpanOf(token), name));
            if (!_cursor.TryTake(TokenKind.Comma))
            {
                break;
            }
        }

        _cursor.Require(TokenKind.CloseRound);
        return binds.ToImmutable();
    }
}
