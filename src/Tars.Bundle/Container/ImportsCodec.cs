using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Bundle.Container;

/// <summary>The form of section `tars.imports`: a count, then size and octets of each bundle.</summary>
internal static class ImportsCodec
{
    public static byte[] Write(ImmutableArray<ReadOnlyMemory<byte>> bundles)
    {
        var output = new ByteWriter(4096);
        output.U32((uint)bundles.Length);
        foreach (var bundle in bundles)
        {
            output.U32((uint)bundle.Length);
            output.Bytes(bundle.Span);
        }

        return output.ToArray();
    }

    /// <summary>Reads hostile bytes; null when they are no list of bundles.</summary>
    public static ImmutableArray<ReadOnlyMemory<byte>>? Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new ByteReader(bytes.Span);
        uint count = reader.U32();
        var bundles = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        for (uint done = 0; done < count && !reader.Failed && done < BundleLimits.ImportsMax; done++)
        {
            uint size = reader.U32();
            int start = reader.Position;
            reader.Bytes(size);
            if (!reader.Failed)
            {
                bundles.Add(bytes[start..reader.Position]);
            }
        }

        return reader.Failed || !reader.AtEnd || bundles.Count != count ? null : bundles.ToImmutable();
    }
}
