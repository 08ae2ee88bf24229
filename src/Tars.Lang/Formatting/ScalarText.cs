using System.Globalization;
using System.Text;
using Tars.Lang.Yaml;

namespace Tars.Lang.Formatting;

/// <summary>
/// Writes a scalar so that it is read back as the same text: plain where it can be, quoted otherwise.
/// </summary>
internal static class ScalarText
{
    private const string IndicatorsAtStart = ",[]{}#&*!|>'\"%@`";

    /// <summary>Whether a text can stand without quotes.</summary>
    public static bool IsPlain(string text, bool inFlow)
    {
        if (text.Length == 0 || text[0] == ' ' || text[^1] == ' ' || text[^1] == ':'
            || IndicatorsAtStart.Contains(text[0]) || text.StartsWith("---", StringComparison.Ordinal)
            || text.StartsWith("...", StringComparison.Ordinal))
        {
            return false;
        }

        bool isIndicator = text[0] is '-' or '?' or ':' && (text.Length == 1 || text[1] == ' ');
        return !isIndicator
            && !text.Contains(": ", StringComparison.Ordinal)
            && !text.Contains(" #", StringComparison.Ordinal)
            && !text.Any(IsEscaped)
            && !(inFlow && (text.AsSpan().ContainsAny(",[]{}") || FlowText.OpensType(text)));
    }

    /// <summary>
    /// The same of a key: one that begins with a colon, is the merge key, or ends like an alias is not read as text.
    /// </summary>
    public static bool IsPlainKey(string text, bool inFlow) =>
        IsPlain(text, inFlow) && text[0] != ':' && text != "<<" && text[text.LastIndexOf(' ') + 1] != '*';

    /// <summary>Prose goes between double quotes, unless single ones spare it escapes.</summary>
    public static string Quoted(string text) =>
        text.AsSpan().ContainsAny('"', '\\') ? SingleQuoted(text) : DoubleQuoted(text);

    private static string DoubleQuoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when IsEscaped(c) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
                _ => c.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>Code goes between single quotes, where its own quotes and backslashes need no escapes.</summary>
    public static string SingleQuoted(string text) => text.Any(IsEscaped)
        ? DoubleQuoted(text)
        : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static bool IsEscaped(char c) =>
        c is < ' ' or (>= '\u007F' and <= '\u009F') or '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF';
}
