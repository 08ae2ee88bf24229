using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;

namespace Tars.Lang.Parsing;

/// <summary>Reads the inside of texts, text patterns and templates: characters, escapes and holes.</summary>
/// <remarks>In a template only braces and the backslash itself are escaped, so that it can hold any text.</remarks>
internal sealed class TextParser(TokenCursor cursor, int nesting)
{
    // As many characters as `\u{10FFFF}` has.
    private const int CodePointMax = 10;

    private readonly string _text = cursor.Code.Slice.Text;

    public Expr.Text ParseText(Token token)
    {
        var parts = ImmutableArray.CreateBuilder<TextPart>();
        foreach (Piece piece in Cut(token.Start + 1, token.End - 1, isTemplate: false))
        {
            parts.Add(piece.IsHole ? ParseHole(piece)
                : new TextPart.Literal(SpanOf(piece), piece.Value, WrittenOf(piece)));
        }

        return new Expr.Text(cursor.SpanOf(token), parts.ToImmutable());
    }

    public Pattern.Text ParsePattern(Token token)
    {
        var parts = ImmutableArray.CreateBuilder<PatternPart>();
        foreach (Piece piece in Cut(token.Start + 1, token.End - 1, isTemplate: false))
        {
            parts.Add(piece.IsHole
                ? ParsePatternHole(piece)
                : new PatternPart.Literal(SpanOf(piece), piece.Value, WrittenOf(piece)));
        }

        return new Pattern.Text(cursor.SpanOf(token), parts.ToImmutable());
    }

    /// <summary>A whole template. Each wrong hole is told by itself: there is no statement to give up.</summary>
    public TemplateSyntax ParseTemplate()
    {
        var parts = ImmutableArray.CreateBuilder<TextPart>();
        foreach (Piece piece in Cut(0, _text.Length, isTemplate: true))
        {
            cursor.Failed = false;
            parts.Add(piece.IsHole ? ParseHole(piece)
                : new TextPart.Literal(SpanOf(piece), piece.Value, WrittenOf(piece)));
        }

        return new TemplateSyntax(cursor.Place(0, _text.Length), parts.ToImmutable());
    }

    /// <summary>Cuts a stretch into characters and holes; what stands in a hole is not looked at yet.</summary>
    private List<Piece> Cut(int start, int end, bool isTemplate)
    {
        var pieces = new List<Piece>();
        var value = new StringBuilder();
        int from = start;
        int at = start;
        while (at < end)
        {
            char c = _text[at];
            if (c == '\\' && !(isTemplate && (at + 1 >= end || _text[at + 1] is not ('{' or '}' or '\\'))))
            {
                at += Unescape(at, end, value);
                continue;
            }

            if (c == '{')
            {
                AddLiteral(pieces, value, from, at);
                int close = HoleEnd(at, end);
                if (close < 0)
                {
                    Tell(Report.HoleNotClosed(cursor.Place(at, at + 1)), isTemplate);
                    close = isTemplate ? at : end;
                }
                else
                {
                    pieces.Add(new Piece(at, close + 1, "", IsHole: true));
                }

                at = close + 1;
                from = at;
                continue;
            }

            if (c == '}')
            {
                Tell(Report.BraceInText(cursor.Place(at, at + 1)), isTemplate);
            }

            value.Append(c);
            at++;
        }

        AddLiteral(pieces, value, from, Math.Max(from, end));
        if (Limits.HoleCountMax < pieces.Count(piece => piece.IsHole))
        {
            cursor.Fail(Report.TooMany(cursor.Place(start, start), "holes", Limits.HoleCountMax));
            pieces.Clear();
        }

        return pieces;
    }

    private static void AddLiteral(List<Piece> pieces, StringBuilder value, int start, int end)
    {
        if (end > start)
        {
            pieces.Add(new Piece(start, end, value.ToString(), IsHole: false));
        }

        value.Clear();
    }

    /// <summary>The brace that closes a hole, which holds no braces and no line end; -1 where there is none.</summary>
    private int HoleEnd(int open, int end)
    {
        int stop = _text.AsSpan(open + 1, end - open - 1).IndexOfAny("{}\n\"");
        return stop >= 0 && _text[open + 1 + stop] == '}' ? open + 1 + stop : -1;
    }

    private void Tell(Diagnostic diagnostic, bool isTemplate)
    {
        if (isTemplate)
        {
            cursor.Tell(diagnostic);
        }
        else
        {
            cursor.Fail(diagnostic);
        }
    }

    private int Unescape(int at, int end, StringBuilder value)
    {
        const string Letters = "nt\"\\{}";
        const string Meanings = "\n\t\"\\{}";
        char letter = at + 1 < end ? _text[at + 1] : ' ';
        int known = Letters.IndexOf(letter, StringComparison.Ordinal);
        if (known >= 0)
        {
            value.Append(Meanings[known]);
            return 2;
        }

        bool isCodePoint = letter == 'u' && at + 2 < end && _text[at + 2] == '{';
        int close = isCodePoint ? _text.IndexOf('}', at, Math.Min(end - at, CodePointMax)) : -1;
        if (TryRune(at + 3, close, out Rune rune))
        {
            value.Append(rune);
            return close + 1 - at;
        }

        int length = Math.Min(2, end - at);
        cursor.Fail(Report.UnknownEscape(cursor.Place(at, at + length), _text.Substring(at, length)));
        return length;
    }

    private bool TryRune(int start, int end, out Rune rune)
    {
        const int DigitsMax = 6;
        rune = default;
        return start < end && end - start <= DigitsMax
            && int.TryParse(
                _text.AsSpan(start, end - start),
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out int code)
            && Rune.TryCreate(code, out rune);
    }

    private TextPart.Hole ParseHole(Piece piece)
    {
        int start = piece.Start + 1;
        int end = piece.End - 1;
        int colon = _text.IndexOf(':', start, end - start);
        int stop = colon < 0 ? end : colon;
        LexedCode code = CodeLexer.Lex(cursor.Code.Slice, start, stop);
        var inner = new TokenCursor(code, cursor.Bag) { Failed = cursor.Failed };
        Expr value = new ExpressionParser(inner, nesting + 1).Parse();
        if (inner.Kind != TokenKind.End && !inner.Failed)
        {
            inner.Fail(Report.HoleHoldsOne(inner.SpanOf(inner.Current)));
        }

        if (inner.Failed)
        {
            value = new Expr.Missing(cursor.Place(start, stop));
            FailAlready();
        }

        Identifier? format = colon < 0 ? null : new Identifier(cursor.Place(colon + 1, end), _text[(colon + 1)..end]);
        return new TextPart.Hole(SpanOf(piece), value, format);
    }

    /// <summary>
    /// The mistake has been told by the cursor of the hole; the statement round it has failed with it.
    /// </summary>
    private void FailAlready()
    {
        if (!cursor.Failed)
        {
            cursor.Failed = true;
            cursor.SkipToStatementEnd();
        }
    }

    private PatternPart.Hole ParsePatternHole(Piece piece)
    {
        string inside = _text[(piece.Start + 1)..(piece.End - 1)];
        int colon = inside.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? inside : inside[..colon];
        int start = piece.Start + 1;
        Identifier? format = colon < 0
            ? null
            : new Identifier(cursor.Place(start + colon + 1, piece.End - 1), inside[(colon + 1)..]);
        bool isName = name.Length is > 0 and <= Limits.NameLengthMax && char.IsAsciiLetterLower(name[0])
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')
            && !Vocabulary.IsKeyword(name);
        if (!isName && name != "_")
        {
            cursor.Fail(Report.PatternHole(SpanOf(piece)));
        }

        Identifier? bound = name == "_" ? null : new Identifier(cursor.Place(start, start + name.Length), name);
        return new PatternPart.Hole(SpanOf(piece), bound, format);
    }

    private TextSpan SpanOf(Piece piece) => cursor.Place(piece.Start, piece.End);

    private string WrittenOf(Piece piece) => _text[piece.Start..piece.End];

    private readonly record struct Piece(int Start, int End, string Value, bool IsHole);
}
