using Tars.Base;

namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>A table of references.</summary>
public sealed class OracleTable
{
    private readonly uint _elementsMax;
    private object?[] _elements;

    /// <param name="elementsMax">The host's limit, which binds besides the type's own maximum.</param>
    public OracleTable(TableType type, uint elementsMax)
    {
        Invariant.Holds(type.Size.Minimum <= elementsMax);
        Type = type;
        _elementsMax = Math.Min(elementsMax, type.Size.Maximum ?? uint.MaxValue);
        _elements = new object?[type.Size.Minimum];
    }

    public TableType Type { get; }

    public Span<object?> Elements => _elements;

    public uint Size => (uint)_elements.Length;

    public bool CanGrow(uint count) => count <= _elementsMax - Size;

    /// <summary>Answers the size before.</summary>
    public uint Grow(uint count, object? value)
    {
        Invariant.Holds(CanGrow(count));
        uint before = Size;
        Array.Resize(ref _elements, (int)(before + count));
        Elements[(int)before..].Fill(value);
        return before;
    }

    /// <summary>Other elements, in place of all that were.</summary>
    public void Replace(ReadOnlySpan<object?> elements) => _elements = elements.ToArray();

    /// <summary>True when the elements from the place on are all inside.</summary>
    public bool Holds(uint place, uint count) => place <= Size && count <= Size - place;
}
