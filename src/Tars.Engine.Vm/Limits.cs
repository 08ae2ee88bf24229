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

    /// <summary>Octets of one linear memory: what 32 bits reach.</summary>
    public const long MemoryBytesMax = 4L << 30;

    /// <summary>Room behind a linear memory that it can grow into without a new slot.</summary>
    public const long GrowthRoomBytes = 4 << 20;

    /// <summary>Host calls of one call from outside; more is a storm.</summary>
    public const int HostCallsPerRunMax = 50_000_000;

    /// <summary>Memory up to here is restored by copying all of it.</summary>
    public const int WholeCopyBytesMax = 1 << 20;

    /// <summary>Of stack and control area so much is cleared by writing zeros; the rest is given back.</summary>
    public const int ClearedBytesMax = 64 << 10;

    /// <summary>Octets of each part that a new machine touches before it waits in the pool.</summary>
    public const int WarmBytesMax = 256 << 10;

    /// <summary>Machines that wait in a pool.</summary>
    public const int PooledCountMax = 64;

    /// <summary>How often running machines are looked at for their deadlines.</summary>
    public const int WatchMilliseconds = 1;

    /// <summary>Rounds of the watch without a running machine after which it sleeps until one runs.</summary>
    public const int IdleRoundsMax = 50;

    /// <summary>Octets of code that are compiled at a time.</summary>
    public const int GroupBytesMax = 1 << 20;
}
