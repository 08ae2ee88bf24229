namespace Tars.Lang.Yaml;

/// <summary>One line of a document as the reader sees it.</summary>
/// <param name="Start">Offset of its first character.</param>
/// <param name="Content">Offset of its first character that is not a blank.</param>
/// <param name="End">Offset behind its last character, the line end left out.</param>
/// <param name="Indent">Its column; for a line that is indented by a tab, the column it was probably meant for.</param>
internal readonly record struct YamlLine(int Start, int Content, int End, int Indent, YamlLineKind Kind);

internal enum YamlLineKind
{
    Blank,
    Comment,
    Content,
}
