using System.Buffers.Binary;
using System.Diagnostics;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Compiling;
using Tars.Kernel.Ports;

namespace Tars.Engine.Vm.Loading;

/// <summary>Writes what an instance begins with into its machine: globals, tables, segments, memory.</summary>
/// <remarks>The order is the specification's: what stands before a segment that does not fit stays written.</remarks>
internal static class InstanceStart
{
    /// <summary>Writes octets into the linear memory, where they fit.</summary>
    public delegate void MemoryWriter(long address, ReadOnlySpan<byte> octets);

    /// <param name="control">The control area from its start.</param>
    /// <param name="memorySize">Octets of the linear memory.</param>
    /// <param name="tableElementsMax">Elements of all its own tables together.</param>
    /// <returns>Null, or the fault of a segment that does not fit.</returns>
    public static GuestFault? Run(
        GuestImage image, Span<byte> control, long memorySize, MemoryWriter write, int tableElementsMax)
    {
        var facts = image.Facts;
        FillGlobals(image, control);
        FillTables(facts, control, tableElementsMax);
        FillSegments(image, control);
        return CopyElements(image, control) ?? CopyData(image, control, memorySize, write);
    }

    /// <summary>What its own tables hold together at the start, which the limit must allow.</summary>
    public static long ElementsAtStart(ValidatedModule module) =>
        module.Module.Tables.Sum(table => (long)table.Size.Minimum);

    /// <summary>The octets of a global, of which a short value takes the first.</summary>
    public static UInt128 Global(ReadOnlySpan<byte> control, int offset) =>
        BinaryPrimitives.ReadUInt128LittleEndian(control[offset..]);

    private static void FillGlobals(GuestImage image, Span<byte> control)
    {
        var layout = image.Facts.Plan.Layout;
        var globals = image.Facts.Module.Module.Globals;
        for (int index = 0; index < globals.Length; index++)
        {
            var value = Compute(image, control, globals[index].Initial.Span);
            BinaryPrimitives.WriteUInt128LittleEndian(control[layout.Globals[index]..], value);
        }
    }

    private static void FillTables(ModuleFacts facts, Span<byte> control, int tableElementsMax)
    {
        var layout = facts.Plan.Layout;
        var tables = facts.Module.Module.Tables;
        long budget = tableElementsMax - ElementsAtStart(facts.Module);
        BinaryPrimitives.WriteInt64LittleEndian(control[layout.TableBudget..], Math.Max(budget, 0));
        for (int index = 0; index < tables.Length; index++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(
                control[layout.Tables[index].Length..], tables[index].Size.Minimum);
        }
    }

    private static void FillSegments(GuestImage image, Span<byte> control)
    {
        var layout = image.Facts.Plan.Layout;
        var segments = image.Facts.Module.Module.Elements;
        for (int index = 0; index < segments.Length; index++)
        {
            int at = layout.Segments[index];
            foreach (long reference in ReferencesOf(image, control, segments[index].Items))
            {
                BinaryPrimitives.WriteInt64LittleEndian(control[at..], reference);
                at += StateLayout.ReferenceSize;
            }
        }
    }

    private static long[] ReferencesOf(GuestImage image, ReadOnlySpan<byte> control, ElementItems items)
    {
        switch (items)
        {
            case ElementItems.Functions functions:
                return [.. functions.Indices.Select(index => image.ReferenceOf(index.Value))];
            case ElementItems.Expressions expressions:
                var references = new long[expressions.Count];
                for (int place = 0; place < references.Length; place++)
                {
                    references[place] = (long)Compute(image, control, expressions.Codes[place].Span);
                }

                return references;
            default:
                throw new UnreachableException();
        }
    }

    private static GuestFault? CopyElements(GuestImage image, Span<byte> control)
    {
        var facts = image.Facts;
        var layout = facts.Plan.Layout;
        var segments = facts.Module.Module.Elements;
        for (int index = 0; index < segments.Length; index++)
        {
            var mode = segments[index].Mode;
            if (mode is SegmentMode.Active active)
            {
                var table = facts.Table(active.Target);
                uint offset = (uint)Compute(image, control, active.Offset.Span);
                uint length = BinaryPrimitives.ReadUInt32LittleEndian(control[table.Length..]);
                int count = segments[index].Items.Count;
                if (Math.Min(length, table.LengthMax) < offset + (long)count)
                {
                    return new GuestFault(FaultKind.TableOutOfBounds);
                }

                control.Slice(layout.Segments[index], count * StateLayout.ReferenceSize)
                    .CopyTo(control[(table.Elements + ((int)offset * StateLayout.ReferenceSize))..]);
            }

            control[layout.ElementsDropped + index] = mode is SegmentMode.Passive ? (byte)0 : (byte)1;
        }

        return null;
    }

    private static GuestFault? CopyData(
        GuestImage image, Span<byte> control, long memorySize, MemoryWriter write)
    {
        var segments = image.Facts.Module.Module.DataSegments;
        for (int index = 0; index < segments.Length; index++)
        {
            if (segments[index].Mode is not SegmentMode.Active active)
            {
                continue;
            }

            uint offset = (uint)Compute(image, control, active.Offset.Span);
            if (memorySize < offset + (long)segments[index].Bytes.Length)
            {
                return new GuestFault(FaultKind.MemoryOutOfBounds);
            }

            write(offset, segments[index].Bytes.Span);
            control[image.Facts.Plan.Layout.DataDropped + index] = 1;
        }

        return null;
    }

    private static UInt128 Compute(GuestImage image, ReadOnlySpan<byte> control, ReadOnlySpan<byte> code) =>
        ConstantExpression.Compute(code, new ConstantScope(image, control));

    private readonly ref struct ConstantScope(GuestImage image, ReadOnlySpan<byte> control) : IConstantScope
    {
        private readonly ReadOnlySpan<byte> _control = control;

        public UInt128 Global(int index) => InstanceStart.Global(_control, image.Facts.GlobalAt(index));

        public ulong Function(int index) => (ulong)image.ReferenceOf(index);
    }
}
