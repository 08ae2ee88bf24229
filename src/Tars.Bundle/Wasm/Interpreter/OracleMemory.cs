using Tars.Base;

namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>A linear memory.</summary>
public sealed class OracleMemory
{
    private readonly uint _pagesMax;
    private byte[] _bytes;

    /// <param name="pagesMax">The host's limit, which binds besides the type's own maximum.</param>
    public OracleMemory(MemoryType type, uint pagesMax)
    {
        Invariant.Holds(type.Pages.Minimum <= pagesMax);
        Type = type;
        _pagesMax = Math.Min(pagesMax, type.Pages.Maximum ?? WasmLimits.MemoryPagesMax);
        _bytes = new byte[type.Pages.Minimum * (long)WasmLimits.PageSize];
    }

    public MemoryType Type { get; }

    public Span<byte> Bytes => _bytes;

    public uint Pages => (uint)(_bytes.LongLength / WasmLimits.PageSize);

    /// <summary>The pages before, or null when the memory may not grow so far.</summary>
    public uint? Grow(uint pages)
    {
        uint before = Pages;
        if (_pagesMax - before < pages)
        {
            return null;
        }

        Array.Resize(ref _bytes, (int)((before + pages) * WasmLimits.PageSize));
        return before;
    }

    /// <summary>Other bytes, in place of all that were.</summary>
    public void Replace(ReadOnlySpan<byte> bytes)
    {
        Invariant.Holds(bytes.Length % WasmLimits.PageSize == 0);
        _bytes = bytes.ToArray();
    }

    /// <summary>True when the bytes from the address on are all inside.</summary>
    public bool Holds(ulong address, ulong count) =>
        address <= (ulong)_bytes.LongLength && count <= (ulong)_bytes.LongLength - address;
}
