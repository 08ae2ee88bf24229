using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Tars.Packages.Toml;

/// <summary>Writes a tree in its one form: equal trees give equal text, and reading the text gives the tree.</summary>
/// <remarks>Values of a table come first, then its tables, each under a header; what stands in an array that is not
/// of tables alone is written between braces.</remarks>
public static class TomlWriter
{
    public static string Write(TomlValue.Table root)
    {
        var output = new StringBuilder();
        Write(output, root, path: "");
        return output.ToString();
    }

    /// <summary>A key as it is written: bare where it can be.</summary>
    public static string Key(string key) =>
        key.Length > 0 && key.All(unit => char.IsAsciiLetterOrDigit(unit) || unit is '_' or '-') ? key : Quoted(key);

    /// <summary>A string between quotes, on one line.</summary>
    public static string Quoted(string text)
    {
        var output = new StringBuilder("\"");
        foreach (char unit in text)
        {
            _ = unit switch
            {
                '\b' => output.Append("\\b"),
                '\t' => output.Append("\\t"),
                '\n' => output.Append("\\n"),
                '\f' => output.Append("\\f"),
                '\r' => output.Append("\\r"),
                '"' => output.Append("\\\""),
                '\\' => output.Append("\\\\"),
                _ when TomlCursor.IsControl(unit) =>
                    output.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}"),
                _ => output.Append(unit),
            };
        }

        return output.Append('"').ToString();
    }

    private static void Write(StringBuilder output, TomlValue.Table table, string path)
    {
        foreach (var entry in table.Entries.Where(entry => !HasHeader(entry.Value)))
        {
            output.Append(Key(entry.Key)).Append(" = ");
            Inline(output, entry.Value);
            output.Append('\n');
        }

        foreach (var entry in table.Entries.Where(entry => HasHeader(entry.Value)))
        {
            string below = path.Length == 0 ? Key(entry.Key) : $"{path}.{Key(entry.Key)}";
            bool isArray = entry.Value is TomlValue.Array;
            foreach (var part in TablesOf(entry.Value))
            {
                // A table of tables alone is there by the headers of those.
                if (isArray || part.Entries.IsEmpty || part.Entries.Any(inner => !HasHeader(inner.Value)))
                {
                    output.Append(output.Length == 0 ? "" : "\n");
                    output.Append(isArray ? $"[[{below}]]\n" : $"[{below}]\n");
                }

                Write(output, part, below);
            }
        }
    }

    private static bool HasHeader(TomlValue value) => value is TomlValue.Table
        || (value is TomlValue.Array { Items: { IsEmpty: false } items } && items.All(item => item is TomlValue.Table));

    private static ImmutableArray<TomlValue.Table> TablesOf(TomlValue value) => value is TomlValue.Table table
        ? [table]
        : [.. ((TomlValue.Array)value).Items.Cast<TomlValue.Table>()];

    private static void Inline(StringBuilder output, TomlValue value)
    {
        switch (value)
        {
            case TomlValue.Array array:
                List(output, "[", array.Items, "]", Inline);
                break;
            case TomlValue.Table table:
                List(output, "{ ", table.Entries, " }", static (text, entry) =>
                {
                    text.Append(Key(entry.Key)).Append(" = ");
                    Inline(text, entry.Value);
                });
                break;
            default:
                output.Append(Scalar(value));
                break;
        }
    }

    private static void List<T>(
        StringBuilder output, string open, ImmutableArray<T> items, string close, Action<StringBuilder, T> write)
    {
        output.Append(items.IsEmpty ? open.TrimEnd() : open);
        foreach (var (at, item) in items.Index())
        {
            output.Append(at == 0 ? "" : ", ");
            write(output, item);
        }

        output.Append(items.IsEmpty ? close.TrimStart() : close);
    }

    private static string Scalar(TomlValue value) => value switch
    {
        TomlValue.String text => Quoted(text.Value),
        TomlValue.Integer number => number.Value.ToString(CultureInfo.InvariantCulture),
        TomlValue.Float number => Float(number.Value),
        TomlValue.Boolean boolean => boolean.Value ? "true" : "false",
        TomlValue.OffsetDateTime moment => $"{Date(moment.Date)}T{Time(moment.Time)}{Offset(moment.Offset)}",
        TomlValue.LocalDateTime moment => $"{Date(moment.Date)}T{Time(moment.Time)}",
        TomlValue.LocalDate day => Date(day.Date),
        TomlValue.LocalTime time => Time(time.Time),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Float(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : 0 < value ? "inf" : "-inf";
        }

        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAny('.', 'E') ? text : $"{text}.0";
    }

    private static string Date(TomlDate date) =>
        string.Create(CultureInfo.InvariantCulture, $"{date.Year:0000}-{date.Month:00}-{date.Day:00}");

    private static string Time(TomlTime time)
    {
        string part = time.Nanosecond == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture, $".{time.Nanosecond:000000000}").TrimEnd('0');
        return string.Create(
            CultureInfo.InvariantCulture, $"{time.Hour:00}:{time.Minute:00}:{time.Second:00}{part}");
    }

    private static string Offset(int minutes) => minutes == 0 ? "Z" : string.Create(
        CultureInfo.InvariantCulture,
        $"{(minutes < 0 ? '-' : '+')}{Math.Abs(minutes) / 60:00}:{Math.Abs(minutes) % 60:00}");
}
