using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;

namespace Tars.Lang.Parsing;

/// <summary>Walks tokens, and keeps the promise of one message for each wrong statement.</summary>
/// <remarks>
/// Invariants:
///   I1  The first mistake of a statement is told, the cursor jumps to the statement's end, and the statement has
///       failed: whatever the parsers still ask on their way out sees the end and stays silent.
///   I2  The jump never leaves the block that it begins in.
/// </remarks>
internal sealed class TokenCursor(LexedCode code, DiagnosticBag bag)
{
    private readonly Token[] _tokens = [.. code.Tokens];
    private int _index;
    private int _comment;

    public LexedCode Code => code;

    public DiagnosticBag Bag => bag;

    /// <summary>Whether the statement that is being read has been reported.</summary>
    public bool Failed { get; set; }

    /// <summary>While true, a mistake jumps to the block that ends the head of a statement, if it has one.</summary>
    public bool IsInHead { get; set; }

    public Token Current => _tokens[_index];

    public TokenKind Kind => _tokens[_index].Kind;

    /// <summary>Where the last token that was taken ends.</summary>
    public int LastEnd { get; private set; } = code.Tokens[0].Start;

    /// <summary>The token before this one; at the beginning this one.</summary>
    public Token Last => _tokens[Math.Max(0, _index - 1)];

    public TokenKind Peek(int ahead) => _tokens[Math.Min(_index + ahead, _tokens.Length - 1)].Kind;

    public Token PeekToken(int ahead) => _tokens[Math.Min(_index + ahead, _tokens.Length - 1)];

    public string TextOf(Token token) => code.Slice.Text[token.Start..token.End];

    public string CurrentText => TextOf(Current);

    public TextSpan SpanOf(Token token) => Place(token.Start, token.End);

    /// <summary>A stretch of the slice as a place in the file.</summary>
    public TextSpan Place(int start, int end) => code.Slice.ToFile(TextSpan.FromBounds(start, end));

    /// <summary>From a start to the end of the last token taken.</summary>
    public TextSpan SpanFrom(int start) => Place(start, Math.Max(start, LastEnd));

    public Token Take()
    {
        Token token = Current;
        if (token.Problem is not null)
        {
            Fail(token.Problem);
            return token;
        }

        LastEnd = token.End;
        _index += token.Kind == TokenKind.End ? 0 : 1;
        return token;
    }

    /// <summary>Goes over a token whatever state the statement is in.</summary>
    public void Step()
    {
        LastEnd = Current.End;
        _index += Kind == TokenKind.End ? 0 : 1;
    }

    public bool TryTake(TokenKind kind)
    {
        if (Kind != kind)
        {
            return false;
        }

        Take();
        return true;
    }

    /// <summary>Takes the first half of a <c>&gt;&gt;</c> that closes two types.</summary>
    public bool TrySplitShift()
    {
        if (Kind != TokenKind.ShiftRight)
        {
            return false;
        }

        Token token = Current;
        LastEnd = token.Start + 1;
        _tokens[_index] = token with { Kind = TokenKind.Greater, Start = token.Start + 1 };
        return true;
    }

    /// <summary>Takes the token that must stand here; otherwise the statement has failed.</summary>
    public bool Require(TokenKind kind, string hint = "")
    {
        if (Kind == kind && !Failed)
        {
            Take();
            return !Failed;
        }

        FailExpected($"`{Vocabulary.SpellingOf(kind)}`", hint);
        return false;
    }

    public Identifier RequireName(string what, string hint = "")
    {
        Token token = Current;
        if (token.Kind != TokenKind.Name)
        {
            FailExpected(what, Vocabulary.IsKeyword(CurrentText) ? "choose another name: this is a keyword" : hint);
            return new Identifier(Place(LastEnd, LastEnd), "");
        }

        Take();
        return new Identifier(SpanOf(token), TextOf(token));
    }

    /// <summary>An agent as code names it: `NAME`, or `IMPORT.NAME` as one text.</summary>
    public Identifier RequireAgent()
    {
        int start = Current.Start;
        Identifier name = RequireName("the name of an agent");
        if (name.IsMissing || !TryTake(TokenKind.Dot))
        {
            return name;
        }

        Identifier agent = RequireName("the name of an agent");
        return agent.IsMissing ? agent : new Identifier(SpanFrom(start), $"{name.Text}.{agent.Text}");
    }

    public void FailExpected(string wanted, string hint = "")
    {
        Token token = Current;
        string text = token.Kind switch
        {
            TokenKind.Newline => "the end of the line",
            TokenKind.End => "the end",
            TokenKind.Text => "a text",
            _ => $"`{TextOf(token)}`",
        };
        TextSpan at = token.Kind is TokenKind.Newline or TokenKind.End ? Place(LastEnd, LastEnd) : SpanOf(token);
        Fail(token.Problem ?? Report.Expected(at, wanted, text, hint.Length == 0 ? $"write {wanted} here" : hint));
    }

    public void Fail(Diagnostic diagnostic)
    {
        if (!Failed)
        {
            Failed = true;
            bag.Add(diagnostic);
            SkipToStatementEnd(); // I1
        }
    }

    /// <summary>A mistake that leaves the rest of the statement readable is told without a jump.</summary>
    public void Tell(Diagnostic diagnostic)
    {
        if (!Failed)
        {
            bag.Add(diagnostic);
        }
    }

    /// <summary>Goes to the end of the statement; braces on the way are stepped over as wholes (I2).</summary>
    public void SkipToStatementEnd()
    {
        while (Kind is not (TokenKind.Newline or TokenKind.End or TokenKind.CloseBrace))
        {
            if (Kind == TokenKind.OpenBrace)
            {
                if (IsInHead)
                {
                    break;
                }

                _index = Current.Partner > _index ? Current.Partner : _index;
            }

            LastEnd = Current.End;
            _index++;
        }
    }

    public void SkipNewlines()
    {
        while (Kind == TokenKind.Newline)
        {
            _index++;
        }
    }

    /// <summary>Nothing more is read.</summary>
    public void SkipToEnd()
    {
        while (Kind != TokenKind.End)
        {
            Step();
        }
    }

    /// <summary>Whether the next token behind the ends of lines is of a kind; nothing is taken.</summary>
    public bool FollowsAfterNewlines(TokenKind kind)
    {
        int index = _index;
        while (_tokens[index].Kind == TokenKind.Newline)
        {
            index++;
        }

        return _tokens[index].Kind == kind;
    }

    /// <summary>The comments before an offset that nobody has taken yet.</summary>
    public ImmutableArray<Comment> TakeCommentsBefore(int offset)
    {
        int first = _comment;
        while (_comment < code.Comments.Length && code.Comments[_comment].Start < offset)
        {
            _comment++;
        }

        return first == _comment ? [] : [.. code.Comments.AsSpan(first, _comment - first).ToArray().Select(ToComment)];
    }

    /// <summary>The comment on the line on which the last token ends, when it is the next one.</summary>
    public Comment? TakeTrailingComment()
    {
        if (_comment >= code.Comments.Length || code.Comments[_comment].Start < LastEnd)
        {
            return null;
        }

        int start = code.Comments[_comment].Start;
        bool isSameLine = !code.Slice.Text.AsSpan(LastEnd, start - LastEnd).ContainsAnyExcept(' ', ',');
        return isSameLine ? ToComment(code.Comments[_comment++]) with { BlankBefore = false } : null;
    }

    /// <summary>Whether an empty line stands right before an offset.</summary>
    public bool HasBlankLineBefore(int offset)
    {
        ReadOnlySpan<char> before = code.Slice.Text.AsSpan(0, offset).TrimEnd(' ');
        return before.EndsWith("\n") && before[..^1].TrimEnd(" \r").EndsWith("\n");
    }

    private Comment ToComment(TextSpan span)
    {
        string text = code.Slice.Text.Substring(span.Start, span.Length).TrimEnd();
        return new Comment(Place(span.Start, span.Start + text.Length), text, HasBlankLineBefore(span.Start));
    }
}
