using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>
/// Paths into a document: keys joined by points; in a key <c> as NAME</c> is left out and blanks become colons.
/// </summary>
internal sealed class DocumentPaths(CodeReader code, YamlNode root)
{
    public bool Exists(string path) => Exists(root, path);

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

    /// <summary>The part of a path that a key is.</summary>
    public static string Part(string key)
    {
        int bind = key.IndexOf(" as ", StringComparison.Ordinal);
        return (bind < 0 ? key : key[..bind]).Replace(' ', ':');
    }

    private static string LastOf(string path) => path[(path.LastIndexOf('.') + 1)..];

    // A key of a version or an address holds points of its own, so each key is tried as a prefix.
    private static bool Exists(YamlNode node, string path)
    {
        if (path.Length == 0)
        {
            return true;
        }

        foreach (YamlEntry entry in node.Entries())
        {
            string part = Part(entry.Key.Value);
            if (part.Length > 0 && (path == part
                || (path.StartsWith(part + ".", StringComparison.Ordinal)
                    && Exists(entry.Value, path[(part.Length + 1)..]))))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The paths beside the deepest part of the path that exists.</summary>
    private IEnumerable<string> Near(string path)
    {
        YamlNode node = root;
        string before = "";
        while (true)
        {
            string rest = path[before.Length..];
            YamlEntry? next = node.Entries().FirstOrDefault(entry =>
                rest.StartsWith(Part(entry.Key.Value) + ".", StringComparison.Ordinal));
            if (next is null)
            {
                return node.Entries().Select(entry => before + Part(entry.Key.Value));
            }

            before += Part(next.Key.Value) + ".";
            node = next.Value;
        }
    }
}
