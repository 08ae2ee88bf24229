using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;

namespace Tars.Lang.Parsing;

/// <summary>The primaries of expressions: literals, names, brackets, arguments.</summary>
internal sealed partial class ExpressionParser
{
    private Expr ParsePrimary()
    {
        Token token = _cursor.Current;
        TextSpan span = _cursor.SpanOf(token);
        _height = 1;
        switch (token.Kind)
        {
            case TokenKind.Int or TokenKind.Float or TokenKind.Duration:
                return ParseNumber(token, span);
            case TokenKind.True or TokenKind.False:
                _cursor.Take();
                return new Expr.Bool(span, token.Kind == TokenKind.True);
            case TokenKind.None:
                _cursor.Take();
                return new Expr.None(span);
            case TokenKind.Self:
                _cursor.Take();
                return new Expr.Self(span);
            case TokenKind.Text:
                _cursor.Take();
                return _cursor.Failed ? new Expr.Missing(span) : new TextParser(_cursor, _nesting).ParseText(token);
            case TokenKind.Name:
                return ParseName(token, span);
            case TokenKind.TypeName:
                return ParseTyped(token.Start, module: null);
            case TokenKind.OpenRound:
                _cursor.Take();
                Expr inner = Nested(token, Parse);
                RequireCloser(token, TokenKind.CloseRound);
                return new Expr.Parenthesized(_cursor.SpanFrom(token.Start), inner);
            case TokenKind.OpenSquare:
                return ParseBrackets(token);
            case TokenKind.If:
                return Nested(token, ParseIf);
            default:
                _cursor.FailExpected("an expression", HintFor(token.Kind));
                return new Expr.Missing(span);
        }
    }

    private static string HintFor(TokenKind kind) => kind switch
    {
        TokenKind.Bang => "write `not`",
        TokenKind.Question => "write `if c { a } else { b }`",
        TokenKind.OpenBrace => "write a map as `[key => value]` and a record as `Type(field = value)`",
        TokenKind.Ask => "bind the answer with `let x = ask …` and use it in the next line",
        TokenKind.Spawn => "bind the process with `let x = spawn …` and use it in the next line",
        TokenKind.Arrow => "write `x => …` only as the argument of a list method",
        TokenKind.DotDot => "write `a..b` only after `for i in`",
        _ => "",
    };

    // The least int has no positive form, so behind a minus alone its digits are a number.
    private Expr.Int? TryLeastInt()
    {
        Token token = _cursor.Current;
        string written = token.Kind == TokenKind.Int ? _cursor.TextOf(token) : "";
        bool isAlone = _cursor.Peek(1) is not (TokenKind.Dot or TokenKind.OpenSquare);
        if (!isAlone || written.Replace("_", "", StringComparison.Ordinal) != NumberReader.LeastIntDigits)
        {
            return null;
        }

        _cursor.Take();
        return new Expr.Int(_cursor.SpanOf(token), long.MinValue, written);
    }

    private Expr ParseNumber(Token token, TextSpan span)
    {
        string written = _cursor.TextOf(token);
        _cursor.Take();
        if (_cursor.Failed)
        {
            return new Expr.Missing(span);
        }

        Expr? number = token.Kind switch
        {
            TokenKind.Int when NumberReader.Int(written) is long value => new Expr.Int(span, value, written),
            TokenKind.Float when NumberReader.Float(written) is double value => new Expr.Float(span, value, written),
            TokenKind.Duration when NumberReader.Duration(written) is long value =>
                new Expr.Duration(span, value, written),
            _ => null,
        };
        if (number is null)
        {
            string type = token.Kind switch
            {
                TokenKind.Int => "an int",
                TokenKind.Float => "a float",
                _ => "a duration",
            };
            _cursor.Fail(Report.NumberTooLarge(span, type));
        }

        return number ?? new Expr.Missing(span);
    }

    private Expr ParseName(Token token, TextSpan span)
    {
        _cursor.Take();
        string name = _cursor.TextOf(token);
        if (_cursor.Kind != TokenKind.OpenRound || _cursor.Failed)
        {
            return new Expr.Name(span, name);
        }

        ArgumentList arguments = ParseArguments();
        return new Expr.Call(_cursor.SpanFrom(token.Start), new Identifier(span, name), arguments);
    }

    /// <summary><c>if c { a } else { b }</c> as a value; the token <c>if</c> is here.</summary>
    private Expr.If ParseIf()
    {
        Token start = _cursor.Take();
        bool wasInHead = _cursor.IsInHead;
        _cursor.IsInHead = true;
        Expr condition = Parse();
        _cursor.IsInHead = wasInHead;
        int height = _height;
        Expr then = ParseBranch();
        height = Math.Max(height, _height);
        _cursor.Require(TokenKind.Else, "give the other value too: `if c { a } else { b }`");
        Expr other = _cursor.Kind == TokenKind.If && !_cursor.Failed ? Nested(start, ParseIf) : ParseBranch();
        Rise(Math.Max(height, _height), _cursor.SpanOf(start));
        return new Expr.If(_cursor.SpanFrom(start.Start), condition, then, other);
    }

    private Expr ParseBranch()
    {
        Token open = _cursor.Current;
        if (!_cursor.Require(TokenKind.OpenBrace))
        {
            return new Expr.Missing(_cursor.SpanOf(open));
        }

        _cursor.SkipNewlines();
        Expr value = Parse();
        if (!_cursor.Failed)
        {
            _cursor.SkipNewlines();
        }

        RequireCloser(open, TokenKind.CloseBrace);
        return value;
    }

    /// <summary>A list or a map; which one, its first item says.</summary>
    private Expr ParseBrackets(Token open)
    {
        _cursor.Take();
        var items = ImmutableArray.CreateBuilder<ListItem>();
        var entries = ImmutableArray.CreateBuilder<MapEntry>();
        int height = 0;
        while (!_cursor.Failed && _cursor.Kind != TokenKind.CloseSquare)
        {
            ImmutableArray<Comment> leading = _cursor.TakeCommentsBefore(_cursor.Current.Start);
            Expr first = Nested(open, Parse);
            height = Math.Max(height, _height);
            if (_cursor.Kind == TokenKind.Arrow && items.Count == 0)
            {
                _cursor.Take();
                Expr value = Nested(open, Parse);
                height = Math.Max(height, _height);
                entries.Add(new MapEntry(first, value, EndItem(leading, out bool goesOn)));
                if (!goesOn)
                {
                    break;
                }
            }
            else if (entries.Count > 0)
            {
                _cursor.FailExpected("`=>`", "give every entry of a map as `key => value`");
            }
            else
            {
                items.Add(new ListItem(first, EndItem(leading, out bool goesOn)));
                if (!goesOn)
                {
                    break;
                }
            }
        }

        RequireCloser(open, TokenKind.CloseSquare);
        Rise(height, _cursor.SpanOf(open));
        TextSpan span = _cursor.SpanFrom(open.Start);
        return entries.Count > 0 ? new Expr.Map(span, entries.ToImmutable()) : new Expr.List(span, items.ToImmutable());
    }

    private Trivia EndItem(ImmutableArray<Comment> leading, out bool goesOn)
    {
        goesOn = _cursor.TryTake(TokenKind.Comma);
        Comment? trailing = _cursor.TakeTrailingComment();
        return leading.IsEmpty && trailing is null ? Trivia.None : new Trivia(leading, trailing, BlankBefore: false);
    }

    /// <summary>Arguments between round brackets; the bracket is here.</summary>
    public ArgumentList ParseArguments()
    {
        Token open = _cursor.Current;
        if (!_cursor.Require(TokenKind.OpenRound, "write the arguments in `( )`"))
        {
            return new ArgumentList(_cursor.Place(open.Start, open.Start), []);
        }

        var items = ImmutableArray.CreateBuilder<Argument>();
        int height = 0;
        while (!_cursor.Failed && _cursor.Kind != TokenKind.CloseRound)
        {
            ImmutableArray<Comment> leading = _cursor.TakeCommentsBefore(_cursor.Current.Start);
            int start = _cursor.Current.Start;
            Identifier? name = null;
            if (_cursor.Kind == TokenKind.Name && _cursor.Peek(1) == TokenKind.Equal)
            {
                name = _cursor.RequireName("a name");
                _cursor.Take();
            }

            _height = 1;
            ArgumentValue value = ParseArgument(open);
            height = Math.Max(height, _height);
            TextSpan span = _cursor.SpanFrom(start);
            items.Add(new Argument(span, name, value, EndItem(leading, out bool goesOn)));
            if (Limits.EntryCountMax < items.Count)
            {
                _cursor.Fail(Report.TooMany(_cursor.SpanOf(open), "arguments", Limits.EntryCountMax));
            }

            if (!goesOn)
            {
                break;
            }
        }

        RequireCloser(open, TokenKind.CloseRound);
        Rise(height, _cursor.SpanOf(open));
        return new ArgumentList(_cursor.SpanFrom(open.Start), items.ToImmutable());
    }

    private ArgumentValue ParseArgument(Token open)
    {
        Token token = _cursor.Current;
        if (token.Kind == TokenKind.Name && _cursor.Peek(1) == TokenKind.Arrow)
        {
            Identifier parameter = _cursor.RequireName("a name");
            _cursor.Take();
            Expr body = Nested(open, Parse);
            return new ArgumentValue.Lambda(_cursor.SpanFrom(token.Start), parameter, body);
        }

        if (token.Kind == TokenKind.OpenRound && _cursor.Peek(1) == TokenKind.Name
            && _cursor.Peek(2) == TokenKind.CloseRound && _cursor.Peek(3) == TokenKind.Arrow)
        {
            string name = _cursor.TextOf(_cursor.PeekToken(1));
            _cursor.Fail(Report.ForeignSyntax(
                _cursor.SpanOf(token), $"({name}) =>", $"write `{name} => …`, without parentheses"));
        }

        return _types.IsTypeArgument()
            ? new ArgumentValue.TypeArgument(_types.Parse())
            : new ArgumentValue.Value(Nested(open, Parse));
    }
}
