using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Text;

namespace Tars.Lang.Parsing;

/// <summary>Cuts code into tokens. Any text gives tokens; what is wrong with one is kept with it.</summary>
/// <remarks>
/// Invariants:
///   I1  The last token is End.
///   I2  A Newline token is one that ends a statement: inside round and square brackets that close, after an operator
///       and before a dot there is none. A bracket that never closes does not swallow the lines below it.
/// </remarks>
internal sealed class CodeLexer
{
    private readonly SourceSlice _slice;
    private readonly string _text;
    private readonly int _end;
    private readonly List<Token> _tokens = [];
    private readonly List<TextSpan> _comments = [];
    private int _at;

    private CodeLexer(SourceSlice slice, int start, int end)
    {
        _slice = slice;
        _text = slice.Text;
        _at = start;
        _end = end;
    }

    /// <summary>The tokens between two offsets of a slice, and the comments between them.</summary>
    public static LexedCode Lex(SourceSlice slice, int start, int end)
    {
        var lexer = new CodeLexer(slice, start, end);
        lexer.Run();
        Token[] tokens = [.. lexer._tokens];
        PairBrackets(tokens);
        if (lexer._tokens.Exists(token => token.Kind == TokenKind.Newline))
        {
            tokens = DropNewlines(tokens);
            PairBrackets(tokens);
        }

        return new LexedCode(slice, ImmutableCollectionsMarshal.AsImmutableArray(tokens), [.. lexer._comments]);
    }

    private void Run()
    {
        while (_at < _end)
        {
            char c = _text[_at];
            switch (c)
            {
                case ' ' or '\r':
                    _at++;
                    break;
                case '\n':
                    Add(TokenKind.Newline, 1);
                    break;
                case '#':
                    int stop = EndOfLine();
                    _comments.Add(TextSpan.FromBounds(_at, stop));
                    _at = stop;
                    break;
                case '"':
                    AddText();
                    break;
                case >= '0' and <= '9':
                    AddNumber();
                    break;
                case '_' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z'):
                    AddWord();
                    break;
                default:
                    AddSign();
                    break;
            }
        }

        _tokens.Add(new Token(TokenKind.End, _end, _end, Partner: -1, Problem: null)); // I1
    }

    private void Add(TokenKind kind, int length, Diagnostic? problem = null)
    {
        _tokens.Add(new Token(kind, _at, _at + length, Partner: -1, problem));
        _at += length;
    }

    private int EndOfLine()
    {
        int next = _text.IndexOf('\n', _at, _end - _at);
        return next < 0 ? _end : next;
    }

    /// <summary>
    /// A text ends at the next quote without a backslash before it, or is cut at the end of its line.
    /// </summary>
    private void AddText()
    {
        int at = _at + 1;
        while (at < _end && _text[at] != '\n')
        {
            if (_text[at] == '"')
            {
                Add(TokenKind.Text, at + 1 - _at);
                return;
            }

            bool isEscape = _text[at] == '\\' && at + 1 < _end && _text[at + 1] != '\n';
            at += isEscape ? 2 : 1;
        }

        Add(TokenKind.Text, at - _at, Report.TextNotClosed(Place(at - _at)));
    }

    private void AddNumber()
    {
        int at = _at;
        TokenKind kind = TokenKind.Int;
        if (_text[at] == '0' && at + 1 < _end && _text[at + 1] == 'x')
        {
            at = SkipWhile(at + 2, c => char.IsAsciiHexDigit(c) || c == '_');
        }
        else
        {
            at = SkipDigits(at);
            if (at + 1 < _end && _text[at] == '.' && char.IsAsciiDigit(_text[at + 1]))
            {
                kind = TokenKind.Float;
                at = SkipDigits(at + 1);
            }

            int exponent = ExponentEnd(at);
            kind = exponent > at ? TokenKind.Float : kind;
            at = exponent;
        }

        int word = SkipWhile(at, IsWordPart);
        if (word == at)
        {
            Add(kind, at - _at);
            return;
        }

        bool isDuration = kind == TokenKind.Int && NumberReader.UnitOf(_text.AsSpan(at, word - at)) > 0
            && !_text.AsSpan(_at, at - _at).Contains('x');
        string written = _text[_at..word];
        Add(
            isDuration ? TokenKind.Duration : kind,
            word - _at,
            isDuration ? null : Report.NameBeginsWithDigit(Place(word - _at), written));
    }

    private int SkipDigits(int at) => SkipWhile(at, c => char.IsAsciiDigit(c) || c == '_');

    private int ExponentEnd(int at)
    {
        if (at >= _end || _text[at] is not ('e' or 'E'))
        {
            return at;
        }

        int digits = at + 1 < _end && _text[at + 1] is '+' or '-' ? at + 2 : at + 1;
        return digits < _end && char.IsAsciiDigit(_text[digits]) ? SkipWhile(digits, char.IsAsciiDigit) : at;
    }

    private void AddWord()
    {
        int length = SkipWhile(_at, IsWordPart) - _at;
        string word = _text.Substring(_at, length);
        if (Vocabulary.Keywords.TryGetValue(word, out TokenKind keyword))
        {
            Add(keyword, length);
            return;
        }

        bool isType = char.IsAsciiLetterUpper(word[0]);
        bool isRight = isType
            ? !word.Contains('_', StringComparison.Ordinal)
            : word[0] != '_' && !word.Any(char.IsAsciiLetterUpper);
        TokenKind kind = word == "_" ? TokenKind.Underscore : isType ? TokenKind.TypeName : TokenKind.Name;
        Diagnostic? problem = kind == TokenKind.Underscore ? null
            : !isRight ? Report.WrongCase(Place(length), word)
            : length > Limits.NameLengthMax ? Report.NameTooLong(Place(length))
            : null;
        Add(kind, length, problem);
    }

    private void AddSign()
    {
        foreach ((string spelling, string mend) in Vocabulary.ForeignSigns)
        {
            if (StartsWith(spelling))
            {
                bool isComment = spelling is "//" or "/*";
                int length = isComment ? EndOfLine() - _at : spelling.Length;
                Add(TokenKind.Bad, length, Report.ForeignSyntax(Place(spelling.Length), spelling, mend));
                return;
            }
        }

        foreach ((string spelling, TokenKind kind) in Vocabulary.Signs)
        {
            if (StartsWith(spelling))
            {
                Add(kind, spelling.Length);
                return;
            }
        }

        int stop = SkipWhile(_at, c => !char.IsAscii(c));
        int bad = Math.Max(1, stop - _at);
        Add(TokenKind.Bad, bad, Report.UnexpectedCharacter(Place(bad), _text.Substring(_at, bad)));
    }

    private bool StartsWith(string spelling) =>
        _at + spelling.Length <= _end && _text.AsSpan(_at, spelling.Length).SequenceEqual(spelling);

    private int SkipWhile(int at, Func<char, bool> isPart)
    {
        while (at < _end && isPart(_text[at]))
        {
            at++;
        }

        return at;
    }

    private static bool IsWordPart(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private TextSpan Place(int length) => _slice.ToFile(new TextSpan(_at, length));

    /// <summary>A brace closes over round and square brackets that were left open; they get no partner.</summary>
    private static void PairBrackets(Token[] tokens)
    {
        var open = new Stack<int>();
        for (int index = 0; index < tokens.Length; index++)
        {
            tokens[index] = tokens[index] with { Partner = -1 };
            TokenKind opener = OpenerOf(tokens[index].Kind);
            if (tokens[index].Kind is TokenKind.OpenRound or TokenKind.OpenSquare or TokenKind.OpenBrace)
            {
                open.Push(index);
            }
            else if (opener != TokenKind.End)
            {
                while (opener == TokenKind.OpenBrace && open.TryPeek(out int top) && tokens[top].Kind != opener)
                {
                    open.Pop();
                }

                if (open.TryPeek(out int match) && tokens[match].Kind == opener)
                {
                    open.Pop();
                    tokens[match] = tokens[match] with { Partner = index };
                    tokens[index] = tokens[index] with { Partner = match };
                }
            }
        }
    }

    private static TokenKind OpenerOf(TokenKind closer) => closer switch
    {
        TokenKind.CloseRound => TokenKind.OpenRound,
        TokenKind.CloseSquare => TokenKind.OpenSquare,
        TokenKind.CloseBrace => TokenKind.OpenBrace,
        _ => TokenKind.End,
    };

    private static Token[] DropNewlines(Token[] tokens)
    {
        bool[] beforeDot = NewlinesBeforeDot(tokens);
        var kept = new List<Token>(tokens.Length);
        var enclosing = new Stack<(int Closer, bool Joins)>();
        for (int index = 0; index < tokens.Length; index++)
        {
            Token token = tokens[index];
            while (enclosing.TryPeek(out (int Closer, bool Joins) inner) && inner.Closer <= index)
            {
                enclosing.Pop();
            }

            if (token.Partner > index)
            {
                enclosing.Push((token.Partner, token.Kind != TokenKind.OpenBrace));
            }

            bool isInside = enclosing.TryPeek(out (int Closer, bool Joins) bracket) && bracket.Joins;
            bool goesOn = kept.Count > 0 && Vocabulary.GoesOnAfter(kept[^1].Kind) && !BeginsStatement(tokens, index);
            bool isDropped = isInside || beforeDot[index] || (goesOn && kept[^1].Kind != TokenKind.Newline);
            if (token.Kind != TokenKind.Newline || !isDropped)
            {
                kept.Add(token); // I2
            }
        }

        return [.. kept];
    }

    /// <summary>
    /// Whether the line below begins a statement: then an operator at the end of this one is a mistake of this line.
    /// </summary>
    private static bool BeginsStatement(Token[] tokens, int newline)
    {
        int next = newline + 1;
        TokenKind first = tokens[Math.Min(next, tokens.Length - 1)].Kind;
        TokenKind second = tokens[Math.Min(next + 1, tokens.Length - 1)].Kind;
        bool isAssignment = first == TokenKind.Name && second is TokenKind.Equal or TokenKind.PlusEqual
            or TokenKind.MinusEqual or TokenKind.StarEqual or TokenKind.SlashEqual;
        return tokens[newline].Kind == TokenKind.Newline && (isAssignment || first is TokenKind.Let or TokenKind.Var
            or TokenKind.While or TokenKind.For or TokenKind.Match or TokenKind.Return or TokenKind.Break
            or TokenKind.Continue or TokenKind.Fail or TokenKind.Assert or TokenKind.Tell or TokenKind.After
            or TokenKind.Every or TokenKind.Cancel or TokenKind.CloseBrace or TokenKind.End);
    }

    private static bool[] NewlinesBeforeDot(Token[] tokens)
    {
        var isBeforeDot = new bool[tokens.Length];
        for (int index = tokens.Length - 2; index >= 0; index--)
        {
            isBeforeDot[index] = tokens[index].Kind == TokenKind.Newline
                && (tokens[index + 1].Kind == TokenKind.Dot || isBeforeDot[index + 1]);
        }

        return isBeforeDot;
    }
}
