using Tars.Base;

namespace Tars.Kernel.Blobs;

/// <summary>All blobs that somebody holds, by their ids.</summary>
/// <remarks>
/// Invariants:
///   I1  No id is used twice: each shard counts in steps of how many there are, and a blob of another has its id.
///   I2  Octets is the sum of the lengths of those that are there.
///   I3  A buffer that is kept is nobody's, and all that are kept are bounded.
/// </remarks>
internal sealed class BlobStore
{
    private readonly SortedDictionary<long, Blob> _alive = [];
    private readonly List<byte[]> _buffers = [];
    private long _bufferOctets;
    private long _lastId;
    private long _step = 1;

    /// <summary>On one of several shards: the first blob has the id that is a step behind this one.</summary>
    public void CountFrom(long last, long step) => (_lastId, _step) = (last, step); // I1

    public int Count => _alive.Count;

    public long Octets { get; private set; }

    public bool HasRoomFor(long octets) => octets <= Limits.BlobBytesInAllMax - Octets;

    /// <summary>A new blob with a copy of the octets, which its maker has to hold at once.</summary>
    public Blob Add(ReadOnlySpan<byte> octets) => Put(_lastId += _step, octets);

    /// <summary>A blob of another shard, or one that comes back, which its taker has to hold at once; null when there
    /// is no room for it, or its number is one that this shard has yet to give out.</summary>
    public Blob? Take(long id, ReadOnlySpan<byte> octets) =>
        Find(id) ?? (IsCounted(id) && HasRoomFor(octets.Length) ? Put(id, octets) : null);

    private bool IsCounted(long id) => id <= _lastId || (id - _lastId) % _step != 0; // I1

    private Blob Put(long id, ReadOnlySpan<byte> octets)
    {
        byte[] buffer = Rent(octets.Length);
        octets.CopyTo(buffer);
        var blob = new Blob(this, id, buffer, octets.Length);
        _alive.Add(blob.Id, blob);
        Octets += blob.Length;
        return blob;
    }

    /// <summary>Null when nobody holds a blob of that id any more.</summary>
    public Blob? Find(long id) => _alive.GetValueOrDefault(id);

    /// <summary>For the blob itself: nobody holds it any more.</summary>
    /// <param name="buffer">What it lay in and may serve another; null when another blob still may lie there.</param>
    public void Remove(Blob blob, byte[]? buffer)
    {
        _alive.Remove(blob.Id);
        Octets -= blob.Length;
        bool isLarge = Limits.BlobBytesKeptMin <= buffer?.Length; // So there are few to look through.
        if (isLarge && buffer!.Length <= Limits.BlobBytesUnusedMax - _bufferOctets) // I3
        {
            _buffers.Add(buffer);
            _bufferOctets += buffer.Length;
        }
    }

    /// <summary>Writes each content once, found by its hash, then which blob has which.</summary>
    public void Save(ByteWriter output)
    {
        var places = new Dictionary<string, uint>(StringComparer.Ordinal);
        var contents = new List<Blob>();
        foreach (var blob in _alive.Values)
        {
            if (places.TryAdd(NameOf(blob), (uint)contents.Count))
            {
                contents.Add(blob);
            }
        }

        output.U32((uint)contents.Count);
        foreach (var blob in contents)
        {
            output.U32((uint)blob.Length);
            output.Bytes(blob.Octets);
        }

        output.I64(_lastId);
        output.U32((uint)_alive.Count);
        foreach (var blob in _alive.Values)
        {
            output.I64(blob.Id);
            output.U32(places[NameOf(blob)]);
        }
    }

    /// <summary>Fills an empty store with blobs that nobody holds yet; false when the octets are none.</summary>
    public bool Load(ref ByteReader input)
    {
        var contents = new List<byte[]>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            contents.Add(input.Bytes(input.U32()).ToArray());
        }

        _lastId = input.I64();
        var named = new List<(long Id, int Place)>();
        int[] uses = new int[contents.Count];
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            long id = input.I64();
            uint place = input.U32();
            bool fits = (named.Count == 0 ? 0 : named[^1].Id) < id && IsCounted(id) && place < contents.Count;
            if (!fits)
            {
                return false;
            }

            named.Add((id, (int)place));
            uses[place]++;
        }

        foreach (var (id, place) in named)
        {
            byte[] content = contents[place];
            if (Limits.BlobBytesMax < content.Length || !HasRoomFor(content.Length))
            {
                return false;
            }

            // Blobs of equal content have one buffer together, which then serves no other.
            _alive.Add(id, new Blob(this, id, content, content.Length) { OwnsBuffer = uses[place] == 1 });
            Octets += content.Length;
        }

        return !input.Failed && -_step < _lastId;
    }

    /// <summary>Forgets what was loaded and nobody holds: a version that was swapped in may name less than was held.
    /// </summary>
    public void LetGoUnheld()
    {
        foreach (var blob in _alive.Values.Where(one => !one.IsHeld).ToArray())
        {
            _alive.Remove(blob.Id);
            Octets -= blob.Length;
        }
    }

    // Large buffers are touched for the first time at some cost, so those that were are used again.
    private byte[] Rent(int size)
    {
        int found = size < Limits.BlobBytesKeptMin
            ? -1
            : _buffers.FindLastIndex(one => size <= one.Length && one.Length / 2 <= size);
        if (found < 0)
        {
            return GC.AllocateUninitializedArray<byte>(size);
        }

        byte[] buffer = _buffers[found];
        _buffers.RemoveAt(found);
        _bufferOctets -= buffer.Length;
        return buffer;
    }

    private static string NameOf(Blob blob) => Convert.ToHexString(blob.Hash.AsSpan());
}
