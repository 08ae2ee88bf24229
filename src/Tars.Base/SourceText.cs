namespace Tars.Base;

/// <summary>The text of one file and where its lines begin. Lines and columns are counted from one.</summary>
/// <remarks>A column counts UTF-16 code units, as editors do. <c>CR LF</c> ends a line like <c>LF</c>.</remarks>
public sealed class SourceText
{
    private readonly int[] _lineStarts;

    public SourceText(string name, string text)
    {
        Name = name;
        Text = text;
        var starts = new List<int> { 0 };
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] == '\n')
            {
                starts.Add(at + 1);
            }
        }

        _lineStarts = [.. starts];
    }

    /// <summary>What the file is called in messages; never an absolute path that a bundle could keep.</summary>
    public string Name { get; }

    public string Text { get; }

    public int LineCount => _lineStarts.Length;

    public LinePosition PositionOf(int offset)
    {
        int clamped = Math.Clamp(offset, 0, Text.Length);
        int index = Array.BinarySearch(_lineStarts, clamped);
        int line = index >= 0 ? index : ~index - 1;
        return new LinePosition(line + 1, clamped - _lineStarts[line] + 1);
    }

    /// <summary>The offset of the first code unit of a line; the end of the text for a line past the last.</summary>
    public int StartOfLine(int line) => line > _lineStarts.Length ? Text.Length : _lineStarts[Math.Max(1, line) - 1];

    /// <summary>The line without its end.</summary>
    public string LineText(int line)
    {
        int start = StartOfLine(line);
        int end = StartOfLine(line + 1);
        return Text[start..end].TrimEnd('\n', '\r');
    }
}
