using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;

namespace Tars.Lang.Parsing;

/// <summary>Reads types. Which names are types the checker knows.</summary>
internal sealed class TypeParser(TokenCursor cursor)
{
    private int _nesting;

    /// <summary>
    /// Whether a type stands here as an argument: <c>list&lt;</c> and the like, or the name of a type by itself.
    /// </summary>
    public bool IsTypeArgument()
    {
        if (cursor.Kind == TokenKind.Name && cursor.Peek(1) == TokenKind.Less)
        {
            return cursor.CurrentText is "list" or "map" or "ref" or "cap" && cursor.Current.End == NextStart();
        }

        int at = cursor.Kind == TokenKind.Name && cursor.Peek(1) == TokenKind.Dot ? 2 : 0;
        return cursor.Peek(at) == TokenKind.TypeName
            && cursor.Peek(at + 1) is TokenKind.Comma or TokenKind.CloseRound or TokenKind.Question or TokenKind.Bang;
    }

    public TypeSyntax Parse()
    {
        int start = cursor.Current.Start;
        TypeSyntax type = ParseBase(start);
        int depth = _nesting;
        while (!cursor.Failed && cursor.Kind is TokenKind.Question or TokenKind.Coalesce or TokenKind.Bang)
        {
            if (++depth > Limits.CodeDepthMax)
            {
                cursor.Fail(Report.CodeTooDeep(cursor.SpanOf(cursor.Current)));
                break;
            }

            TokenKind suffix = cursor.Take().Kind;
            TextSpan span = cursor.SpanFrom(start);
            type = suffix == TokenKind.Bang ? new TypeSyntax.Fallible(span, type) : new TypeSyntax.Optional(span, type);
            type = suffix == TokenKind.Coalesce ? new TypeSyntax.Optional(span, type) : type;
        }

        return type;
    }

    private TypeSyntax ParseBase(int start)
    {
        if (cursor.Kind == TokenKind.TypeName)
        {
            return ParseNamed(start, module: null);
        }

        if (cursor.Kind != TokenKind.Name)
        {
            Diagnostic problem = cursor.Current.Problem ?? Report.TypeExpected(PlaceHere());
            cursor.Fail(problem);
            return new TypeSyntax.Missing(problem.Span);
        }

        Token word = cursor.Take();
        var name = new Identifier(cursor.SpanOf(word), cursor.TextOf(word));
        if (cursor.Kind == TokenKind.Dot)
        {
            cursor.Take();
            return ParseNamed(start, name);
        }

        return cursor.Kind == TokenKind.Less && !cursor.Failed
            ? ParseGeneric(start, name)
            : new TypeSyntax.Named(name.Span, Module: null, name);
    }

    private TypeSyntax ParseNamed(int start, Identifier? module)
    {
        if (cursor.Kind != TokenKind.TypeName)
        {
            cursor.Fail(cursor.Current.Problem ?? Report.TypeExpected(PlaceHere()));
            return new TypeSyntax.Missing(cursor.SpanFrom(start));
        }

        Token token = cursor.Take();
        return new TypeSyntax.Named(
            cursor.SpanFrom(start), module, new Identifier(cursor.SpanOf(token), cursor.TextOf(token)));
    }

    private TypeSyntax ParseGeneric(int start, Identifier name)
    {
        if (_nesting >= Limits.CodeDepthMax)
        {
            cursor.Fail(Report.CodeTooDeep(name.Span));
            return new TypeSyntax.Missing(name.Span);
        }

        _nesting++;
        cursor.Take();
        TypeSyntax type = ParseArguments(start, name);
        _nesting--;
        return type;
    }

    private TypeSyntax ParseArguments(int start, Identifier name)
    {
        switch (name.Text)
        {
            case "list":
                TypeSyntax element = Parse();
                RequireClose();
                return new TypeSyntax.List(cursor.SpanFrom(start), element);
            case "map":
                TypeSyntax key = Parse();
                cursor.Require(TokenKind.Comma, "write `map<KEY, VALUE>`");
                TypeSyntax value = Parse();
                RequireClose();
                return new TypeSyntax.Map(cursor.SpanFrom(start), key, value);
            case "ref":
                Identifier agent = cursor.RequireAgent();
                RequireClose();
                return new TypeSyntax.Ref(cursor.SpanFrom(start), agent);
            case "cap":
                Identifier kind = cursor.RequireName("a kind of device");
                RequireClose();
                return new TypeSyntax.Cap(cursor.SpanFrom(start), kind);
            default:
                cursor.Fail(Report.TypeExpected(name.Span));
                return new TypeSyntax.Missing(name.Span);
        }
    }

    private void RequireClose()
    {
        if (!cursor.TrySplitShift())
        {
            cursor.Require(TokenKind.Greater, "close the type with `>`");
        }
    }

    private int NextStart() => cursor.PeekToken(1).Start;

    private TextSpan PlaceHere() => cursor.Kind is TokenKind.Newline or TokenKind.End
        ? cursor.Place(cursor.LastEnd, cursor.LastEnd)
        : cursor.SpanOf(cursor.Current);
}
