using Tars.Lang.Syntax;
using Tars.Lang.Yaml;

namespace Tars.Lang.Formatting;

/// <summary>
/// Follows the table of keys down a document: which shape a part has, and which layout that shape may take.
/// </summary>
public static class Shapes
{
    /// <summary>The option of a shape that fits a node.</summary>
    public static KeyShape For(KeyShape shape, YamlNode node) => shape is not KeyShape.Either either
        ? shape
        : either.Options.FirstOrDefault(option => option switch
        {
            KeyShape.Scalar => node is YamlNode.Scalar,
            KeyShape.ListOf => node is YamlNode.Sequence,
            _ => node is YamlNode.Mapping,
        }) ?? shape;

    public static KeyShape ValueOf(KeyShape shape, YamlNode.Mapping mapping, YamlEntry entry) =>
        For(
            For(shape, mapping) switch
            {
                KeyShape.Fixed block => KeyTable.Block(block.Block).Find(entry.Key.Value)?.Shape ?? new KeyShape.Data(),
                KeyShape.MapOf map => map.Value,
                _ => new KeyShape.Data(),
            },
            entry.Value);

    public static KeyShape ItemOf(KeyShape shape, YamlNode.Sequence sequence) =>
        For(shape, sequence) is KeyShape.ListOf list ? list.Item : new KeyShape.Data();

    public static Reading KeyReading(KeyShape shape) =>
        shape is KeyShape.MapOf map ? map.Key : Reading.Text;

    /// <summary>
    /// Keys of a block in the order of the table, unknown ones last; free keys as the author has them.
    /// </summary>
    public static IEnumerable<YamlEntry> Ordered(YamlNode.Mapping mapping, KeyShape shape) =>
        For(shape, mapping) is KeyShape.Fixed block
            ? mapping.Entries.OrderBy(entry => KeyTable.Block(block.Block).OrderOf(entry.Key.Value))
            : mapping.Entries;

    /// <summary>
    /// Whether a collection may stand on one line: small blocks, values, and mappings and lists of scalars alone.
    /// </summary>
    public static bool MayFlow(YamlNode node, KeyShape shape, bool isItem) => (For(shape, node), node) switch
    {
        (KeyShape.Fixed block, _) => KeyTable.Block(block.Block).IsCompact,
        (KeyShape.ListOf { Item: KeyShape.Scalar { Reading: Reading.Expression } }, _) => false,
        (_, YamlNode.Sequence sequence) => sequence.Items.All(item => item.Value is YamlNode.Scalar),
        (KeyShape.MapOf, YamlNode.Mapping mapping) =>
            !isItem && mapping.Entries.All(entry => entry.Value is YamlNode.Scalar),
        (KeyShape.Data, _) => true,
        _ => false,
    };

    /// <summary>Whether no more than so many nodes are in it; looks at one more than that and no further.</summary>
    public static bool HasAtMost(int count, YamlNode node) => 0 <= Left(count, node);

    private static int Left(int count, YamlNode node)
    {
        IEnumerable<YamlNode> inner = node switch
        {
            YamlNode.Mapping mapping => mapping.Entries.Select(entry => entry.Value),
            YamlNode.Sequence sequence => sequence.Items.Select(item => item.Value),
            _ => [],
        };
        int left = count;
        foreach (YamlNode one in inner.TakeWhile(_ => 0 <= left))
        {
            left = Left(left - 1, one);
        }

        return left;
    }
}
