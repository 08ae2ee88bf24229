using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;
using Tars.Lang.Yaml;

namespace Tars.Sim.Trees;

/// <summary>What a document says, as text without its layout: for comparing it before and after the
/// formatter.</summary>
internal static class DocumentTree
{
    /// <summary>
    /// A line for each scalar: its path, and its text or the tree of its code. The formatter orders the keys of
    /// blocks, so the lines are in one order of their own.
    /// </summary>
    public static string Of(SourceText source)
    {
        var bag = new DiagnosticBag();
        YamlNode root = YamlReader.Read(source, bag);
        var trees = new Dictionary<YamlNode.Scalar, string>(ReferenceEqualityComparer.Instance);
        foreach (var (scalar, part) in ProgramText.PartsByScalar(root, bag))
        {
            trees[scalar] = SyntaxText.Of(part, withTrivia: false);
        }

        var lines = new List<string>();
        Write(root, path: "", trees, lines);
        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    /// <summary>The comments of the document and of its code, in one order.</summary>
    public static string[] Comments(SourceText source)
    {
        var bag = new DiagnosticBag();
        IEnumerable<Comment> inCode = ProgramText.Parts(source, bag).SelectMany(SyntaxWalk.Comments);
        return
        [
            .. SyntaxWalk.Comments(YamlReader.Read(source, bag)).Concat(inCode)
                .Select(comment => comment.Text).Order(StringComparer.Ordinal),
        ];
    }

    private static void Write(
        YamlNode node, string path, Dictionary<YamlNode.Scalar, string> trees, List<string> lines)
    {
        switch (node)
        {
            case YamlNode.Mapping mapping:
                lines.Add($"{path}: a mapping");
                foreach (YamlEntry entry in mapping.Entries)
                {
                    Write(entry.Value, $"{path}.{trees.GetValueOrDefault(entry.Key, entry.Key.Value)}", trees, lines);
                }

                break;
            case YamlNode.Sequence sequence:
                lines.Add($"{path}: a list");
                foreach (var (index, item) in sequence.Items.Index())
                {
                    Write(item.Value, $"{path}.{index:d6}", trees, lines);
                }

                break;
            case YamlNode.Scalar scalar:
                lines.Add($"{path}: {trees.GetValueOrDefault(scalar, scalar.Value)}");
                break;
            default:
                lines.Add($"{path}: nothing");
                break;
        }
    }
}
