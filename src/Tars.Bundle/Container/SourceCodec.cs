using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Bundle.Container;

/// <summary>The form of section `tars.source`: a count, then name and text of each source.</summary>
internal static class SourceCodec
{
    public static byte[] Write(ImmutableArray<SourceFile> sources)
    {
        var output = new ByteWriter(4096);
        output.U32((uint)sources.Length);
        foreach (var source in sources)
        {
            output.Text(source.Name);
            output.Text(source.Text);
        }

        return output.ToArray();
    }

    /// <summary>Reads hostile bytes; null when they are no sources.</summary>
    public static ImmutableArray<SourceFile>? Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        uint count = reader.U32();
        var sources = ImmutableArray.CreateBuilder<SourceFile>();
        for (uint done = 0; done < count && !reader.Failed; done++)
        {
            sources.Add(new SourceFile(reader.Text(), reader.Text()));
        }

        return reader.Failed || !reader.AtEnd ? null : sources.ToImmutable();
    }
}
