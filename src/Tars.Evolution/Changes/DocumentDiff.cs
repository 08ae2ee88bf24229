using System.Collections.Immutable;
using System.Globalization;
using Tars.Lang.Formatting;
using Tars.Lang.Syntax;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Changes;

/// <summary>What differs between two metascripts, by path and kind; layout and comments do not count.</summary>
public sealed class DocumentDiff
{
    private readonly List<DocumentChange> _changes = [];

    private DocumentDiff()
    {
    }

    /// <summary>In the order of the new document, what is gone after what is there.</summary>
    public static ImmutableArray<DocumentChange> Between(YamlNode before, YamlNode after)
    {
        var diff = new DocumentDiff();
        diff.Compare("", before, after, KeyTable.Root);
        return [.. diff._changes];
    }

    private void Compare(string path, YamlNode before, YamlNode after, KeyShape shape)
    {
        switch (before, after)
        {
            case (YamlNode.Mapping one, YamlNode.Mapping other):
                CompareMappings(path, one, other, shape);
                break;
            case (YamlNode.Sequence one, YamlNode.Sequence other):
                CompareLists(path, one, other, shape);
                break;
            case (YamlNode.Scalar one, YamlNode.Scalar other):
                CompareScalars(path, one, other, shape);
                break;
            default:
                Add(ChangeKind.Changed, path, Text(before, shape), Text(after, shape));
                if (HasInner(after))
                {
                    AddWhole(path, after, Shapes.For(shape, after), isUnknown: false);
                }

                break;
        }
    }

    // One change for each leaf: who approves it has to see all of it.
    private void AddWhole(string path, YamlNode node, KeyShape shape, bool isUnknown)
    {
        switch (node)
        {
            case YamlNode.Mapping mapping when HasInner(node):
                foreach (var entry in mapping.Entries)
                {
                    AddWhole(
                        DocumentPath.Below(path, entry.Key.Value),
                        entry.Value,
                        Shapes.ValueOf(shape, mapping, entry),
                        isUnknown || IsUnknown(shape, mapping, entry));
                }

                break;
            case YamlNode.Sequence list when HasInner(node):
                var labels = Labelled(list).Select(one => one.Label).ToList();
                bool isNamed = IsNamed(labels);
                for (int index = 0; index < list.Items.Length; index++)
                {
                    string at = isNamed ? $"{path}[{labels[index]}]" : $"{path}[{index}]";
                    AddWhole(at, list.Items[index].Value, Shapes.ItemOf(shape, list), isUnknown);
                }

                break;
            default:
                _changes.Add(new DocumentChange(ChangeKind.Added, path, "", Text(node, shape))
                {
                    IsUnknownKey = isUnknown,
                });
                break;
        }
    }

    private void CompareMappings(string path, YamlNode.Mapping before, YamlNode.Mapping after, KeyShape shape)
    {
        var gone = before.Entries.Where(one => Match(after, one, before) is null).ToList();
        foreach (var entry in after.Entries)
        {
            string at = DocumentPath.Below(path, entry.Key.Value);
            var valueShape = Shapes.ValueOf(shape, after, entry);
            if (Match(before, entry, after) is { } was)
            {
                Compare(at, was.Value, entry.Value, valueShape);
                if (was.Key.Value != entry.Key.Value)
                {
                    Add(ChangeKind.Changed, at, was.Key.Value, entry.Key.Value); // What follows ` as `.
                }
            }
            else if (gone.Find(one => IsSame(one.Value, entry.Value, valueShape)) is { } old && IsFree(shape))
            {
                gone.Remove(old);
                Add(ChangeKind.Renamed, at, old.Key.Value, entry.Key.Value);
            }
            else
            {
                AddWhole(at, entry.Value, valueShape, IsUnknown(shape, after, entry));
            }
        }

        foreach (var old in gone)
        {
            var oldShape = Shapes.ValueOf(shape, before, old);
            Add(ChangeKind.Removed, DocumentPath.Below(path, old.Key.Value), Text(old.Value, oldShape), "");
        }

        string order = Keys(before, after);
        string now = Keys(after, before);
        if (IsFree(shape) && order != now)
        {
            Add(ChangeKind.Reordered, path, order, now);
        }
    }

    private void CompareLists(string path, YamlNode.Sequence before, YamlNode.Sequence after, KeyShape shape)
    {
        var itemShape = Shapes.ItemOf(shape, after);
        var old = Labelled(before);
        var current = Labelled(after);
        var labels = current.Select(one => one.Label).ToList();
        bool isNamed = IsNamed(labels) && old.All(one => one.Label.Length != 0);
        if (!isNamed && old.Count != current.Count)
        {
            Add(ChangeKind.Changed, path, Text(before, shape), Text(after, shape));
            CompareUnnamed(path, [.. old.Select(one => one.Node)], [.. current.Select(one => one.Node)], itemShape);
            return;
        }

        for (int index = 0; index < current.Count; index++)
        {
            var item = current[index];
            string at = isNamed ? $"{path}[{item.Label}]" : $"{path}[{index}]";
            var was = isNamed ? old.Find(one => one.Label == item.Label).Node : old[index].Node;
            if (was is null)
            {
                AddWhole(at, item.Node, itemShape, isUnknown: false);
            }
            else
            {
                Compare(at, was, item.Node, Shapes.For(itemShape, item.Node));
            }
        }

        foreach (var (label, node) in old.Where(one => isNamed && !labels.Contains(one.Label)))
        {
            Add(ChangeKind.Removed, $"{path}[{label}]", Text(node, itemShape), "");
        }

        var kept = old.Select(one => one.Label).Where(labels.Contains).ToList();
        if (isNamed && !labels.Where(kept.Contains).SequenceEqual(kept))
        {
            Add(ChangeKind.Reordered, path, string.Join(", ", kept), string.Join(", ", labels.Where(kept.Contains)));
        }
    }

    // What is the same at both ends is passed over; of the rest, what has no partner came or went.
    private void CompareUnnamed(string path, YamlNode[] before, YamlNode[] after, KeyShape shape)
    {
        int least = Math.Min(before.Length, after.Length);
        int head = 0;
        while (head < least && IsSame(before[head], after[head], Shapes.For(shape, after[head])))
        {
            head++;
        }

        int tail = 0;
        while (tail < least - head
            && IsSame(before[^(tail + 1)], after[^(tail + 1)], Shapes.For(shape, after[^(tail + 1)])))
        {
            tail++;
        }

        for (int index = head; index < Math.Max(before.Length, after.Length) - tail; index++)
        {
            string at = $"{path}[{index}]";
            if (before.Length - tail <= index)
            {
                AddWhole(at, after[index], shape, isUnknown: false);
            }
            else if (after.Length - tail <= index)
            {
                Add(ChangeKind.Removed, at, Text(before[index], shape), "");
            }
            else
            {
                Compare(at, before[index], after[index], Shapes.For(shape, after[index]));
            }
        }
    }

    private void CompareScalars(string path, YamlNode.Scalar before, YamlNode.Scalar after, KeyShape shape)
    {
        var reading = ReadingOf(shape, after);
        if (CodeForm.IsSame(before, after, reading))
        {
            return;
        }

        bool areNumbers = IsNumber(before.Value) && IsNumber(after.Value);
        var kind = reading is Reading.Code ? ChangeKind.Rewritten
            : areNumbers ? ChangeKind.Tuned
            : ChangeKind.Changed;
        Add(kind, path, Text(before, shape), Text(after, shape));
    }

    private static bool IsSame(YamlNode before, YamlNode after, KeyShape shape)
    {
        var inner = new DocumentDiff();
        inner.Compare("", before, after, shape);
        return inner._changes.Count == 0;
    }

    // What follows ` as ` may be another; but in data two keys of one mapping may differ in no more than that.
    private static YamlEntry? Match(YamlNode.Mapping mapping, YamlEntry entry, YamlNode.Mapping of) =>
        mapping.Entries.FirstOrDefault(one => one.Key.Value == entry.Key.Value)
        ?? mapping.Entries.FirstOrDefault(one => of.Find(one.Key.Value) is null
            && DocumentPath.Part(one.Key.Value) == DocumentPath.Part(entry.Key.Value));

    private static bool IsNamed(List<string> labels) => labels.TrueForAll(one => one.Length != 0)
        && labels.Distinct(StringComparer.Ordinal).Count() == labels.Count;

    private static bool HasInner(YamlNode node) =>
        node is YamlNode.Mapping { Entries.Length: > 0 } or YamlNode.Sequence { Items.Length: > 0 };

    private static bool IsUnknown(KeyShape shape, YamlNode.Mapping mapping, YamlEntry entry) =>
        Shapes.For(shape, mapping) is KeyShape.Fixed block
        && KeyTable.Block(block.Block).Find(entry.Key.Value) is null;

    private static bool IsFree(KeyShape shape) => shape is KeyShape.MapOf;

    private static string Keys(YamlNode.Mapping of, YamlNode.Mapping other) => string.Join(
        ", ",
        of.Entries.Where(one => Match(other, one, of) is not null).Select(one => DocumentPath.Part(one.Key.Value)));

    private static List<(string Label, YamlNode Node)> Labelled(YamlNode.Sequence list) =>
    [
        .. list.Items.Select(item => ((item.Value as YamlNode.Mapping) is { } mapping
            ? ((mapping.Find("name") ?? mapping.Find("id")) as YamlNode.Scalar)?.Value ?? ""
            : "", item.Value)),
    ];

    private static Reading ReadingOf(KeyShape shape, YamlNode.Scalar node) =>
        Shapes.For(shape, node) is KeyShape.Scalar place ? place.Reading : Reading.Text;

    private static string Text(YamlNode node, KeyShape shape) => node switch
    {
        YamlNode.Scalar scalar when ReadingOf(shape, scalar) is Reading.Code =>
            string.Join('\n', CodeForm.Lines(scalar)),
        YamlNode.Scalar scalar => scalar.Value,
        YamlNode.Mapping mapping => Count(mapping.Entries.Length, "key"),
        YamlNode.Sequence list => Count(list.Items.Length, "item"),
        _ => "",
    };

    private static string Count(int count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    private static bool IsNumber(string text) => double.TryParse(
        text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private void Add(ChangeKind kind, string path, string before, string after) =>
        _changes.Add(new DocumentChange(kind, path, before, after));
}
