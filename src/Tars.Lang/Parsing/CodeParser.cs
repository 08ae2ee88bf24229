using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;
using Tars.Lang.Text;

namespace Tars.Lang.Parsing;

/// <summary>Reads code out of the scalars of a document. Any text gives a tree and, if it is wrong, messages.</summary>
/// <remarks>
/// Promises: linear time, bounded depth, one message for each wrong statement, every span in offsets of the file. A
/// part that could not be read is a Missing node that has been reported.
/// </remarks>
public static class CodeParser
{
    /// <summary>The statements of a <c>do:</c> block.</summary>
    public static Block ParseBody(SourceSlice source, DiagnosticBag bag) =>
        new StatementParser(Cursor(source, bag)).ParseBody();

    public static Expr ParseExpression(SourceSlice source, DiagnosticBag bag)
    {
        TokenCursor cursor = Cursor(source, bag);
        cursor.SkipNewlines();
        Expr value = new ExpressionParser(cursor, nesting: 0).Parse();
        RequireEnd(cursor);
        return cursor.Failed ? new Expr.Missing(cursor.Place(0, source.Text.Length)) : value;
    }

    /// <summary><c>TYPE</c> or <c>TYPE = EXPR</c>.</summary>
    public static Decl ParseDeclaration(SourceSlice source, DiagnosticBag bag)
    {
        TokenCursor cursor = Cursor(source, bag);
        cursor.SkipNewlines();
        var expressions = new ExpressionParser(cursor, nesting: 0);
        TypeSyntax type = expressions.Types.Parse();
        bool typeIsWhole = !cursor.Failed;
        Expr? value = null;
        if (cursor.TryTake(TokenKind.Equal))
        {
            value = expressions.Parse();
        }

        RequireEnd(cursor);
        if (cursor.Failed)
        {
            value = new Expr.Missing(cursor.Place(0, source.Text.Length));
            type = typeIsWhole ? type : new TypeSyntax.Missing(type.Span);
        }

        return new Decl(cursor.Place(0, source.Text.Length), type, value);
    }

    public static TypeSyntax ParseType(SourceSlice source, DiagnosticBag bag)
    {
        TokenCursor cursor = Cursor(source, bag);
        cursor.SkipNewlines();
        TypeSyntax type = new TypeParser(cursor).Parse();
        RequireEnd(cursor);
        return cursor.Failed ? new TypeSyntax.Missing(cursor.Place(0, source.Text.Length)) : type;
    }

    /// <summary>The text of a <c>text:</c> function. Its last line end is part of it.</summary>
    public static TemplateSyntax ParseTemplate(SourceSlice source, DiagnosticBag bag)
    {
        LexedCode code = CodeLexer.Lex(source, 0, 0);
        return new TextParser(new TokenCursor(code, bag), nesting: 0).ParseTemplate();
    }

    private static TokenCursor Cursor(SourceSlice source, DiagnosticBag bag) =>
        new(CodeLexer.Lex(source, 0, source.Text.Length), bag);

    private static void RequireEnd(TokenCursor cursor)
    {
        cursor.SkipNewlines();
        if (cursor.Kind != TokenKind.End && !cursor.Failed)
        {
            cursor.FailExpected("the end", "write one expression, on one line");
        }
    }
}
