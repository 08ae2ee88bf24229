using Tars.Lang.Checking;
using Tars.Lang.Formatting;
using Tars.Lang.Syntax;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Edits;

/// <summary>A document with one node of it made anew.</summary>
internal static class TreeEdit
{
    public static YamlNode Node(YamlNode root, ReadOnlySpan<int> way) =>
        way.IsEmpty ? root : Node(((YamlNode.Mapping)root).Entries[way[0]].Value, way[1..]);

    /// <param name="way">A place among the entries of each mapping, as <see cref="DocumentPath"/> finds it.</param>
    public static YamlNode At(
        YamlNode node, ReadOnlySpan<int> way, KeyShape shape, Func<YamlNode, KeyShape, YamlNode> change)
    {
        if (way.IsEmpty)
        {
            return change(node, shape);
        }

        var mapping = (YamlNode.Mapping)node;
        var entry = mapping.Entries[way[0]];
        var value = At(entry.Value, way[1..], Shapes.ValueOf(shape, mapping, entry), change);
        return mapping with { Entries = mapping.Entries.SetItem(way[0], entry with { Value = value }) };
    }

    /// <summary>An entry for a mapping of a shape.</summary>
    public static YamlEntry NewEntry(YamlNode.Mapping mapping, string key, KeyShape shape, DataNode value) =>
        WithValue(mapping, NodeMaker.Entry(key, NodeMaker.EmptyMapping), shape, value);

    /// <summary>The entry with another value, its comments kept.</summary>
    public static YamlEntry WithValue(YamlNode.Mapping mapping, YamlEntry entry, KeyShape shape, DataNode value)
    {
        // The shape of a place may depend on the kind of node that stands there.
        var bare = entry with { Value = NodeMaker.Of(value, new KeyShape.Data()) };
        return entry with { Value = NodeMaker.Of(value, Shapes.ValueOf(shape, mapping, bare)) };
    }
}
