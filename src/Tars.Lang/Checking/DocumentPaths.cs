using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>Paths into the document that an author names, and what to say of one that leads nowhere.</summary>
internal sealed class DocumentPaths(CodeReader code, YamlNode root)
{
    public bool Exists(string path) => DocumentPath.Find(root, path) is not null;

    /// <summary>Reports a path that leads nowhere.</summary>
    public bool Check(YamlNode node)
    {
        if (node is not YamlNode.Scalar scalar)
        {
            return false;
        }

        if (Exists(scalar.Value))
        {
            return true;
        }

        if (!code.Module.Complaints.Recovery.MayBeDeclared(LastOf(scalar.Value)))
        {
            string nearest = NearestName.Of(scalar.Value, Near(scalar.Value));
            code.Report(Report.NoSuchPath(
                scalar.Span, scalar.Value, nearest.Length == 0 ? "" : $"did you mean `{nearest}`?"));
        }

        return false;
    }

    private static string LastOf(string path) => path[(path.LastIndexOf('.') + 1)..];

    /// <summary>The paths beside the deepest part of the path that exists.</summary>
    private IEnumerable<string> Near(string path)
    {
        YamlNode node = root;
        string before = "";
        while (true)
        {
            string rest = path[before.Length..];
            YamlEntry? next = node.Entries().FirstOrDefault(entry =>
                rest.StartsWith(DocumentPath.Part(entry.Key.Value) + ".", StringComparison.Ordinal));
            if (next is null)
            {
                return node.Entries().Select(entry => before + DocumentPath.Part(entry.Key.Value));
            }

            before += DocumentPath.Part(next.Key.Value) + ".";
            node = next.Value;
        }
    }
}
