using Tars.Base;

namespace Tars.Lang.Binding;

/// <summary>Remembers what stands in places that are wrong, so that one mistake does not look like several.</summary>
/// <remarks>
/// A name that stands where a declaration could not be read may have been declared there: nobody says that it is
/// unknown. A name that stands in code that could not be read may be used there: nobody says that it is unused.
/// </remarks>
internal sealed class Recovery(SourceText source)
{
    private readonly HashSet<string> _declared = new(StringComparer.Ordinal);
    private readonly HashSet<string> _mentioned = new(StringComparer.Ordinal);

    /// <summary>What stands there may declare each of its names, and uses them.</summary>
    public void LostDeclarations(TextSpan span)
    {
        foreach (string name in NamesIn(span))
        {
            _declared.Add(Plain(name));
            _mentioned.Add(name);
        }
    }

    /// <summary>
    /// Code that could not be read: it uses all its names, and declares those that follow <c>let</c> and kin.
    /// </summary>
    public void LostCode(TextSpan span)
    {
        string before = "";
        foreach (string name in NamesIn(span))
        {
            _mentioned.Add(name);
            if (before is "let" or "var" or "for" or "else")
            {
                _declared.Add(Plain(name));
            }

            before = name;
        }
    }

    /// <summary>All lines that a span touches, as <see cref="LostDeclarations"/>.</summary>
    public void LostLines(TextSpan span) => LostDeclarations(Lines(span));

    public void Mention(TextSpan span)
    {
        foreach (string name in NamesIn(span))
        {
            _mentioned.Add(name);
        }
    }

    public void Mention(string name) => _mentioned.Add(name);

    public void Declare(string name) => _declared.Add(Plain(name));

    public bool MayBeDeclared(string name) => _declared.Contains(Plain(name));

    public bool IsMentioned(string name) => _mentioned.Contains(name);

    public TextSpan Lines(TextSpan span) => TextSpan.FromBounds(
        source.StartOfLine(source.PositionOf(span.Start).Line),
        source.StartOfLine(source.PositionOf(span.End).Line + 1));

    /// <summary>A name in the wrong case is the same name, once its own mistake is mended.</summary>
    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    private IEnumerable<string> NamesIn(TextSpan span)
    {
        int at = span.Start;
        int end = Math.Min(span.End, source.Text.Length);
        while (at < end)
        {
            int start = at;
            while (at < end && (char.IsAsciiLetterOrDigit(source.Text[at]) || source.Text[at] == '_'))
            {
                at++;
            }

            if (start < at)
            {
                yield return source.Text[start..at];
            }

            at++;
        }
    }
}
