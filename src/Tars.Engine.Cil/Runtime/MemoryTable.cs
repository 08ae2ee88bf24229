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

    /// <param name="limit">Elements that the host allows, which binds besides the type's own maximum.</param>
    public MemoryTable(nint head, TableType type, uint limit)
    {
        uint length = type.Size.Minimum;
        uint lengthMax = Math.Min(type.Size.Maximum ?? uint.MaxValue, limit);
        Type = type;
        _head = head;
        _lengthMax = lengthMax;
        *(nint**)(head + StateLayout.TableElements) = length == 0 ? null : Allocate(length);
        *(uint*)(head + StateLayout.TableLength) = length;
        *(uint*)(head + StateLayout.TableMaximum) = lengthMax;
    }

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
        Free();
        *(nint**)(_head + StateLayout.TableElements) = grown;
        *(uint*)(_head + StateLayout.TableLength) = length + count;
    }

    /// <summary>Makes it so long, shorter too, with nulls; the caller knows that the limits allow it.</summary>
    public void Reset(uint length)
    {
        Free();
        *(nint**)(_head + StateLayout.TableElements) = length == 0 ? null : Allocate(length);
        *(uint*)(_head + StateLayout.TableLength) = length;
    }

    public void Dispose()
    {
        Free();
        *(nint**)(_head + StateLayout.TableElements) = null;
        *(uint*)(_head + StateLayout.TableLength) = 0;
    }

    // SAFETY: zeroed, so that every element starts as null; Free gets each block once.
    private static nint* Allocate(uint length) => (nint*)NativeMemory.AllocZeroed(length, (nuint)sizeof(nint));

    // SAFETY: the block is Allocate's or null, and the head gets another at once.
    private void Free() => NativeMemory.Free(*(nint**)(_head + StateLayout.TableElements));
}
