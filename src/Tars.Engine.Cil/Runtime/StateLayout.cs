using System.Collections.Immutable;

namespace Tars.Engine.Cil.Runtime;

/// <summary>Where everything of an instance lies in its one mapping, in bytes from its start.</summary>
/// <remarks>
/// The mapping is: header, scratch, globals, tables, function records, then the linear memory. Generated code gets
/// its
/// address as the first argument and finds all of it, the memory included, at constant distances.
///
/// To put something new in: an offset here, and what initialises it in <see cref="Instance"/>.
/// </remarks>
internal sealed class StateLayout
{
    /// <summary>i64: what is left to burn. Below zero, or below <see cref="Floor"/>, the guest stops.</summary>
    public const int Fuel = 0;

    /// <summary>i64: zero; another thread raises it to abort the call.</summary>
    public const int Floor = 8;

    /// <summary>u64: bytes of linear memory.</summary>
    public const int MemorySize = 16;

    /// <summary>Pointer to the weak handle of an <see cref="Instance"/> that is linked to others; else zero.</summary>
    public const int Handle = 24;

    /// <summary>Pointer: a large method that finds its frame below it does not start.</summary>
    public const int StackLimit = 32;

    /// <summary>Pointer: the linear memory, where the module imports it.</summary>
    public const int ImportedMemory = 40;

    /// <summary>Pointer: the state block of the instance that the imported memory belongs to.</summary>
    public const int MemoryOwner = 48;

    /// <summary>i32: the address of the control block, for host calls.</summary>
    public const int Control = 56;

    /// <summary>Arguments of entry calls and host calls, and all results after the first.</summary>
    public const int Scratch = 64;

    /// <summary>Bytes of one value in scratch and of one global: room for a vector.</summary>
    public const int ValueSize = 16;

    /// <summary>
    /// A table: pointer to its elements, u32 length, u32 maximum. An imported one: pointer to such a head.
    /// </summary>
    public const int TableSize = 16;

    public const int TableElements = 0;
    public const int TableLength = 8;
    public const int TableMaximum = 12;

    /// <summary>
    /// A function as a value: pointer to code, pointer to its state block, i32 type number, i32 index.
    /// </summary>
    public const int FunctionSize = 24;

    public const int FunctionCode = 0;
    public const int FunctionState = 8;
    public const int FunctionType = 16;
    public const int FunctionIndex = 20;

    private const int Alignment = 64;

    private readonly int _globals;
    private readonly int _tables;
    private readonly int _functions;
    private readonly Dictionary<int, int> _functionPlaces = [];

    /// <param name="functions">Indices of the functions that can become values, each once.</param>
    public StateLayout(int scratchCount, int globalCount, int tableCount, ImmutableArray<int> functions)
    {
        _globals = Scratch + (scratchCount * ValueSize);
        _tables = _globals + (globalCount * ValueSize);
        _functions = _tables + (tableCount * TableSize);
        Functions = functions;
        for (int place = 0; place < functions.Length; place++)
        {
            _functionPlaces[functions[place]] = place;
        }

        int end = _functions + (functions.Length * FunctionSize);
        Memory = (end + Alignment - 1) / Alignment * Alignment;
    }

    /// <summary>The first byte of the linear memory; also the size of all that comes before it.</summary>
    public int Memory { get; }

    public ImmutableArray<int> Functions { get; }

    public int Global(int index) => _globals + (index * ValueSize);

    public int Table(int index) => _tables + (index * TableSize);

    /// <summary>The record of a function that can become a value.</summary>
    public int Function(int index) => _functions + (_functionPlaces[index] * FunctionSize);

    /// <summary>True when the function can become a value.</summary>
    public bool HasFunction(UInt128 index) => index <= int.MaxValue && _functionPlaces.ContainsKey((int)index);

    public static int ScratchOf(int index) => Scratch + (index * ValueSize);
}
