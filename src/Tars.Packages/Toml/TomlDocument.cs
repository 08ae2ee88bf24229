using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Packages.Toml;

/// <summary>Reads the statements of a file, headers and keys with values, into one table.</summary>
internal sealed class TomlDocument
{
    private readonly TomlCursor _cursor;
    private readonly TomlStrings _strings;
    private readonly TomlScalars _scalars;
    private readonly TomlKeys _keys;
    private readonly TomlTables _tables;

    public TomlDocument(TomlCursor cursor)
    {
        _cursor = cursor;
        _strings = new TomlStrings(cursor);
        _scalars = new TomlScalars(cursor);
        _keys = new TomlKeys(cursor, _strings);
        _tables = new TomlTables(cursor);
    }

    public TomlValue.Table Read()
    {
        var root = new TomlNode.Table(new TextSpan(0, 0), TomlOrigin.Header, depth: 0);
        var current = root;
        while (!_cursor.IsAtEnd && !_cursor.IsFull)
        {
            _cursor.SkipBlanks();
            bool isRead = _cursor.Now is '#' or '\n' or '\r' || _cursor.IsAtEnd || Statement(root, ref current);
            if (isRead && EndsLine())
            {
                continue;
            }

            if (0 < _cursor.Open)
            {
                break;
            }

            _cursor.SkipLine();
        }

        return root.Whole();
    }

    // What was wrong with a header is not the fault of what stands below it: that goes to a table of its own.
    private bool Statement(TomlNode.Table root, ref TomlNode.Table current)
    {
        int start = _cursor.At;
        if (!_cursor.Take('['))
        {
            return KeyAndValue(current);
        }

        bool isElement = _cursor.Take('[');
        current = new TomlNode.Table(new TextSpan(start, 1), TomlOrigin.Header, depth: 0);
        if (_keys.Read() is not { } path)
        {
            return false;
        }

        if (!_cursor.Take(']') || (isElement && !_cursor.Take(']')))
        {
            string close = isElement ? "]]" : "]";
            return _cursor.Fail(
                _cursor.At, 1, $"`{close}` is expected, not {_cursor.Shown}", "a header is `[table]` or `[[element]]`");
        }

        current = (isElement ? _tables.Element(root, path) : _tables.Header(root, path)) ?? current;
        return true;
    }

    private bool KeyAndValue(TomlNode.Table holder)
    {
        if (_keys.Read() is not { } path)
        {
            return false;
        }

        if (!_cursor.Take('='))
        {
            return _cursor.Fail(
                _cursor.At, 1, $"`=` is expected behind the key, not {_cursor.Shown}", "write `key = value`");
        }

        _cursor.SkipBlanks();
        var table = _tables.Dotted(holder, path);
        if (Value((table ?? holder).Depth + 1) is not { } value)
        {
            return false;
        }

        if (table is not null)
        {
            _tables.Set(table, path[^1], value);
        }

        return true;
    }

    private TomlValue? Value(int depth)
    {
        int start = _cursor.At;
        switch (_cursor.Now)
        {
            case '"' or '\'':
                return _strings.Read() is { } text
                    ? new TomlValue.String(TextSpan.FromBounds(start, _cursor.At), text)
                    : null;
            case '[' or '{':
                if (_tables.IsTooDeep(depth, new TextSpan(start, 1)))
                {
                    _cursor.Open++;
                    return null;
                }

                return _cursor.Now == '[' ? Array(depth) : InlineTable(depth);
            default:
                return _scalars.Read();
        }
    }

    private TomlValue.Array? Array(int depth)
    {
        int start = _cursor.At++;
        _cursor.Open++;
        var items = ImmutableArray.CreateBuilder<TomlValue>();
        while (true)
        {
            if (_cursor.IsFull || !_cursor.SkipLines())
            {
                return null;
            }

            if (_cursor.Take(']'))
            {
                break;
            }

            if (Value(depth + 1) is not { } item)
            {
                return null;
            }

            items.Add(item);
            if (!_cursor.SkipLines())
            {
                return null;
            }

            if (!_cursor.Take(',') && _cursor.Now != ']')
            {
                _cursor.Fail(_cursor.At, 1, $"`,` or `]` is expected, not {_cursor.Shown}",
                    "items of an array have commas between them, and `]` closes it");
                return null;
            }
        }

        _cursor.Open--;
        return new TomlValue.Array(TextSpan.FromBounds(start, _cursor.At), items.ToImmutable());
    }

    private TomlValue.Table? InlineTable(int depth)
    {
        int start = _cursor.At++;
        _cursor.Open++;
        var table = new TomlNode.Table(new TextSpan(start, 1), TomlOrigin.Inline, depth);
        _cursor.SkipBlanks();
        bool isOver = _cursor.Take('}');
        while (!isOver)
        {
            if (_cursor.IsFull || !KeyAndValue(table))
            {
                return null;
            }

            _cursor.SkipBlanks();
            isOver = _cursor.Take('}');
            if (!isOver && !_cursor.Take(','))
            {
                _cursor.Fail(_cursor.At, 1, $"`,` or `}}` is expected, not {_cursor.Shown}",
                    "a table between braces stands on one line, with commas between its keys and none at the end");
                return null;
            }
        }

        _cursor.Open--;
        var span = TextSpan.FromBounds(start, _cursor.At);
        return new TomlValue.Table(span, table.Whole().Entries);
    }

    // Behind a statement nothing may stand but a comment.
    private bool EndsLine()
    {
        _cursor.SkipBlanks();
        if (!_cursor.SkipComment())
        {
            return false;
        }

        return _cursor.IsAtEnd || _cursor.TakeLineEnd() || _cursor.Fail(
            _cursor.At, 1, $"the end of the line is expected, not {_cursor.Shown}",
            "a key with its value, and a header, have a line of their own");
    }
}
