using System.Buffers.Binary;
using System.Globalization;

namespace Tars.Bundle.Container;

/// <summary>
/// SHA-256 over what a bundle means: see docs/bundle.md. It names the bundle in stores, journals and checkpoints.
/// </summary>
public readonly record struct BundleHash(ulong A, ulong B, ulong C, ulong D)
{
    public static BundleHash Of(ReadOnlySpan<byte> digest) => new(
        BinaryPrimitives.ReadUInt64BigEndian(digest),
        BinaryPrimitives.ReadUInt64BigEndian(digest[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(digest[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(digest[24..]));

    /// <summary>Reads what <see cref="ToString"/> writes, and nothing else.</summary>
    public static bool TryParse(string text, out BundleHash hash)
    {
        bool right = text.Length == 64 && text.All(char.IsAsciiHexDigitLower);
        hash = right ? Of(Convert.FromHexString(text)) : default;
        return right;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{A:x16}{B:x16}{C:x16}{D:x16}");
}
