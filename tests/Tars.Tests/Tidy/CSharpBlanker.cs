namespace Tars.Tests.Tidy;

/// <summary>Replaces what stands in comments, texts and characters by blanks, keeping every line and column.</summary>
/// <remarks>
/// It knows as much of C# as our own formatting needs: line and block comments, ordinary, verbatim, raw and
/// interpolated texts with their holes. After it, a brace is a brace.
/// </remarks>
internal sealed class CSharpBlanker
{
    private readonly string _text;
    private readonly char[] _blanked;
    private int _at;

    private CSharpBlanker(string text)
    {
        _text = text;
        _blanked = text.ToCharArray();
    }

    public static string Blank(string text)
    {
        var blanker = new CSharpBlanker(text);
        blanker.Code(inHole: false);
        return new string(blanker._blanked);
    }

    // Reads code up to the end of the text or, in a hole, up to the brace that closes it.
    private void Code(bool inHole)
    {
        int depth = 0;
        while (_at < _text.Length)
        {
            if (Starts("//"))
            {
                BlankTo(EndOfLine());
            }
            else if (Starts("/*"))
            {
                int end = _text.IndexOf("*/", _at + 2, StringComparison.Ordinal);
                BlankTo(end < 0 ? _text.Length : end + 2);
            }
            else if (_text[_at] == '\'')
            {
                Character();
            }
            else if (_text[_at] is '"' or '$' or '@' && TextStart() is { } start)
            {
                Text(start.Quote, start.Dollars, start.Verbatim);
            }
            else
            {
                depth += _text[_at] == '{' ? 1 : _text[_at] == '}' ? -1 : 0;
                if (inHole && depth < 0)
                {
                    return;
                }

                _at++;
            }
        }
    }

    private void Character()
    {
        int end = _at + 1;
        while (end < _text.Length && _text[end] != '\'' && _text[end] != '\n')
        {
            end += _text[end] == '\\' ? 2 : 1;
        }

        BlankTo(Math.Min(end + 1, _text.Length));
    }

    private (int Quote, int Dollars, bool Verbatim)? TextStart()
    {
        int quote = _at;
        int dollars = 0;
        bool verbatim = false;
        for (; quote < _text.Length && _text[quote] is '$' or '@'; quote++)
        {
            dollars += _text[quote] == '$' ? 1 : 0;
            verbatim |= _text[quote] == '@';
        }

        return quote < _text.Length && _text[quote] == '"' ? (quote, dollars, verbatim) : null;
    }

    private void Text(int quote, int dollars, bool verbatim)
    {
        int quotes = 0;
        while (quote + quotes < _text.Length && _text[quote + quotes] == '"')
        {
            quotes++;
        }

        if (!verbatim && 3 <= quotes)
        {
            int end = _text.IndexOf(new string('"', quotes), quote + quotes, StringComparison.Ordinal);
            BlankTo(end < 0 ? _text.Length : end + quotes);
            return;
        }

        BlankTo(quote + 1);
        while (_at < _text.Length && !(_text[_at] == '"' && !(verbatim && Starts("\"\""))))
        {
            if (0 < dollars && (Starts("{{") || Starts("}}")))
            {
                BlankTo(_at + 2);
            }
            else if (0 < dollars && _text[_at] == '{')
            {
                BlankTo(_at + 1);
                Code(inHole: true);
            }
            else
            {
                bool pair = verbatim ? Starts("\"\"") : _text[_at] == '\\';
                BlankTo(Math.Min(_at + (pair ? 2 : 1), _text.Length));
            }
        }

        BlankTo(Math.Min(_at + 1, _text.Length));
    }

    private bool Starts(string word) => string.CompareOrdinal(_text, _at, word, 0, word.Length) == 0;

    private int EndOfLine() => _text.IndexOf('\n', _at) is >= 0 and int end ? end : _text.Length;

    private void BlankTo(int end)
    {
        for (; _at < end; _at++)
        {
            _blanked[_at] = _text[_at] == '\n' ? '\n' : ' ';
        }
    }
}
