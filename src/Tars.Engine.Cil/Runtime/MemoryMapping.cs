namespace Tars.Engine.Cil.Runtime;

/// <summary>A reserved range of addresses whose pages are zero and cost nothing until they are touched.</summary>
internal readonly struct MemoryMapping : IDisposable
{
    private readonly MappingBlock _block;
    private readonly int _index;

    private MemoryMapping(MappingBlock block, int index)
    {
        _block = block;
        _index = index;
    }

    public nint Address => _block.AddressOf(_index);

    public long Size => _block.Size;

    // SAFETY: who asks stays below the size that was reserved.
    public unsafe Span<byte> Octets(long at, int size) => new((void*)(Address + (nint)at), size);

    /// <summary>Octets become zero; pages that hold nothing else go back to the system.</summary>
    public void Forget(long at, int size)
    {
        int page = Environment.SystemPageSize;
        long first = at / page * page;
        long end = (at + size + page - 1) / page * page;
        if (Octets(first, (int)(at - first)).ContainsAnyExcept((byte)0))
        {
            first += page;
            Octets(at, (int)Math.Min(size, first - at)).Clear();
        }

        if (first < end && Octets(at + size, (int)(end - at - size)).ContainsAnyExcept((byte)0))
        {
            end -= page;
            long from = Math.Max(at, end);
            Octets(from, (int)(at + size - from)).Clear();
        }

        if (first < end && !MappingBlock.Forget(Address + (nint)first, (nint)(end - first)))
        {
            Octets(first, (int)(end - first)).Clear();
        }
    }

    /// <summary>Null when the system has no such range left.</summary>
    public static MemoryMapping? Reserve(long size) =>
        MappingBlock.Reserve(size, 1) is { } block ? new MemoryMapping(block, 0) : null;

    /// <summary>So many ranges side by side, each of which is given back alone; null where that cannot be.</summary>
    public static MemoryMapping[]? Reserve(long size, int count)
    {
        if (MappingBlock.Reserve(size, count) is not { } block)
        {
            return null;
        }

        var mappings = new MemoryMapping[count];
        for (int index = 0; index < count; index++)
        {
            mappings[index] = new MemoryMapping(block, index);
        }

        return mappings;
    }

    /// <summary>The system gets it back.</summary>
    public void Dispose() => _block.Release(_index);
}
