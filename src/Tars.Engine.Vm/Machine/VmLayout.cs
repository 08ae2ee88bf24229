namespace Tars.Engine.Vm.Machine;

/// <summary>Where the parts of a machine lie in the memory that the host gives it.</summary>
/// <remarks>One range and one slot of KVM hold everything, with linear memory 0 last, where it can grow.</remarks>
internal sealed class VmLayout
{
    public const int SupervisorSize = 4 * GuestMap.PageSize;

    private const long LargePage = 2 << 20;

    // Memory 0, ring 0 with the control area, stack, text, data.
    private const int Stretches = 5;

    // Larger memories are mapped by large pages, for which both addresses must be multiples of one.
    private const long AlignedFrom = 2 * LargePage;

    public VmLayout(VmShape shape)
    {
        ControlSize = (int)GuestMap.PageAligned(shape.ControlSize);
        StackSize = (int)GuestMap.PageAligned(shape.StackSize);
        TextSize = (int)GuestMap.PageAligned(shape.TextSize);
        ReadOnlySize = (int)GuestMap.PageAligned(shape.ReadOnlySize);
        long parts = (long)ControlSize + StackSize + TextSize + ReadOnlySize;
        TablePageCount = PageTables.PageCountMax(
            parts + shape.MemoryMax + shape.FurtherMemoryMax, Stretches + shape.WindowCountMax - 1);
        Supervisor = (long)TablePageCount * GuestMap.PageSize;
        Control = Supervisor + SupervisorSize;
        Stack = Control + ControlSize;
        Text = Stack + StackSize;
        ReadOnly = Text + TextSize;
        long end = ReadOnly + ReadOnlySize;
        Window = AlignedFrom <= shape.MemoryMax ? (end + LargePage - 1) & -LargePage : end;
        Size = Window + shape.MemoryMax;
    }

    public int TablePageCount { get; }

    public int ControlSize { get; }

    public int StackSize { get; }

    public int TextSize { get; }

    public int ReadOnlySize { get; }

    public long Supervisor { get; }

    public long Control { get; }

    public long Stack { get; }

    public long Text { get; }

    public long ReadOnly { get; }

    public long Window { get; }

    public long Size { get; }
}
