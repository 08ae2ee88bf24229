using System.Collections.Immutable;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>
/// Reading a document whose shape has been checked: what is not there, or of another kind, reads as empty.
/// </summary>
internal static class DocumentNodes
{
    public static YamlNode? Get(this YamlNode? node, string key) => (node as YamlNode.Mapping)?.Find(key);

    public static ImmutableArray<YamlEntry> Entries(this YamlNode? node) => (node as YamlNode.Mapping)?.Entries ?? [];

    public static IEnumerable<YamlNode> Items(this YamlNode? node) =>
        (node as YamlNode.Sequence)?.Items.Select(item => item.Value) ?? [];

    public static YamlNode.Scalar? Scalar(this YamlNode? node) => node as YamlNode.Scalar;

    public static string Text(this YamlNode? node) => node.Scalar()?.Value ?? "";

    public static long? Int(this YamlNode? node) => node.Scalar() is { } scalar ? Literals.Int(scalar.Value) : null;

    public static double? Float(this YamlNode? node) =>
        node.Scalar() is { } scalar ? Literals.Float(scalar.Value) : null;

    public static long? Duration(this YamlNode? node) =>
        node.Scalar() is { } scalar ? Literals.Duration(scalar.Value) : null;

    /// <summary>A count that was checked to be small enough; other numbers are cut to what fits.</summary>
    public static int? Count(this YamlNode? node) =>
        node.Int() is long value ? (int)Math.Clamp(value, int.MinValue, int.MaxValue) : null;
}
