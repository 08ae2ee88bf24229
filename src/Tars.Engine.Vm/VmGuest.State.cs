using System.Buffers.Binary;
using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Compiling;
using Tars.Engine.Vm.Loading;
using Tars.Engine.Vm.Machine;
using Tars.Kernel.Ports;

namespace Tars.Engine.Vm;

/// <summary>The state of a guest, taken out of its machine and put back, also by another engine.</summary>
internal sealed partial class VmGuest
{
    private static readonly byte[] _zeros = new byte[GuestMap.PageSize];

    private StateLayout Layout => Image.Facts.Plan.Layout;

    public GuestState Save()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var control = _machine.Control;
        var globals = ImmutableArray.CreateBuilder<UInt128>();
        for (int index = 0; index < Layout.Globals.Length; index++)
        {
            var bits = InstanceStart.Global(control, Layout.Globals[index]);
            globals.Add(Module.Module.Globals[index].Type.Type is ValType.FuncRef ? Portable((long)bits) : bits);
        }

        return new GuestState(
            _machine.MemorySize(window: 0),
            SavePages(),
            globals.DrainToImmutable(),
            [.. Layout.Tables.Select(SaveTable)],
            SaveMarks(Layout.DataDropped, Module.Module.DataSegments.Length),
            SaveMarks(Layout.ElementsDropped, Module.Module.Elements.Length));
    }

    /// <param name="state">Of an instance of the same module, on whatever engine.</param>
    public void Restore(GuestState state)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Invariant.Holds(state.Globals.Length == Layout.Globals.Length);
        Invariant.Holds(state.Tables.Length == Layout.Tables.Length);
        if (_machine.IsPoisoned)
        {
            TakeAnother(); // I2
        }

        RestoreMemory(state);
        var control = _machine.Control;
        for (int index = 0; index < state.Globals.Length; index++)
        {
            var bits = Module.Module.Globals[index].Type.Type is ValType.FuncRef
                ? Own(state.Globals[index])
                : state.Globals[index];
            BinaryPrimitives.WriteUInt128LittleEndian(control[Layout.Globals[index]..], bits);
        }

        long left = _limits.TableElementsMax;
        for (int index = 0; index < state.Tables.Length; index++)
        {
            RestoreTable(Layout.Tables[index], state.Tables[index].AsSpan());
            left -= state.Tables[index].Length;
        }

        BinaryPrimitives.WriteInt64LittleEndian(control[Layout.TableBudget..], Math.Max(left, 0));
        RestoreMarks(Layout.DataDropped, state.DroppedData);
        RestoreMarks(Layout.ElementsDropped, state.DroppedElements);
    }

    // Null when the system has no machine left: then this guest stays one that does not run.
    private void TakeAnother()
    {
        if (_code.Images.Begin(_machine.Shape, out _) is not { } machine)
        {
            return;
        }

        var before = _machine;
        lock (_gate)
        {
            _machine = machine;
        }

        _code.Images.Return(before);
        _ = Begin();
    }

    private ImmutableArray<GuestPage> SavePages()
    {
        var memory = _machine.Look(window: 0);
        var pages = ImmutableArray.CreateBuilder<GuestPage>();
        for (int at = 0; at < memory.Length; at += GuestMap.PageSize)
        {
            var page = memory.Slice(at, GuestMap.PageSize);
            if (page.ContainsAnyExcept((byte)0))
            {
                pages.Add(new GuestPage(at, page.ToArray()));
            }
        }

        return pages.DrainToImmutable();
    }

    private void RestoreMemory(GuestState state)
    {
        Invariant.Holds(_machine.TryResize(window: 0, state.MemorySize)); // It was as large under the same limits.
        var memory = _machine.Look(window: 0);
        int next = 0;
        for (int at = 0; at < memory.Length; at += GuestMap.PageSize)
        {
            bool isKept = next < state.Pages.Length && state.Pages[next].Address == at;
            var page = isKept ? state.Pages[next++].Bytes.Span : _zeros;
            if (!memory.Slice(at, GuestMap.PageSize).SequenceEqual(page))
            {
                _machine.Write(window: 0, at, page);
            }
        }

        Invariant.Holds(next == state.Pages.Length);
    }

    private ImmutableArray<int> SaveTable(TablePlace table)
    {
        var control = _machine.Control;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(control[table.Length..]);
        var elements = new int[Math.Min(length, table.LengthMax)]; // I1
        for (int place = 0; place < elements.Length; place++)
        {
            long reference = BinaryPrimitives.ReadInt64LittleEndian(
                control[(table.Elements + (place * StateLayout.ReferenceSize))..]);
            elements[place] = (int)Portable(reference);
        }

        return ImmutableArray.Create(elements);
    }

    private void RestoreTable(TablePlace table, ReadOnlySpan<int> elements)
    {
        Invariant.Holds(elements.Length <= table.LengthMax);
        var control = _machine.Control;
        BinaryPrimitives.WriteInt32LittleEndian(control[table.Length..], elements.Length);
        for (int place = 0; place < elements.Length; place++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(
                control[(table.Elements + (place * StateLayout.ReferenceSize))..],
                (long)Own((uint)elements[place]));
        }
    }

    private ImmutableArray<bool> SaveMarks(int at, int count)
    {
        var marks = new bool[count];
        for (int index = 0; index < count; index++)
        {
            marks[index] = _machine.Control[at + index] != 0;
        }

        return ImmutableArray.Create(marks);
    }

    private void RestoreMarks(int at, ImmutableArray<bool> marks)
    {
        for (int index = 0; index < marks.Length; index++)
        {
            _machine.Control[at + index] = marks[index] ? (byte)1 : (byte)0;
        }
    }

    // What is no reference to a function of this module is none.
    private UInt128 Portable(long reference) =>
        reference != 0 && Image.FunctionOf(reference) is { } function ? (uint)function + 1 : 0;

    private UInt128 Own(UInt128 portable) =>
        portable == 0 || int.MaxValue < portable ? 0 : (ulong)Image.ReferenceOf((int)portable - 1);
}
