using Tars.Base;
using Tars.Kernel.Blobs;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Sharding;

/// <summary>The blobs that a tree of modules holds go with it to another shard, under the ids that they have.</summary>
/// <remarks>Invariant: those that came are held until all who name them are there, or until nobody is.</remarks>
internal sealed class MovingBlobs : IDisposable
{
    private readonly List<Blob> _came = [];

    private MovingBlobs()
    {
    }

    /// <returns>Null, or why they cannot go.</returns>
    public static string? Save(KernelState state, IEnumerable<Process> tree, int[] modules, ByteWriter output)
    {
        var held = new SortedDictionary<long, Blob>();
        var names = MovingModules.NamesOf(state, modules);
        foreach (var blob in tree.SelectMany(BlobsOf)
            .Concat(MovingModules.LettersOf(state, names).SelectMany(one => one.Blobs?.All ?? [])))
        {
            held[blob.Id] = blob;
        }

        if (Limits.MovedBlobBytesMax < held.Values.Sum(one => (long)one.Length))
        {
            return "its blobs are too much to go to another shard";
        }

        output.U32((uint)held.Count);
        foreach (var blob in held.Values)
        {
            output.I64(blob.Id);
            output.U32((uint)blob.Length);
            output.Bytes(blob.Octets);
        }

        return null;
    }

    /// <summary>Takes them; whoever is made of the octets behind them finds them.</summary>
    /// <param name="why">Null, or why they cannot be taken.</param>
    public static MovingBlobs Load(KernelState state, ref ByteReader input, out string? why)
    {
        var moving = new MovingBlobs();
        why = null;
        for (uint left = input.U32(); 0 < left && why is null; left--)
        {
            long id = input.I64();
            uint length = input.U32();
            var octets = input.Bytes(Math.Min(length, Limits.BlobBytesMax + 1L));
            why = input.Failed || id <= 0 || Limits.BlobBytesMax < length ? "its blobs are not whole" : null;
            var blob = why is null ? state.Blobs.Take(id, octets) : null;
            why ??= blob is null ? Arrivals.NoRoomForBlobs : null;
            if (blob is not null)
            {
                blob.Take();
                moving._came.Add(blob);
            }
        }

        return moving;
    }

    public void Dispose()
    {
        _came.ForEach(one => one.Drop());
        _came.Clear();
    }

    private static IEnumerable<Blob> BlobsOf(Process process) => process.Caps.HeldBlobs
        .Concat(MovingMail.BlobsIn(process.Mail))
        .Concat(MovingMail.BlobsIn(process.Outbox))
        .Concat(process.Held is null ? [] : MovingMail.BlobsIn(process.Held))
        .Concat(process.GivenBlobs?.All ?? []);
}
