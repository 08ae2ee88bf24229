using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Packages.Toml;

/// <summary>Reads keys: bare, quoted, and several with dots between them.</summary>
internal sealed class TomlKeys(TomlCursor cursor, TomlStrings strings)
{
    /// <summary>The parts of the key that begins here, at least one; null after a mistake.</summary>
    public ImmutableArray<TomlKey>? Read()
    {
        var parts = ImmutableArray.CreateBuilder<TomlKey>();
        do
        {
            cursor.SkipBlanks();
            int start = cursor.At;
            if (Part() is not { } text)
            {
                return null;
            }

            parts.Add(new TomlKey(text, TextSpan.FromBounds(start, cursor.At)));
            cursor.SkipBlanks();
        }
        while (cursor.Take('.'));

        return parts.ToImmutable();
    }

    private string? Part()
    {
        if (cursor.Now is '"' or '\'' && !cursor.IsAtEnd)
        {
            if (cursor.IsAt("\"\"\"") || cursor.IsAt("'''"))
            {
                cursor.Fail(cursor.At, 3, "a key is no string of several lines", "write it between one pair of quotes");
                return null;
            }

            return strings.One(cursor.Now);
        }

        int start = cursor.At;
        while (char.IsAsciiLetterOrDigit(cursor.Now) || cursor.Now is '_' or '-')
        {
            cursor.At++;
        }

        if (start == cursor.At)
        {
            cursor.Fail(start, 1, $"a key is expected, not {cursor.Shown}",
                "a key has letters, digits, `_` and `-`; any other stands in quotes");
            return null;
        }

        return cursor.Text[start..cursor.At];
    }
}

/// <summary>One part of a key.</summary>
internal readonly record struct TomlKey(string Text, TextSpan Span);
