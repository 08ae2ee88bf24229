using System.Text;
using System.Text.RegularExpressions;

namespace Tars.Tests.Tidy;

/// <summary>The types and the longer members of one C# file, as far as braces and our formatting tell them.</summary>
internal sealed partial class CSharpOutline
{
    private readonly string _code;
    private readonly Stack<Block> _open = new();
    private int _line = 1;

    private CSharpOutline(string text)
    {
        _code = CSharpBlanker.Blank(text);
        Walk();
    }

    public List<TypeOutline> Types { get; } = [];

    public List<MemberOutline> Members { get; } = [];

    public static CSharpOutline Of(string text) => new(text);

    private enum BlockKind
    {
        Namespace,
        Type,
        Member,
        Inner,
    }

    // Head collects what was read since the last statement ended: it tells what the next brace opens.
    private void Walk()
    {
        int headStart = 0;
        int headLine = 1;
        bool headIsEmpty = true;
        int round = 0;
        for (int at = 0; at < _code.Length; at++)
        {
            char c = _code[at];
            if (headIsEmpty && !char.IsWhiteSpace(c))
            {
                headStart = at;
                headLine = _line;
                headIsEmpty = false;
            }

            switch (c)
            {
                case '\n':
                    _line++;
                    break;
                case '(' or '[':
                    round++;
                    break;
                case ')' or ']':
                    round--;
                    break;
                case '{':
                    Open(_code[headStart..at], headLine, round);
                    headStart = at + 1;
                    headIsEmpty = true;
                    break;
                case '}':
                    Close();
                    headStart = at + 1;
                    headIsEmpty = true;
                    break;
                case ';' when round == 0:
                    Bodiless(_code[headStart..at], headLine);
                    headStart = at + 1;
                    headIsEmpty = true;
                    break;
            }
        }
    }

    private void Open(string head, int headLine, int round)
    {
        var inside = _open.TryPeek(out var parent) ? parent.Kind : BlockKind.Namespace;
        var type = TypeHead().Match(head);
        var kind = inside is BlockKind.Member or BlockKind.Inner || round != 0 ? BlockKind.Inner
            : head.TrimStart().StartsWith("namespace ", StringComparison.Ordinal) ? BlockKind.Namespace
            : type.Success ? BlockKind.Type
            : IsTable(head) ? BlockKind.Inner
            : BlockKind.Member;
        if (kind == BlockKind.Type)
        {
            AddType(type, head, headLine);
        }

        _open.Push(new Block(kind, kind == BlockKind.Member ? NameOf(head) : "", headLine));
    }

    private void Close()
    {
        if (_open.TryPop(out var block) && block.Kind == BlockKind.Member)
        {
            Members.Add(new MemberOutline(block.Name, block.Line, _line - block.Line + 1));
        }
    }

    // A record without a body ends in a semicolon and is a type all the same.
    private void Bodiless(string head, int headLine)
    {
        var type = TypeHead().Match(head);
        var inside = _open.TryPeek(out var parent) ? parent.Kind : BlockKind.Namespace;
        if (type.Success && inside is BlockKind.Namespace or BlockKind.Type)
        {
            AddType(type, head, headLine);
        }
        else if (inside == BlockKind.Type && head.Contains("=>", StringComparison.Ordinal))
        {
            Members.Add(new MemberOutline(NameOf(head), headLine, _line - headLine + 1));
        }
    }

    private void AddType(Match type, string head, int line) => Types.Add(new TypeOutline(
        type.Groups["name"].Value,
        type.Groups["kind"].Value,
        IsPublic: PublicWord().IsMatch(head[..type.Index] + type.Value),
        IsNested: _open.Any(block => block.Kind == BlockKind.Type),
        Base: BaseName().Match(OutsideBrackets(head[(type.Index + type.Length)..])).Groups["base"].Value,
        line));

    // A field whose initializer opens the brace is a table, and tables may be long.
    private static bool IsTable(string head) => Initializer().IsMatch(OutsideBrackets(head));

    private static string NameOf(string head) => MemberName().Match(head).Groups["name"].Value;

    // Default values and attribute arguments have an equals sign of their own; they do not speak for the head.
    private static string OutsideBrackets(string head)
    {
        var kept = new StringBuilder();
        int depth = 0;
        foreach (char c in head)
        {
            depth -= c is ')' or ']' ? 1 : 0;
            if (depth == 0)
            {
                kept.Append(c);
            }

            depth += c is '(' or '[' ? 1 : 0;
        }

        return kept.ToString();
    }

    [GeneratedRegex(
        @"^\s*(\[[^\]]*\]\s*)*"
        + @"((public|internal|private|protected|file|static|sealed|abstract|partial|readonly|ref|unsafe|new)\s+)*"
        + @"(?<kind>record struct|record class|record|class|struct|interface|enum)\s+(?<name>@?[A-Za-z_]\w*)")]
    private static partial Regex TypeHead();

    [GeneratedRegex(@"\bpublic\b")]
    private static partial Regex PublicWord();

    [GeneratedRegex(@":\s*(?<base>[A-Za-z_][\w.]*)")]
    private static partial Regex BaseName();

    [GeneratedRegex(@"[^=!<>]=[^=>]")]
    private static partial Regex Initializer();

    [GeneratedRegex(@"(?<name>[A-Za-z_]\w*)\s*(<[^>(]*>)?\s*(\(|=>|$|\s*where\b)")]
    private static partial Regex MemberName();

    private readonly record struct Block(BlockKind Kind, string Name, int Line);
}

/// <summary>A type as declared. <see cref="Kind"/> is the declaring word, such as <c>record struct</c>.</summary>
internal sealed record TypeOutline(string Name, string Kind, bool IsPublic, bool IsNested, string Base, int Line);

/// <summary>A member with a body, from the first line of its head to its closing brace.</summary>
internal sealed record MemberOutline(string Name, int Line, int LineCount);
