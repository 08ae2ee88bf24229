using System.Text;
using Tars.Base;
using Tars.Lang.Diagnostics;

namespace Tars.Lang.Text;

/// <summary>Makes source text of the bytes of a file; whatever the bytes are, there is a text.</summary>
public static class SourceDecoder
{
    public static SourceText Decode(string name, ReadOnlySpan<byte> bytes, DiagnosticBag bag)
    {
        if (bytes.Length > Limits.SourceBytesMax)
        {
            bag.Add(Report.SourceTooLarge(new TextSpan(0, 0)));
            return new SourceText(name, "");
        }

        if (bytes.StartsWith(Encoding.UTF8.Preamble))
        {
            bag.Add(Report.ByteOrderMark(new TextSpan(0, 0)));
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        }

        string text = Encoding.UTF8.GetString(bytes);
        if (FirstInvalid(bytes) is int at)
        {
            bag.Add(Report.NotUtf8(new TextSpan(at, 1)));
        }

        return new SourceText(name, text);
    }

    /// <summary>The offset, in UTF-16, of the first character that had to be replaced.</summary>
    private static int? FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        int offset = 0;
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int used) != System.Buffers.OperationStatus.Done)
            {
                return offset;
            }

            offset += rune.Utf16SequenceLength;
            bytes = bytes[used..];
        }

        return null;
    }
}
