namespace Tars.Engine.Vm;

/// <summary>Every bound of this engine.</summary>
internal static class Limits
{
    /// <summary>Linear memories that one machine can hold; an instance has one, a linked store has several.</summary>
    public const int WindowCountMax = 64;

    /// <summary>Text and read-only data of one machine.</summary>
    public const int ImageBytesMax = 512 << 20;

    /// <summary>Machine stack of one machine.</summary>
    public const int StackBytesMax = 256 << 20;

    /// <summary>Cells, call block, globals and tables of one machine.</summary>
    public const int ControlBytesMax = 512 << 20;

    /// <summary>Arguments or results of one call from outside.</summary>
    public const int CallSlotCountMax = 1024;
}
