using System.Collections.Immutable;
using Tars.Bundle.Wasm;

namespace Tars.Engine.Vm.Compiling;

/// <summary>Where the globals, tables and segments of an instance lie, as offsets in the control area.</summary>
internal sealed class StateLayout
{
    /// <summary>Octets of a global: room for a vector.</summary>
    public const int GlobalSize = 16;

    /// <summary>Octets of a reference in a table.</summary>
    public const int ReferenceSize = 8;

    private const int Alignment = 64;

    /// <param name="start">Where its part of the area begins.</param>
    /// <param name="tableElementsMax">How far a table that can grow may grow.</param>
    /// <param name="isShared">Others may grow its tables too.</param>
    public StateLayout(ValidatedModule module, int start, int tableElementsMax, bool isShared)
    {
        var inner = module.Module;
        Start = start;
        TableBudget = start;
        long at = start + GlobalSize;
        Globals = [.. inner.Globals.Select((_, index) => (int)at + (index * GlobalSize))];
        at += inner.Globals.Length * (long)GlobalSize;
        DataDropped = (int)at;
        at += inner.DataSegments.Length;
        ElementsDropped = (int)at;
        at = Aligned(at + inner.Elements.Length);
        Segments = [.. inner.Elements.Select(segment => TakeSegment(segment, ref at))];
        bool canGrow = isShared || Grows(module);
        Tables = [.. inner.Tables.Select(table => TakeTable(table, canGrow ? tableElementsMax : 0, ref at))];
        Size = Aligned(at) - start;
    }

    public int Start { get; }

    /// <summary>What it takes in all, which may be more than there is.</summary>
    public long Size { get; }

    /// <summary>The offset of the first octet behind it.</summary>
    public int End => (int)(Start + Size);

    /// <summary>i64: how many elements its own tables may still grow by, together.</summary>
    public int TableBudget { get; }

    /// <summary>Of each global of its own.</summary>
    public ImmutableArray<int> Globals { get; }

    /// <summary>Each table of its own.</summary>
    public ImmutableArray<TablePlace> Tables { get; }

    /// <summary>Where the references of each element segment stand.</summary>
    public ImmutableArray<int> Segments { get; }

    /// <summary>An octet for each data segment: 1 once it is dropped.</summary>
    public int DataDropped { get; }

    /// <summary>An octet for each element segment: 1 once it is dropped.</summary>
    public int ElementsDropped { get; }

    private static bool Grows(ValidatedModule module)
    {
        foreach (var function in module.Functions)
        {
            var reader = new InstructionReader(function.Body.Span);
            while (reader.Next())
            {
                if (reader.Opcode is Opcode.TableGrow)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static int TakeSegment(ElementSegment segment, ref long at)
    {
        long place = at;
        at += segment.Items.Count * (long)ReferenceSize;
        return (int)place;
    }

    private static TablePlace TakeTable(TableType type, int growth, ref long at)
    {
        long place = at;
        uint most = Math.Max(type.Size.Minimum, Math.Min((uint)growth, type.Size.Maximum ?? uint.MaxValue));
        at = Aligned(at + Alignment + (most * (long)ReferenceSize));
        return new TablePlace((int)place, (int)place + Alignment, most);
    }

    private static long Aligned(long at) => (at + Alignment - 1) / Alignment * Alignment;
}

/// <summary>Where a table lies, as offsets in the control area.</summary>
/// <param name="Length">i32: how many elements it has.</param>
/// <param name="Elements">The first of them.</param>
/// <param name="LengthMax">How many it can ever have.</param>
internal readonly record struct TablePlace(int Length, int Elements, uint LengthMax);
