using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;

namespace Tars.Lang.Parsing;

/// <summary>Reads expressions by the levels of precedence of the language's grammar.</summary>
/// <remarks>
/// Invariants:
///   I1  The height of every expression is bounded, so whoever walks one may recurse.
/// </remarks>
internal sealed partial class ExpressionParser
{
    private const int OrLevel = 1;
    private const int AndLevel = 2;
    private const int NotLevel = 3;
    private const int ComparisonLevel = 4;
    private const int CoalesceLevel = 5;
    private const int BitLevel = 6;
    private const int SumLevel = 7;
    private const int UnaryLevel = 9;

    private readonly TokenCursor _cursor;
    private readonly TypeParser _types;
    private int _nesting;
    private int _height;

    public ExpressionParser(TokenCursor cursor, int nesting)
    {
        _cursor = cursor;
        _nesting = nesting;
        _types = new TypeParser(cursor);
    }

    public TypeParser Types => _types;

    public Expr Parse() => ParseLevel(OrLevel);

    /// <summary>A sum: what may stand in the head of a <c>for</c>.</summary>
    public Expr ParseSum() => ParseLevel(SumLevel);

    private Expr ParseLevel(int level)
    {
        switch (level)
        {
            case NotLevel:
                return ParseNot();
            case ComparisonLevel:
                return ParseComparison();
            case CoalesceLevel:
                return ParseCoalesce();
            case BitLevel:
                return ParseBits();
            case UnaryLevel:
                return ParseUnary();
            default:
                return ParseChain(level);
        }
    }

    private Expr ParseChain(int level)
    {
        int start = _cursor.Current.Start;
        Expr left = ParseLevel(level + 1);
        while (IsOperator(level, out BinaryOp op))
        {
            left = ParseRight(start, left, op, level + 1);
        }

        return left;
    }

    private bool IsOperator(int level, out BinaryOp op)
    {
        OperatorRow? row = Vocabulary.OperatorOf(_cursor.Kind);
        op = row?.Op ?? default;
        return row?.Level == level;
    }

    private Expr.Binary ParseRight(int start, Expr left, BinaryOp op, int level)
    {
        int height = _height;
        TextSpan at = _cursor.SpanOf(_cursor.Take());
        Expr right = ParseLevel(level);
        Rise(Math.Max(height, _height), at);
        return new Expr.Binary(_cursor.SpanFrom(start), op, at, left, right);
    }

    private Expr ParseNot()
    {
        if (_cursor.Kind != TokenKind.Not)
        {
            return ParseLevel(ComparisonLevel);
        }

        Token sign = _cursor.Take();
        Expr operand = Nested(sign, ParseNot);
        return new Expr.Unary(_cursor.SpanFrom(sign.Start), UnaryOp.Not, operand);
    }

    private Expr ParseComparison()
    {
        int start = _cursor.Current.Start;
        Expr left = ParseLevel(CoalesceLevel);
        if (!IsOperator(ComparisonLevel, out BinaryOp op))
        {
            return left;
        }

        Expr.Binary comparison = ParseRight(start, left, op, CoalesceLevel);
        if (IsOperator(ComparisonLevel, out _))
        {
            _cursor.Fail(Report.ChainedComparison(_cursor.SpanOf(_cursor.Current)));
        }

        return comparison;
    }

    private Expr ParseCoalesce()
    {
        int start = _cursor.Current.Start;
        Expr left = ParseLevel(BitLevel);
        if (_cursor.Kind != TokenKind.Coalesce)
        {
            return left;
        }

        int height = _height;
        Token sign = _cursor.Take();
        Expr right = Nested(sign, ParseCoalesce);
        Rise(Math.Max(height, _height), _cursor.SpanOf(sign));
        return new Expr.Binary(_cursor.SpanFrom(start), BinaryOp.Coalesce, _cursor.SpanOf(sign), left, right);
    }

    /// <summary>One operator to a chain, and no arithmetic beside it without parentheses.</summary>
    private Expr ParseBits()
    {
        int start = _cursor.Current.Start;
        Expr left = ParseLevel(SumLevel);
        string first = left is Expr.Binary sum ? SpellingOf(sum.Op) : "";
        while (IsOperator(BitLevel, out BinaryOp op))
        {
            Token sign = _cursor.Current;
            string spelling = _cursor.CurrentText;
            if (first.Length > 0 && first != spelling)
            {
                _cursor.Fail(Report.MixedBitOperators(_cursor.SpanOf(sign), first, spelling));
                break;
            }

            first = spelling;
            Expr.Binary whole = ParseRight(start, left, op, SumLevel);
            left = whole;
            if (whole.Right is Expr.Binary right)
            {
                _cursor.Fail(Report.MixedBitOperators(right.OpSpan, spelling, SpellingOf(right.Op)));
            }
        }

        return left;
    }

    private Expr ParseUnary()
    {
        if (_cursor.Kind != TokenKind.Minus)
        {
            return ParsePostfix();
        }

        Token sign = _cursor.Take();
        Expr operand = TryLeastInt() ?? Nested(sign, ParseUnary);
        return new Expr.Unary(_cursor.SpanFrom(sign.Start), UnaryOp.Negate, operand);
    }

    /// <summary>A primary with fields, methods and indexes; also what stands after <c>within</c>.</summary>
    public Expr ParsePostfix()
    {
        int start = _cursor.Current.Start;
        Expr target = ParsePrimary();
        while (!_cursor.Failed)
        {
            int height = _height;
            TextSpan at = _cursor.SpanOf(_cursor.Current);
            if (_cursor.Kind == TokenKind.Dot)
            {
                target = ParseMember(start, target);
            }
            else if (_cursor.Kind == TokenKind.OpenSquare)
            {
                Token open = _cursor.Take();
                Expr index = Nested(open, Parse);
                RequireCloser(open, TokenKind.CloseSquare);
                target = new Expr.Index(_cursor.SpanFrom(start), target, index);
            }
            else
            {
                break;
            }

            Rise(Math.Max(height, _height), at);
        }

        return target;
    }

    private Expr ParseMember(int start, Expr target)
    {
        _cursor.Take();
        if (_cursor.Kind == TokenKind.TypeName && target is Expr.Name module)
        {
            return ParseTyped(start, new Identifier(module.Span, module.Value));
        }

        Identifier member = _cursor.RequireName("the name of a field or method");
        if (_cursor.Kind == TokenKind.OpenRound && !_cursor.Failed)
        {
            ArgumentList arguments = ParseArguments();
            return new Expr.Method(_cursor.SpanFrom(start), target, member, arguments);
        }

        return new Expr.Field(_cursor.SpanFrom(start), target, member);
    }

    /// <summary>What begins with the name of a type: a record, a case, or a mistake.</summary>
    private Expr ParseTyped(int start, Identifier? module)
    {
        _height = 1;
        Token token = _cursor.Take();
        var name = new Identifier(_cursor.SpanOf(token), _cursor.TextOf(token));
        var type = new TypeSyntax.Named(_cursor.SpanFrom(start), module, name);
        switch (_cursor.Kind)
        {
            case TokenKind.OpenRound:
                ArgumentList fields = ParseArguments();
                return new Expr.Make(_cursor.SpanFrom(start), type, fields);
            case TokenKind.Dot:
                _cursor.Take();
                Identifier caseName = _cursor.RequireName("the name of a case");
                ArgumentList? arguments = _cursor.Kind == TokenKind.OpenRound && !_cursor.Failed
                    ? ParseArguments() : null;
                return new Expr.Case(_cursor.SpanFrom(start), type, caseName, arguments);
            case TokenKind.OpenBrace when !_cursor.IsInHead:
                _cursor.Fail(Report.RecordBraces(type.Span, name.Text));
                return new Expr.Missing(type.Span);
            default:
                _cursor.Fail(token.Problem ?? Report.TypeAsValue(type.Span, name.Text));
                return new Expr.Missing(type.Span);
        }
    }

    /// <summary>Parses one level deeper, or says that the code is too deep.</summary>
    private Expr Nested(Token at, Func<Expr> parse)
    {
        if (_nesting >= Limits.CodeDepthMax)
        {
            _cursor.Fail(Report.CodeTooDeep(_cursor.SpanOf(at)));
            return new Expr.Missing(_cursor.SpanOf(at));
        }

        _nesting++;
        Expr inner = parse();
        _nesting--;
        Rise(_height, _cursor.SpanOf(at));
        return inner;
    }

    /// <summary>The expression that is being made is one higher than its parts.</summary>
    private void Rise(int partsHeight, TextSpan at)
    {
        _height = partsHeight + 1;
        if (_height > Limits.ExpressionHeightMax)
        {
            _cursor.Fail(Report.CodeTooDeep(at)); // I1
        }
    }

    private void RequireCloser(Token open, TokenKind closer)
    {
        if (_cursor.Kind == closer)
        {
            _cursor.Take();
        }
        else if (open.Partner < 0)
        {
            _cursor.Fail(_cursor.Current.Problem ?? Report.NotClosed(
                _cursor.SpanOf(open), _cursor.TextOf(open), Vocabulary.SpellingOf(closer)));
        }
        else
        {
            _cursor.FailExpected($"a comma or `{Vocabulary.SpellingOf(closer)}`");
        }
    }

    private static string SpellingOf(BinaryOp op) =>
        Vocabulary.SpellingOf(Vocabulary.Operators.First(row => row.Op == op).Kind);
}
