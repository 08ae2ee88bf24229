using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Tars.Kernel.Blobs;

/// <summary>Octets that many may hold at once; they never change.</summary>
/// <remarks>
/// Invariant: it is in its store exactly while somebody holds it: a process by a slot, a message, a dead letter, or
/// what a process was given at birth.
/// </remarks>
internal sealed class Blob(BlobStore store, long id, byte[] buffer, int length)
{
    private int _holders;
    private ImmutableArray<byte> _hash;

    /// <summary>What stands in a value while no process holds it; none has had it before.</summary>
    public long Id { get; } = id;

    public int Length => length;

    /// <summary>False when other blobs may lie in the same buffer.</summary>
    public bool OwnsBuffer { get; init; } = true;

    public ReadOnlySpan<byte> Octets => buffer.AsSpan(0, length);

    /// <summary>True while somebody holds it.</summary>
    public bool IsHeld => 0 < _holders;

    /// <summary>SHA-256 of the octets, worked out when first asked for.</summary>
    public ImmutableArray<byte> Hash => _hash.IsDefault ? _hash = [.. SHA256.HashData(Octets)] : _hash;

    /// <summary>One holder more.</summary>
    public void Take() => _holders++;

    /// <summary>One holder fewer; behind the last one it is gone.</summary>
    public void Drop()
    {
        Base.Invariant.Holds(0 < _holders);
        _holders--;
        if (_holders == 0)
        {
            store.Remove(this, OwnsBuffer ? buffer : null);
        }
    }
}
