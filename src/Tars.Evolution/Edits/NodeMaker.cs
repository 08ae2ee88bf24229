using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Lang.Checking;
using Tars.Lang.Formatting;
using Tars.Lang.Syntax;
using Tars.Lang.Text;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Edits;

/// <summary>Makes the nodes of a document out of plain values, each in the style that its place asks for.</summary>
internal static class NodeMaker
{
    public static YamlNode Of(DataNode value, KeyShape shape) => value switch
    {
        DataNode.Text text => Scalar(text.Value, shape),
        DataNode.Record record => Mapping(record, shape),
        DataNode.List list => Sequence(list, shape),
        _ => throw new UnreachableException(),
    };

    public static YamlNode.Scalar Key(string text) =>
        new(default, ScalarStyle.Plain, SourceSlice.Verbatim(text, fileOffset: 0));

    public static YamlEntry Entry(string key, YamlNode value) => new(Key(key), value, Trivia.None);

    public static YamlNode.Mapping EmptyMapping { get; } = new(default, CollectionStyle.Block, [], []);

    private static YamlNode.Scalar Scalar(string text, KeyShape shape)
    {
        // A mapping may be wanted here too, so the shape is that of scalars alone.
        var place = Shapes.For(shape, Key(text));
        bool isBlock = place is KeyShape.Scalar { Reading: Reading.Code or Reading.Template };
        return isBlock
            ? new YamlNode.Scalar(default, ScalarStyle.Literal, SourceSlice.Verbatim(WithLineEnd(text), fileOffset: 0))
            : Key(text);
    }

    // What a block holds ends with one line end.
    private static string WithLineEnd(string text) =>
        text.Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n') + "\n";

    private static YamlNode.Mapping Mapping(DataNode.Record record, KeyShape shape)
    {
        var entries = ImmutableArray.CreateBuilder<YamlEntry>(record.Fields.Length);
        foreach (var (key, value) in record.Fields)
        {
            // Which shape a value has may depend on its own kind, so it is asked of a mapping that holds it.
            var bare = Entry(key, Of(value, new KeyShape.Data()));
            var holder = EmptyMapping with { Entries = [bare] };
            entries.Add(Entry(key, Of(value, Shapes.ValueOf(shape, holder, bare))));
        }

        return EmptyMapping with { Entries = entries.ToImmutable() };
    }

    private static YamlNode.Sequence Sequence(DataNode.List list, KeyShape shape)
    {
        var empty = new YamlNode.Sequence(default, CollectionStyle.Block, [], []);
        var itemShape = Shapes.ItemOf(shape, empty);
        return empty with { Items = [.. list.Items.Select(item => new YamlItem(Of(item, itemShape), Trivia.None))] };
    }
}
