using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Packages.Toml;

/// <summary>A place in a TOML text, with what is wrong as far as it was read.</summary>
/// <remarks>Whoever finds a mistake adds it and answers false or null; nobody above adds another for it.</remarks>
internal sealed class TomlCursor(SourceText source)
{
    /// <summary>Stands for what is behind the end.</summary>
    public const char End = '\0';

    private readonly List<TomlMistake> _mistakes = [];

    public SourceText Source => source;

    public string Text { get; } = source.Text;

    public int At { get; set; }

    public bool IsAtEnd => Text.Length <= At;

    public char Now => Peek(0);

    /// <summary>Brackets and braces that are open: behind a mistake in there nobody knows what a line means.</summary>
    public int Open { get; set; }

    public bool IsFull => Limits.TomlMistakesMax <= _mistakes.Count;

    public ImmutableArray<TomlMistake> Mistakes => [.. _mistakes.OrderBy(one => one.At.Start)];

    public char Peek(int ahead) => At + ahead < Text.Length ? Text[At + ahead] : End;

    public bool IsAt(string word) => Text.AsSpan(At).StartsWith(word, StringComparison.Ordinal);

    public bool Take(char expected)
    {
        if (IsAtEnd || Text[At] != expected)
        {
            return false;
        }

        At++;
        return true;
    }

    public void SkipBlanks()
    {
        while (Now is ' ' or '\t')
        {
            At++;
        }
    }

    /// <summary>True when a line ended here; it is taken.</summary>
    public bool TakeLineEnd()
    {
        if (Now == '\n')
        {
            At++;
            return true;
        }

        if (Now == '\r' && Peek(1) == '\n')
        {
            At += 2;
            return true;
        }

        return false;
    }

    /// <summary>Goes behind a comment, if one stands here; its line goes on until its end.</summary>
    public bool SkipComment()
    {
        if (Now != '#' || IsAtEnd)
        {
            return true;
        }

        while (!IsAtEnd && Now != '\n' && !(Now == '\r' && Peek(1) == '\n'))
        {
            if (IsControl(Now))
            {
                return Fail(At, 1, ControlTitle("a comment"), "take the character out");
            }

            At++;
        }

        return true;
    }

    /// <summary>Goes to the next value of an array: over blanks, lines and comments.</summary>
    public bool SkipLines()
    {
        do
        {
            SkipBlanks();
            if (!SkipComment())
            {
                return false;
            }
        }
        while (TakeLineEnd());

        return true;
    }

    /// <summary>Goes to the beginning of the next line.</summary>
    public void SkipLine()
    {
        while (!IsAtEnd && !TakeLineEnd())
        {
            At++;
        }
    }

    public bool Fail(int start, int length, string title, string hint) =>
        Fail(new TextSpan(start, length), title, hint);

    public bool Fail(TextSpan at, string title, string hint)
    {
        if (!IsFull)
        {
            _mistakes.Add(new TomlMistake(at, title, hint));
        }

        return false;
    }

    /// <summary>Control characters stand nowhere; a tab is none.</summary>
    public static bool IsControl(char unit) => unit is < ' ' and not '\t' or '\u007F';

    public string ControlTitle(string where) => Now == '\r'
        ? $"a carriage return without a line feed in {where}"
        : $"the control character U+{(int)Now:X4} in {where}";

    /// <summary>What stands here, as it is named in a message.</summary>
    public string Shown => IsAtEnd ? "the end of the file"
        : Now == '\n' || (Now == '\r' && Peek(1) == '\n') ? "the end of the line"
        : Now == '\r' ? "a carriage return alone"
        : IsControl(Now) ? $"the control character U+{(int)Now:X4}"
        : char.IsHighSurrogate(Now) ? $"`{Text.AsSpan(At, Math.Min(2, Text.Length - At))}`"
        : $"`{Now}`";
}
