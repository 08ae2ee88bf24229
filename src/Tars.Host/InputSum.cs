using Tars.Base;

namespace Tars.Host;

/// <summary>What tells whether a file is the one that an input was read from: the octets before the place where it is
/// read on.</summary>
/// <remarks>They are few, so that whoever reads much does not read it twice; a file that only grew has them still.
/// </remarks>
internal static class InputSum
{
    /// <summary>Of the octets before a place; null for what can be read once only.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    public static ulong? Of(Stream stream, long place)
    {
        if (stream is not FileStream { CanSeek: true, SafeFileHandle: var file } || place == 0)
        {
            return null;
        }

        byte[] octets = new byte[(int)Math.Min(place, Limits.InputSumBytes)];
        int read = 0;
        for (int more = 1; 0 < more && read < octets.Length; read += more)
        {
            more = RandomAccess.Read(file, octets.AsSpan(read), place - octets.Length + read);
        }

        return XxHash64.Of(octets.AsSpan(0, read), seed: 0);
    }
}
