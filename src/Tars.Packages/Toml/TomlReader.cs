using System.Buffers;
using System.Text.Unicode;
using Tars.Base;

namespace Tars.Packages.Toml;

/// <summary>Reads TOML 1.0 (toml.io, version 1.0.0), whole, from octets that nobody has looked at before.</summary>
/// <remarks>
/// Any octets give a tree and the mistakes, in time that grows with their number. Behind a mistake the next line is
/// read; behind one between brackets, or in a string of several lines, nothing more is, because nobody knows where the
/// next statement begins.
/// </remarks>
public static class TomlReader
{
    private const char ByteOrderMark = '\uFEFF';

    /// <param name="name">What the file is called in messages.</param>
    public static TomlReading Read(string name, ReadOnlySpan<byte> octets)
    {
        if (Limits.TomlBytesMax < octets.Length)
        {
            return Refused(name, "", $"more than {Limits.TomlBytesMax} octets", "this is hardly meant as such a file");
        }

        var units = new char[octets.Length];
        var status = Utf8.ToUtf16(octets, units, out int read, out int written, replaceInvalidSequences: false);
        string text = new(units, 0, written);
        return status == OperationStatus.Done
            ? Read(name, text)
            : Refused(name, text, $"octet {read} is not part of UTF-8", "save the file as UTF-8");
    }

    /// <param name="name">What the file is called in messages.</param>
    public static TomlReading Read(string name, string text)
    {
        var source = new SourceText(name, text);
        var cursor = new TomlCursor(source);
        _ = cursor.Take(ByteOrderMark); // Editors write one, and the specification of 1.0 does not speak of it.
        var root = new TomlDocument(cursor).Read();
        return new TomlReading(source, root, cursor.Mistakes);
    }

    private static TomlReading Refused(string name, string text, string title, string hint)
    {
        var end = new TextSpan(text.Length, 0);
        return new TomlReading(
            new SourceText(name, text), new TomlValue.Table(default, []), [new TomlMistake(end, title, hint)]);
    }
}
