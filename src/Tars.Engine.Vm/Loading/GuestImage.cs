using System.Collections.Frozen;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Compiling;
using Tars.Kernel.Ports;

namespace Tars.Engine.Vm.Loading;

/// <summary>The code of a module as a machine is loaded with it: octets, addresses, and what a fault means.</summary>
internal sealed class GuestImage
{
    private readonly FrozenDictionary<string, long> _symbols;
    private readonly FrozenDictionary<long, int> _functions;
    private readonly LineTable _lines;

    public GuestImage(
        ModuleFacts facts,
        ReadOnlyMemory<byte> text,
        ReadOnlyMemory<byte> readOnly,
        IReadOnlyDictionary<string, long> symbols,
        LineTable lines,
        StackNeed stack)
    {
        Facts = facts;
        Stack = stack;
        Text = text;
        ReadOnly = readOnly;
        _symbols = symbols.ToFrozenDictionary();
        _lines = lines;
        var functions = new Dictionary<long, int>();
        foreach (int index in facts.Values)
        {
            if (symbols.TryGetValue(facts.RecordOf(index), out long at))
            {
                functions.TryAdd(at, index); // One function can be imported more than once.
            }
        }

        _functions = functions.ToFrozenDictionary();
    }

    /// <summary>Where globals, tables and segments lie, and what the functions are called.</summary>
    public ModuleFacts Facts { get; }

    /// <summary>Code, which begins at the place that the linker was told.</summary>
    public ReadOnlyMemory<byte> Text { get; }

    /// <summary>Constants, records of functions and passive segments.</summary>
    public ReadOnlyMemory<byte> ReadOnly { get; }

    /// <summary>How much machine stack its code takes.</summary>
    public StackNeed Stack { get; }

    /// <summary>All that other images may name.</summary>
    public IReadOnlyDictionary<string, long> Symbols => _symbols;

    /// <summary>Where a function is entered from outside, or null when it is not.</summary>
    public long? EntryOf(int function) => _symbols.TryGetValue(Facts.EntryOf(function), out long at) ? at : null;

    /// <summary>The reference to a function, or 0, null's, for one that cannot be a value.</summary>
    public long ReferenceOf(int function) =>
        0 <= function && function < Facts.Module.FunctionTypes.Length
        && _symbols.TryGetValue(Facts.RecordOf(function), out long at) ? at : 0;

    /// <summary>The function that a reference is to, or null when it is none of this module.</summary>
    public int? FunctionOf(long reference) => _functions.TryGetValue(reference, out int index) ? index : null;

    /// <summary>Whether a number in the cell of traps is one that correct code writes.</summary>
    public static bool IsTrap(int trap) => Enum.IsDefined((FaultKind)(trap - 1));

    /// <summary>The fault that the code wrote into its cells before it stopped itself.</summary>
    /// <param name="trap">One that <see cref="IsTrap"/>.</param>
    public GuestFault ExplicitFault(int trap, long place)
    {
        var kind = (FaultKind)(trap - 1);

        // Where fuel or depth ran out is not part of what engines agree on.
        bool hasPlace = kind is not (FaultKind.OutOfFuel or FaultKind.StackExhausted);
        return FaultAt(kind, (int)(place >> 32), hasPlace ? (int)place : -1);
    }

    /// <summary>The fault of an access beyond the memory, by the instruction that made it.</summary>
    public GuestFault AccessFault(long instruction) => Facts.PlaceOf(_lines.Find(instruction)) is var (function, offset)
        ? FaultAt(FaultKind.MemoryOutOfBounds, function, offset)
        : new GuestFault(FaultKind.MemoryOutOfBounds);

    // Code that is hostile names any place: one that cannot be is none.
    private GuestFault FaultAt(FaultKind kind, int function, int offset) =>
        0 <= function && function < Facts.Module.FunctionTypes.Length
        && -1 <= offset && offset < WasmLimits.FunctionBytesMax
            ? new GuestFault(kind, function, offset)
            : new GuestFault(kind);
}
