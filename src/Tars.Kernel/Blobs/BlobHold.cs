using Tars.Kernel.Caps;

namespace Tars.Kernel.Blobs;

/// <summary>The blobs that one message names; whoever has the message holds them all. On its way to another shard the
/// capabilities as well, which are told of there before it.</summary>
internal sealed class BlobHold(IReadOnlyList<Blob> blobs)
{
    public IReadOnlyList<Blob> All => blobs;

    /// <summary>The narrowed capabilities of a message for another shard, each once.</summary>
    public IReadOnlyList<Derivation> Lent { get; init; } = [];

    public long Octets => blobs.Sum(one => (long)one.Length);

    public void Take()
    {
        foreach (var blob in blobs)
        {
            blob.Take();
        }
    }

    public void Drop()
    {
        foreach (var blob in blobs)
        {
            blob.Drop();
        }
    }
}
