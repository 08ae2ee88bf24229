using Tars.Base;
using Tars.Lang.Diagnostics;

namespace Tars.Lang.Yaml;

/// <summary>Reads a document of the strict subset: always a tree, every mistake once, each with its place.</summary>
/// <remarks>
/// The reading is our own, line by line, so that one mistake hides no other: a reader of all of YAML stops at the
/// first. So that the subset stays one, every document without a mistake is read again with YamlDotNet, and what
/// differs is a mistake too.
/// </remarks>
public static class YamlReader
{
    public static YamlNode Read(SourceText source, DiagnosticBag bag)
    {
        var whole = new TextSpan(0, source.Text.Length);
        if (source.Text.Length > Limits.SourceBytesMax)
        {
            bag.Add(Report.SourceTooLarge(new TextSpan(0, 0)));
            return new YamlNode.Missing(whole, IsReported: true);
        }

        // A zero byte stands in no text, so what holds one is another sort of file: nothing else is worth telling.
        int zero = source.Text.IndexOf('\0', StringComparison.Ordinal);
        if (0 <= zero)
        {
            bag.Add(Report.NotText(new TextSpan(zero, 1)));
            return new YamlNode.Missing(whole, IsReported: true);
        }

        var found = new DiagnosticBag();
        var lines = new YamlLines(source.Text, found);
        YamlNode root = new BlockReader(new YamlContext(lines, found)).ReadDocument();
        if (root is YamlNode.Missing { IsReported: false })
        {
            found.Add(Report.NothingWritten(new TextSpan(0, 0)));
            root = new YamlNode.Missing(whole, IsReported: true);
        }

        root = PlaceCheck.Run(root, found);
        if (!found.HasErrors)
        {
            YamlWitness.Compare(source.Text, root, found);
        }

        foreach (Diagnostic diagnostic in found.ToSorted())
        {
            bag.Add(diagnostic);
        }

        return root;
    }
}
