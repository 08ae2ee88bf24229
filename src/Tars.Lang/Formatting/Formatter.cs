using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Yaml;

namespace Tars.Lang.Formatting;

/// <summary>Writes a metascript in its one canonical layout.</summary>
/// <remarks>
/// Promises: the text means what it meant, comments stay, and formatting a second time changes nothing. A document
/// with a mistake in its YAML is given back as it is, with the messages; code with a mistake keeps its lines. So is a
/// document that would grow beyond what may be read.
/// </remarks>
public static class Formatter
{
    public static string Format(SourceText source, DiagnosticBag bag)
    {
        var found = new DiagnosticBag();
        YamlNode root = YamlReader.Read(source, found);
        foreach (Diagnostic diagnostic in found.ToSorted())
        {
            bag.Add(diagnostic);
        }

        string printed = found.HasErrors ? source.Text : DocumentPrinter.Print(root);
        return Limits.SourceBytesMax < printed.Length ? source.Text : printed;
    }

    /// <summary>Writes a tree, such as one that an edit has made.</summary>
    public static string Print(YamlNode root) => DocumentPrinter.Print(root);
}
