using System.Runtime.InteropServices;
using Tars.Bundle.Wasm;

namespace Tars.Engine.Cil.Runtime;

/// <summary>One table: its head in the state block of its owner, and the elements that the head points to.</summary>
/// <remarks>
/// An element is a word: zero is null, a function is the address of its record, an external reference is the host's
/// number and one. Generated code reads the head; only this type writes it.
/// </remarks>
// SAFETY: the head lies in a state block that the owner keeps; elements are allocated here, as many as the head says,
// and freed once. Every index is compared with the length before it is used.
internal sealed unsafe class MemoryTable : IDisposable
{
    private readonly nint _head;
    private readonly uint _lengthMax;
    private nint* _elements;

    /// <param name="limit">Elements that the host allows, which binds besides the type's own maximum.</param>
    public MemoryTable(nint head, TableType type, uint limit)
    {
        uint length = type.Size.Minimum;
        uint lengthMax = Math.Min(type.Size.Maximum ?? uint.MaxValue, limit);
        Type = type;
        _head = head;
        _lengthMax = lengthMax;
        Put(length == 0 ? null : Allocate(length), length);
        *(uint*)(head + StateLayout.TableMaximum) = lengthMax;
    }

    // SAFETY: the block is Allocate's or null, and nobody has the table any more. The head may be gone already.
    ~MemoryTable() => NativeMemory.Free(_elements);

    public TableType Type { get; }

    public nint Head => _head;

    public uint Length => *(uint*)(_head + StateLayout.TableLength);

    public uint LengthMax => _lengthMax;

    public Span<nint> Elements => new(*(nint**)(_head + StateLayout.TableElements), (int)Length);

    /// <summary>Makes the table longer; the caller has asked whether the limits allow it.</summary>
    public void Grow(uint count, nint value)
    {
        uint length = Length;
        var grown = Allocate(length + count);
        Elements.CopyTo(new Span<nint>(grown, (int)length));
        new Span<nint>(grown + length, (int)count).Fill(value);
        Put(grown, length + count);
    }

    /// <summary>Makes it so long, shorter too, with nulls; the caller knows that the limits allow it.</summary>
    public void Reset(uint length)
    {
        Put(length == 0 ? null : Allocate(length), length);
    }

    public void Dispose()
    {
        Put(null, 0);
        GC.SuppressFinalize(this);
    }

    // SAFETY: zeroed, so that every element starts as null; Put, or the finalizer, frees each block once.
    private static nint* Allocate(uint length) => (nint*)NativeMemory.AllocZeroed(length, (nuint)sizeof(nint));

    private void Put(nint* elements, uint length)
    {
        // SAFETY: the block before is Allocate's or null, and nobody else has it.
        NativeMemory.Free(_elements);
        _elements = elements;
        *(nint**)(_head + StateLayout.TableElements) = elements;
        *(uint*)(_head + StateLayout.TableLength) = length;
    }
}
