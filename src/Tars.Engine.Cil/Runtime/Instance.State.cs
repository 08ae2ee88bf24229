using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil.Runtime;

/// <summary>The state of an instance that is linked to no other, taken out and put back.</summary>
internal sealed partial class Instance
{
    // As the system's own, so that pages that nobody has touched are read and never get memory.
    private const int PageSize = 4096;

    public GuestState Save()
    {
        Invariant.Holds(_linked is null);
        return new GuestState(
            State.MemorySize,
            SavePages(),
            [.. Code.Module.Globals.Select((global, index) => Portable(global.Type.Type, Global(index)))],
            SaveTables(),
            [.. _dataDropped],
            [.. _elements.Select(segment => segment is null)]);
    }

    /// <param name="state">Of an instance of the same code.</param>
    public void Restore(GuestState state)
    {
        Invariant.Holds(_linked is null);
        Invariant.Holds(state.Globals.Length == Code.Module.Globals.Length);
        Invariant.Holds(state.Tables.Length == OwnTables.Length);
        Invariant.Holds(state.MemorySize <= _memoryBytesMax);
        RestoreMemory(state);
        for (int index = 0; index < state.Globals.Length; index++)
        {
            var type = Code.Module.Globals[index].Type.Type;
            State.SetValue(Code.Layout.Global(index), Own(type, state.Globals[index]));
        }

        for (int index = 0; index < state.Tables.Length; index++)
        {
            RestoreTable(OwnTables[index], state.Tables[index].AsSpan());
        }

        _dataDropped = [.. state.DroppedData];

        for (int index = 0; index < _elements.Length; index++)
        {
            _elements[index] = state.DroppedElements[index] ? null : ValuesOf(Code.Module.Elements[index].Items);
        }
    }

    private ImmutableArray<ImmutableArray<int>> SaveTables()
    {
        var tables = ImmutableArray.CreateBuilder<ImmutableArray<int>>(OwnTables.Length);
        foreach (var table in OwnTables)
        {
            tables.Add([.. Portable(table.Elements)]);
        }

        return tables.MoveToImmutable();
    }

    private ImmutableArray<GuestPage> SavePages()
    {
        var pages = ImmutableArray.CreateBuilder<GuestPage>();
        for (long at = 0; at < State.MemorySize; at += PageSize)
        {
            var page = State.Range(Code.Layout.Memory, (uint)at, PageSize);
            if (page.ContainsAnyExcept((byte)0))
            {
                pages.Add(new GuestPage(at, page.ToArray()));
            }
        }

        return pages.DrainToImmutable();
    }

    // Beyond the size that the memory has afterwards too, since growing again must find zeros.
    private void RestoreMemory(GuestState state)
    {
        int next = 0;
        for (long at = 0; at < Math.Max(State.MemorySize, state.MemorySize); at += PageSize)
        {
            var page = State.Range(Code.Layout.Memory, (uint)at, PageSize);
            if (next < state.Pages.Length && state.Pages[next].Address == at)
            {
                state.Pages[next++].Bytes.Span.CopyTo(page);
            }
            else if (page.ContainsAnyExcept((byte)0))
            {
                page.Clear();
            }
        }

        Invariant.Holds(next == state.Pages.Length);
        var own = State;
        own.MemorySize = state.MemorySize;
    }

    private void RestoreTable(MemoryTable table, ReadOnlySpan<int> elements)
    {
        if (table.Length != elements.Length)
        {
            table.Reset((uint)elements.Length);
        }

        var own = table.Elements;
        for (int place = 0; place < own.Length; place++)
        {
            own[place] = elements[place] == 0 ? 0 : State.Address + Code.Layout.Function(elements[place] - 1);
        }
    }

    private static UInt128 Portable(ValType type, UInt128 bits) =>
        type is ValType.FuncRef && bits != 0 ? (uint)FunctionAt((nint)(ulong)bits) + 1 : bits;

    // A checkpoint may name any function; one that cannot be a value is none.
    private UInt128 Own(ValType type, UInt128 bits) =>
        type is not ValType.FuncRef ? bits
        : bits == 0 || !Code.Layout.HasFunction(bits - 1) ? 0
        : (ulong)(State.Address + Code.Layout.Function((int)bits - 1));

    private static int[] Portable(ReadOnlySpan<nint> elements)
    {
        var portable = new int[elements.Length];
        for (int place = 0; place < portable.Length; place++)
        {
            portable[place] = elements[place] == 0 ? 0 : FunctionAt(elements[place]) + 1;
        }

        return portable;
    }

    private static int FunctionAt(nint record) => new MemoryState(record).Int(StateLayout.FunctionIndex);
}
