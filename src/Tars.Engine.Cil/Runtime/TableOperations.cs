using Tars.Kernel.Ports;

namespace Tars.Engine.Cil.Runtime;

/// <summary>Table instructions but table.size, called by generated code (data plane).</summary>
/// <remarks>Statuses and order are those of <see cref="Bulk"/>; one unit of fuel for each element that
/// moves.</remarks>
internal static class TableOperations
{
    private const int OutOfBounds = (int)FaultKind.TableOutOfBounds + 1;

    public static int Set(nint state, int table, int at, nint value)
    {
        var elements = TableOf(state, table).Elements;
        if ((uint)elements.Length <= (uint)at)
        {
            return OutOfBounds;
        }

        elements[at] = value;
        return Bulk.Fine;
    }

    public static int Fill(nint state, int table, int to, nint value, int count)
    {
        var elements = TableOf(state, table).Elements;
        if (elements.Length < (long)(uint)to + (uint)count)
        {
            return OutOfBounds;
        }

        int status = Bulk.Charge(state, (uint)count);
        if (status == Bulk.Fine)
        {
            elements.Slice(to, count).Fill(value);
        }

        return status;
    }

    public static int Copy(nint state, int toTable, int fromTable, int to, int from, int count)
    {
        var target = TableOf(state, toTable).Elements;
        var source = TableOf(state, fromTable).Elements;
        if (target.Length < (long)(uint)to + (uint)count || source.Length < (long)(uint)from + (uint)count)
        {
            return OutOfBounds;
        }

        int status = Bulk.Charge(state, (uint)count);
        if (status == Bulk.Fine)
        {
            source.Slice(from, count).CopyTo(target[to..]);
        }

        return status;
    }

    public static int Init(nint state, int table, int segment, int to, int from, int count)
    {
        var target = TableOf(state, table).Elements;
        var source = new MemoryState(state).Instance.ElementSegment(segment);
        if (target.Length < (long)(uint)to + (uint)count || source.Length < (long)(uint)from + (uint)count)
        {
            return OutOfBounds;
        }

        int status = Bulk.Charge(state, (uint)count);
        if (status == Bulk.Fine)
        {
            source.Slice(from, count).CopyTo(target[to..]);
        }

        return status;
    }

    public static void Drop(nint state, int segment) => new MemoryState(state).Instance.DropElements(segment);

    /// <summary>
    /// The length before, -1 when the table may not grow so far, or two less than minus a fault kind.
    /// </summary>
    public static int Grow(nint state, int table, nint value, int count)
    {
        var instance = new MemoryState(state).Instance;
        var place = instance.Table(table);
        if (!instance.MayGrow(place, (uint)count))
        {
            return -1;
        }

        int status = Bulk.Charge(state, (uint)count);
        if (status != Bulk.Fine)
        {
            return -1 - status;
        }

        uint length = place.Length;
        place.Grow((uint)count, value);
        return (int)length;
    }

    private static MemoryTable TableOf(nint state, int table) => new MemoryState(state).Instance.Table(table);
}
