namespace Tars.Kernel.Blobs;

/// <summary>Part of a blob that the next event of a process is shown, as it has asked for it.</summary>
/// <param name="Slot">By which the process holds the blob.</param>
internal readonly record struct BlobWindow(long Slot, Blob Blob, int From, int Count)
{
    public bool Shows(long from, long count) => From <= from && count <= From + Count - from;
}
