using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Packages.Toml;

/// <summary>How a table came to be, which says what may still be added to it.</summary>
internal enum TomlOrigin
{
    /// <summary>Named on the way to another by a header: may be defined later, once.</summary>
    Implied,

    /// <summary>Defined by a header of its own, or the whole file.</summary>
    Header,

    /// <summary>Defined by a key with dots; headers may add tables below it.</summary>
    Dotted,

    /// <summary>Written between braces: whole from the beginning.</summary>
    Inline,
}

/// <summary>A value while the text is read: finished, a table, or an array of tables.</summary>
internal abstract class TomlNode(TextSpan span)
{
    public TextSpan Span { get; } = span;

    public abstract TomlValue Finish();

    public sealed class Value(TomlValue value) : TomlNode(value.Span)
    {
        public override TomlValue Finish() => value;
    }

    public sealed class Tables(TextSpan span) : TomlNode(span)
    {
        public List<Table> Items { get; } = [];

        public override TomlValue Finish() =>
            new TomlValue.Array(Span, [.. Items.Select(item => item.Finish())]);
    }

    public sealed class Table(TextSpan span, TomlOrigin origin, int depth) : TomlNode(span)
    {
        private readonly List<(TomlKey Key, TomlNode Node)> _entries = [];
        private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

        public TomlOrigin Origin { get; set; } = origin;

        public int Depth { get; } = depth;

        public TomlNode? Find(string key) => _places.TryGetValue(key, out int place) ? _entries[place].Node : null;

        public void Add(TomlKey key, TomlNode node)
        {
            _places.Add(key.Text, _entries.Count);
            _entries.Add((key, node));
        }

        public override TomlValue Finish() => Whole();

        public TomlValue.Table Whole() => new(
            Span,
            [.. _entries.Select(entry => new TomlEntry(entry.Key.Text, entry.Key.Span, entry.Node.Finish()))]);
    }
}

/// <summary>Finds and makes the tables that keys and headers name; keeps the rules of what is defined once.</summary>
internal sealed class TomlTables(TomlCursor cursor)
{
    private const string Once = "a key and a table are defined once; write it in one place";

    /// <summary>The table of a header in brackets, or null after a mistake.</summary>
    public TomlNode.Table? Header(TomlNode.Table root, ImmutableArray<TomlKey> path)
    {
        var key = path[^1];
        if (Walk(root, path) is not { } holder)
        {
            return null;
        }

        switch (holder.Find(key.Text))
        {
            case null:
                return Added(holder, key, TomlOrigin.Header);
            case TomlNode.Table { Origin: TomlOrigin.Implied } implied:
                implied.Origin = TomlOrigin.Header;
                return implied;
            case var other:
                Twice(key, other);
                return null;
        }
    }

    /// <summary>The next table of a header in double brackets, or null after a mistake.</summary>
    public TomlNode.Table? Element(TomlNode.Table root, ImmutableArray<TomlKey> path)
    {
        var key = path[^1];
        if (Walk(root, path) is not { } holder)
        {
            return null;
        }

        if (holder.Find(key.Text) is not TomlNode.Tables tables)
        {
            if (holder.Find(key.Text) is { } other)
            {
                Twice(key, other);
                return null;
            }

            tables = new TomlNode.Tables(key.Span);
            holder.Add(key, tables);
        }

        if (IsTooDeep(holder.Depth + 1, key.Span))
        {
            return null;
        }

        var element = new TomlNode.Table(key.Span, TomlOrigin.Header, holder.Depth + 1);
        tables.Items.Add(element);
        return element;
    }

    /// <summary>The table that holds the last part of a key with dots, or null after a mistake.</summary>
    public TomlNode.Table? Dotted(TomlNode.Table holder, ImmutableArray<TomlKey> path)
    {
        foreach (var key in path.SkipLast(1))
        {
            switch (holder.Find(key.Text))
            {
                case null when Added(holder, key, TomlOrigin.Dotted) is { } added:
                    holder = added;
                    break;
                case null:
                    return null;
                case TomlNode.Table { Origin: TomlOrigin.Implied or TomlOrigin.Dotted } table:
                    table.Origin = TomlOrigin.Dotted;
                    holder = table;
                    break;
                case var other:
                    Twice(key, other);
                    return null;
            }
        }

        return holder;
    }

    /// <summary>Gives a key its value.</summary>
    public void Set(TomlNode.Table holder, TomlKey key, TomlValue value)
    {
        if (holder.Find(key.Text) is { } other)
        {
            Twice(key, other);
        }
        else
        {
            holder.Add(key, new TomlNode.Value(value));
        }
    }

    /// <summary>True when that is deeper than anything may be; it is told.</summary>
    public bool IsTooDeep(int depth, TextSpan at) =>
        Limits.TomlDepthMax < depth && !cursor.Fail(
            at, $"more than {Limits.TomlDepthMax} tables and arrays inside each other", "make the tree flatter");

    // To the table that the last part stands in; of an array of tables the newest is meant.
    private TomlNode.Table? Walk(TomlNode.Table root, ImmutableArray<TomlKey> path)
    {
        var holder = root;
        foreach (var key in path.SkipLast(1))
        {
            switch (holder.Find(key.Text))
            {
                case null when Added(holder, key, TomlOrigin.Implied) is { } added:
                    holder = added;
                    break;
                case null:
                    return null;
                case TomlNode.Tables { Items: [.., var newest] }:
                    holder = newest;
                    break;
                case TomlNode.Table table:
                    holder = table;
                    break;
                case var other:
                    Twice(key, other);
                    return null;
            }
        }

        return holder;
    }

    private TomlNode.Table? Added(TomlNode.Table holder, TomlKey key, TomlOrigin origin)
    {
        if (IsTooDeep(holder.Depth + 1, key.Span))
        {
            return null;
        }

        var table = new TomlNode.Table(key.Span, origin, holder.Depth + 1);
        holder.Add(key, table);
        return table;
    }

    private void Twice(TomlKey key, TomlNode other)
    {
        string what = other switch
        {
            TomlNode.Tables => "an array of tables, `[[…]]`,",
            TomlNode.Table { Origin: TomlOrigin.Dotted } => "a table, by a key with dots,",
            TomlNode.Table => "a table",
            _ when other.Finish() is TomlValue.Table => "a table between braces, which is whole,",
            _ when other.Finish() is TomlValue.Array => "an array between brackets, which is whole,",
            _ => "a value",
        };
        string line = cursor.Source.PositionOf(other.Span.Start).Line
            .ToString(System.Globalization.CultureInfo.InvariantCulture);
        cursor.Fail(key.Span, $"`{key.Text}` is {what} already, in line {line}", Once);
    }
}
