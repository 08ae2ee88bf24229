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

        var found = new DiagnosticBag();
        var lines = new YamlLines(source.Text, found);
        YamlNode root = new BlockReader(new YamlContext(lines, found)).ReadDocument();
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
