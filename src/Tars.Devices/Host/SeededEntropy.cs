using System.Buffers.Binary;
using Tars.Base;

namespace Tars.Devices.Host;

/// <summary>Octets that a seed decides: the same calls, the same octets.</summary>
public sealed class SeededEntropy(ulong seed) : IEntropy
{
    private readonly Xoshiro256 _random = new(seed);

    public void Fill(Span<byte> bytes)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        while (!bytes.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, _random.Next());
            var taken = word[..Math.Min(word.Length, bytes.Length)];
            taken.CopyTo(bytes);
            bytes = bytes[taken.Length..];
        }
    }
}
