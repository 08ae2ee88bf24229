namespace Tars.Kernel.Blobs;

/// <summary>The blobs that one message names. Whoever has the message holds them all.</summary>
internal sealed class BlobHold(IReadOnlyList<Blob> blobs)
{
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
