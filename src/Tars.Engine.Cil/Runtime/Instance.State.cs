using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil.Runtime;

/// <summary>The state of an instance that is linked to no other, taken out and put back.</summary>
internal sealed partial class Instance
{
    private const int PageSize = PageTable.PageSize;
    private const int EntriesAtOnce = 512;

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
        foreach (long at in TouchedPages(State.MemorySize))
        {
            var page = Page(at);
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
        foreach (long at in TouchedPages(Math.Max(State.MemorySize, state.MemorySize)))
        {
            var page = Page(at);
            if (page.ContainsAnyExcept((byte)0))
            {
                page.Clear(); // One that is zero may have no memory of its own.
            }
        }

        long end = 0;
        foreach (var page in state.Pages)
        {
            Invariant.Holds(end <= page.Address && page.Address % PageSize == 0);
            end = page.Address + page.Bytes.Length;
            Invariant.Holds(end <= state.MemorySize && page.Bytes.Length == PageSize);
            page.Bytes.Span.CopyTo(Page(page.Address));
        }

        var own = State;
        own.MemorySize = state.MemorySize;
    }

    private Span<byte> Page(long at) => State.Range(Code.Layout.Memory, (uint)at, PageSize);

    // The pages of the linear memory that can hold anything but zeros: all, where the system does not say. Each lies
    // in two of the system's.
    private IEnumerable<long> TouchedPages(long size)
    {
        ulong[] entries = new ulong[1 + (int)Math.Min(EntriesAtOnce, size / PageSize)];
        for (long start = 0; start < size; start += (long)(entries.Length - 1) * PageSize)
        {
            bool isKnown = PageTable.TryRead(State.Address + Code.Layout.Memory + (nint)start, entries);
            long end = Math.Min(size, start + ((long)(entries.Length - 1) * PageSize));
            for (long at = start; at < end; at += PageSize)
            {
                int index = (int)((at - start) / PageSize);
                if (!isKnown || PageTable.IsTouched(entries[index]) || PageTable.IsTouched(entries[index + 1]))
                {
                    yield return at;
                }
            }
        }
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
