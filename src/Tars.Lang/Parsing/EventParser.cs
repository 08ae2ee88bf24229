using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;
using Tars.Lang.Text;

namespace Tars.Lang.Parsing;

/// <summary>Reads the keys under <c>handlers</c>, channel patterns and paths of HTTP.</summary>
public static class EventParser
{
    private const int SegmentsMax = 8;

    private static readonly (string Word, string Form)[] _forms =
    [
        ("start", "start"), ("stop", "stop"), ("timer", "timer NAME"), ("message", "message a/{b} as NAME"),
        ("ask", "ask NAME"), ("exit", "exit AGENT as NAME"), ("http", "http GET /path/{part} as NAME"),
        ("device", "device NAME as NAME"), ("migrate", "migrate 1 as NAME"), ("refused", "refused as NAME"),
    ];

    private static readonly string[] _methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

    /// <summary>An event, or Missing and one message.</summary>
    public static EventSyntax Parse(SourceSlice key, DiagnosticBag bag)
    {
        TextSpan span = key.ToFile(new TextSpan(0, key.Text.Length));
        ImmutableArray<Identifier> words = Words(key);
        EventSyntax? read = words.IsEmpty ? null : Read(span, words);
        if (read is not null)
        {
            return read;
        }

        bag.Add(Report.NotAnEvent(span, key.Text, HintFor(words)));
        return new EventSyntax.Missing(span);
    }

    /// <summary>
    /// A channel pattern of <c>capabilities</c> or of a step; null, and no message, where it is none.
    /// </summary>
    public static PathPattern? ParseChannel(SourceSlice channel)
    {
        TextSpan span = channel.ToFile(new TextSpan(0, channel.Text.Length));
        PathPattern? pattern = ReadPath(new Identifier(span, channel.Text));
        return pattern is { Rooted: false } ? pattern : null;
    }

    private static EventSyntax? Read(TextSpan span, ImmutableArray<Identifier> words) =>
        (words[0].Text, words.Length) switch
        {
            ("start", 1) => new EventSyntax.Start(span),
            ("stop", 1) => new EventSyntax.Stop(span),
            ("timer", 2) when IsName(words[1]) => new EventSyntax.Timer(span, words[1]),
            ("ask", 2) when IsName(words[1]) => new EventSyntax.Ask(span, words[1]),
            ("refused", 3) when Binds(words) => new EventSyntax.Refused(span, words[2]),
            ("exit", 4) when Binds(words) && IsAgent(words[1]) => new EventSyntax.Exit(span, words[1], words[3]),
            ("device", 4) when Binds(words) && IsName(words[1]) => new EventSyntax.Device(span, words[1], words[3]),
            ("migrate", 4) when Binds(words) && IsVersion(words[1]) =>
                new EventSyntax.Migrate(span, words[1], words[3]),
            ("message", 4) when Binds(words) && ReadPath(words[1]) is { Rooted: false } channel && HasNoAny(channel) =>
                new EventSyntax.Message(span, channel, words[3]),
            ("http", 5) when Binds(words) && _methods.Contains(words[1].Text)
                && ReadPath(words[2]) is { Rooted: true } path && HasNoAny(path) =>
                new EventSyntax.Http(span, words[1], path, words[4]),
            _ => null,
        };

    private static string HintFor(ImmutableArray<Identifier> words)
    {
        (string word, string form) = Array.Find(_forms, row => !words.IsEmpty && row.Word == words[0].Text);
        return word is null
            ? $"write one of {string.Join(", ", _forms.Select(row => $"`{row.Form}`"))}"
            : $"write `{form}`, with names like `this_one`";
    }

    private static bool Binds(ImmutableArray<Identifier> words) => words[^2].Text == "as" && IsName(words[^1]);

    private static bool IsName(Identifier word) => IsName(word.Text);

    // NAME, or IMPORT.NAME.
    private static bool IsAgent(Identifier word) => word.Text.Split('.') is { Length: <= 2 } parts && parts.All(IsName);

    private static bool IsName(string text) =>
        text.Length is > 0 and <= Limits.NameLengthMax && char.IsAsciiLetterLower(text[0])
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')
        && !Vocabulary.IsKeyword(text);

    private static bool IsVersion(Identifier word) =>
        word.Text.Split('.') is { Length: <= 3 } numbers
        && numbers.All(number => number.Length is > 0 and < 10 && number.All(char.IsAsciiDigit));

    private static bool HasNoAny(PathPattern pattern) => !pattern.Segments.Any(part => part is PathSegment.Any);

    private static PathPattern? ReadPath(Identifier word)
    {
        bool isRooted = word.Text.StartsWith('/');
        int at = isRooted ? 1 : 0;
        var segments = ImmutableArray.CreateBuilder<PathSegment>();
        foreach (string part in word.Text[at..].Split('/'))
        {
            PathSegment? segment = ReadSegment(part, new TextSpan(word.Span.Start + at, part.Length), isRooted);
            if (segment is null || segments.Count == SegmentsMax)
            {
                return isRooted && word.Text.Length == 1 ? new PathPattern(word.Span, Rooted: true, []) : null;
            }

            segments.Add(segment);
            at += part.Length + 1;
        }

        return new PathPattern(word.Span, isRooted, segments.ToImmutable());
    }

    private static PathSegment? ReadSegment(string part, TextSpan span, bool isRooted)
    {
        if (part.StartsWith('{') && part.EndsWith('}') && IsName(part[1..^1]))
        {
            var name = new Identifier(new TextSpan(span.Start + 1, part.Length - 2), part[1..^1]);
            return new PathSegment.Capture(span, name);
        }

        if (part == "+" && !isRooted)
        {
            return new PathSegment.Any(span);
        }

        bool isLiteral = part.Length > 0 && part.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)
            || c is '_' or '-' || (isRooted && (char.IsAsciiLetterUpper(c) || c is '.' or '~')));
        return isLiteral ? new PathSegment.Literal(span, part) : null;
    }

    /// <summary>The words between blanks, with their places.</summary>
    private static ImmutableArray<Identifier> Words(SourceSlice key)
    {
        var words = ImmutableArray.CreateBuilder<Identifier>();
        int at = 0;
        foreach (string word in key.Text.Split(' '))
        {
            if (word.Length > 0)
            {
                words.Add(new Identifier(key.ToFile(new TextSpan(at, word.Length)), word));
            }

            at += word.Length + 1;
        }

        return words.ToImmutable();
    }
}
