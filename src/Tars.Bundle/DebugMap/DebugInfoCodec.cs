using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Bundle.DebugMap;

/// <summary>
/// The compact form of <see cref="DebugInfo"/> in section `tars.debug`: LEB128 numbers, lines as differences.
/// </summary>
public static class DebugInfoCodec
{
    private const byte FormatVersion = 1;

    public static byte[] Write(DebugInfo info)
    {
        var output = new ByteWriter(16 + (info.Sites.Length * 6));
        output.U8(FormatVersion);
        Texts(info.Files, output);
        output.LebU64((ulong)info.Sites.Length);
        int line = 0;
        foreach (var site in info.Sites)
        {
            output.LebU64((ulong)site.File);
            output.LebI64(site.Start.Line - line);
            output.LebU64((ulong)site.Start.Column);
            output.LebI64(site.End.Line - site.Start.Line);
            output.LebU64((ulong)site.End.Column);
            line = site.Start.Line;
        }

        Texts(info.Functions, output);
        return output.ToArray();
    }

    /// <summary>Reads hostile bytes; null when they are not what <see cref="Write"/> makes.</summary>
    public static DebugInfo? Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        if (reader.U8() != FormatVersion)
        {
            return null;
        }

        var files = Texts(ref reader);
        int count = Count(ref reader, octetsEach: 5);
        var sites = ImmutableArray.CreateBuilder<DebugSite>(count);
        int line = 0;
        for (int index = 0; index < count && !reader.Failed; index++)
        {
            int file = Number(ref reader);
            int startLine = line + (int)Signed(ref reader);
            int startColumn = Number(ref reader);
            int endLine = startLine + (int)Signed(ref reader);
            sites.Add(
                new DebugSite(
                    file, new LinePosition(startLine, startColumn), new LinePosition(endLine, Number(ref reader))));
            line = startLine;
            if (files.Length <= file && 0 < index)
            {
                reader.Fail();
            }
        }

        var functions = Texts(ref reader);
        if (reader.Failed || !reader.AtEnd)
        {
            return null;
        }

        var info = new DebugInfo(files, sites.ToImmutable(), functions);
        return Write(info).AsSpan().SequenceEqual(bytes) ? info : null;
    }

    private static void Texts(ImmutableArray<string> texts, ByteWriter output)
    {
        output.LebU64((ulong)texts.Length);
        foreach (var text in texts)
        {
            output.Text(text);
        }
    }

    private static ImmutableArray<string> Texts(ref ByteReader reader)
    {
        int count = Count(ref reader, octetsEach: 4);
        var texts = ImmutableArray.CreateBuilder<string>(count);
        for (int index = 0; index < count && !reader.Failed; index++)
        {
            texts.Add(reader.Text());
        }

        return texts.ToImmutable();
    }

    // A count that the bytes cannot hold is refused before anything is allocated for it.
    private static int Count(ref ByteReader reader, int octetsEach)
    {
        int count = Number(ref reader);
        if (reader.Remaining / octetsEach < count || BundleLimits.DebugEntriesMax < count)
        {
            reader.Fail();
            return 0;
        }

        return count;
    }

    private static int Number(ref ByteReader reader)
    {
        ulong value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            byte octet = reader.U8();
            value |= (ulong)(octet & 0x7F) << shift;
            if (octet < 0x80)
            {
                break;
            }
        }

        if (int.MaxValue < value)
        {
            reader.Fail();
            return 0;
        }

        return (int)value;
    }

    private static long Signed(ref ByteReader reader)
    {
        long value = 0;
        int shift = 0;
        byte octet;
        do
        {
            octet = reader.U8();
            value |= (long)(octet & 0x7F) << shift;
            shift += 7;
        }
        while (0x80 <= octet && shift < 35);

        return (octet & 0x40) != 0 ? value | (-1L << shift) : value;
    }
}
