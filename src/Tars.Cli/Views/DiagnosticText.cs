using System.Globalization;
using Tars.Base;

namespace Tars.Cli.Views;

/// <summary>Diagnostics for people: place, title, the line with a mark under it, and the mend.</summary>
internal sealed class DiagnosticText(TextWriter output, bool colors)
{
    private const string Indent = "    ";

    // A wider line is shown around the place, so that a mark is never far away from what it marks.
    private const int ShownColumnsMax = 100;

    private readonly Paint _paint = new(colors);

    public void Write(IReadOnlyCollection<PlacedDiagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
        {
            Write(diagnostic);
        }
    }

    /// <summary>"2 errors, 1 warning", or "" when there is nothing.</summary>
    public static string Count(IReadOnlyCollection<PlacedDiagnostic> diagnostics)
    {
        int errors = diagnostics.Count(one => one.IsError);
        int warnings = diagnostics.Count - errors;
        string[] parts = [Plural(errors, "error"), Plural(warnings, "warning")];
        return string.Join(", ", parts.Where(part => part != ""));
    }

    private static string Plural(int count, string noun) => count switch
    {
        0 => "",
        1 => $"1 {noun}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}s"),
    };

    private void Write(PlacedDiagnostic placed)
    {
        var diagnostic = placed.Diagnostic;
        var severity = placed.IsError
            ? _paint.Red($"error {diagnostic.Code}")
            : _paint.Yellow($"warning {diagnostic.Code}");
        var at = _paint.Bold($"{Printable.Of(placed.File)}:{placed.Start}");
        output.WriteLine($"{at} {severity}: {Printable.Of(diagnostic.Title)}");
        WriteMarked(placed.Source, diagnostic.Span, placed.IsError);
        if (diagnostic.Hint != "")
        {
            output.WriteLine($"{Indent}{_paint.Cyan("help:")} {Printable.Of(diagnostic.Hint)}");
        }

        if (diagnostic.Related is { } related)
        {
            var place = $"{Printable.Of(placed.File)}:{placed.Source.PositionOf(related.Start)}";
            output.WriteLine($"{Indent}{_paint.Cyan("see:")} {place}");
        }
    }

    private void WriteMarked(SourceText source, TextSpan span, bool isError)
    {
        var start = source.PositionOf(span.Start);
        var line = source.LineText(start.Line);
        int from = Math.Min(start.Column - 1, line.Length);
        int to = Math.Clamp(from + span.Length, from, line.Length);
        if (ShownColumnsMax < line.Length)
        {
            int cut = Math.Max(0, from - ShownColumnsMax / 2);
            line = line[cut..Math.Min(line.Length, cut + ShownColumnsMax)];
            from -= cut;
            to = Math.Min(to - cut, line.Length);
        }

        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        // Tabs stay tabs, so the mark stands under its place whatever their width is.
        var blank = string.Concat(line[..from].Select(unit => unit == '\t' ? '\t' : ' '));
        var mark = new string('^', Math.Max(1, to - from));
        output.WriteLine($"{Indent}{Printable.Of(line)}");
        output.WriteLine($"{Indent}{blank}{(isError ? _paint.Red(mark) : _paint.Yellow(mark))}");
    }
}
