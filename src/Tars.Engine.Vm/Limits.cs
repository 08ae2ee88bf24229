namespace Tars.Engine.Vm;

/// <summary>Every bound of this engine.</summary>
internal static class Limits
{
    /// <summary>Linear memories that one machine can hold; an instance has one, a linked store has several.</summary>
    public const int WindowCountMax = 64;

    /// <summary>Text and read-only data of one machine.</summary>
    public const int ImageBytesMax = 512 << 20;

    /// <summary>Machine stack of one machine.</summary>
    public const int StackBytesMax = 320 << 20;

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

    /// <summary>Pages that are copied at each restore since they were written once. Beyond that, which ones are written
    /// is found out anew.</summary>
    public const int HotPagesMax = 128;

    /// <summary>Of stack and control area so much is cleared by writing zeros; the rest is given back.</summary>
    public const int ClearedBytesMax = 64 << 10;

    /// <summary>Fewer octets that are no longer needed are cleared and not given back.</summary>
    public const int GivenBackBytesMin = 64 << 10;

    /// <summary>Octets of each part that a new machine touches before it waits in the pool.</summary>
    public const int WarmBytesMax = 256 << 10;

    /// <summary>Descriptors that machines leave to the rest of the process, which opens files, sockets and assemblies
    /// while it runs.</summary>
    public const int DescriptorsLeftMin = 64;

    /// <summary>Machines that wait in a pool.</summary>
    public const int PooledCountMax = 64;

    /// <summary>How often running machines are looked at for their deadlines.</summary>
    public const int WatchMilliseconds = 1;

    /// <summary>Rounds of the watch without a running machine after which it sleeps until one runs.</summary>
    public const int IdleRoundsMax = 50;

    /// <summary>Octets of code that are compiled at a time.</summary>
    public const int GroupBytesMax = 1 << 20;

    /// <summary>Octets of the text of one piece of code that is given to the compiler.</summary>
    public const int CodeTextBytesMax = 128 << 20;

    /// <summary>Octets of the texts of all pieces of a module: each may take the compiler a minute.</summary>
    public const long ModuleTextBytesMax = 1L << 30;

    /// <summary>Octets of the body of a loop that is translated twice.</summary>
    public const int PlainLoopBodyBytesMax = 8192;

    /// <summary>Ways through memory that are checked before its first copy.</summary>
    public const int PlainLoopWalkCountMax = 32;

    /// <summary>Pairs of ways of which one writes that are told apart before it.</summary>
    public const int PlainLoopPairsMax = 16;

    /// <summary>Stores of a turn that are looked at for being the same again and again.</summary>
    public const int RolledStoreCountMax = 64;

    /// <summary>Operations one within the other in what such a store writes.</summary>
    public const int RolledDepthMax = 256;

    /// <summary>Accesses of a turn that are looked at for whether they see a NaN that is not canonical yet.</summary>
    public const int LooseAccessCountMax = 128;

    /// <summary>Turns of its first copy: a step of 32 bits for each of them is far from the end of 64.</summary>
    public const long PlainLoopTurnsMax = 1L << 30;

    /// <summary>Octets of one object.</summary>
    public const int ObjectBytesMax = 64 << 20;

    /// <summary>Octets of the names of one object's symbols, and again of its sections.</summary>
    public const int NameBytesMax = ObjectBytesMax;

    /// <summary>Rows of the tables of lines of one image.</summary>
    public const int LineRowsMax = 8 << 20;

    /// <summary>Processor time for one piece of code.</summary>
    public const int CompileCpuSecondsMax = 60;

    /// <summary>Time for one piece of code; more than its processor time, since other programs run too.</summary>
    public const int CompileWallSecondsMax = 240;

    /// <summary>How often whoever waits for an object looks whether it is still wanted.</summary>
    public const int CompileLookMilliseconds = 50;

    /// <summary>Memory that the process that compiles may have written to.</summary>
    public const long CompileMemoryBytesMax = 3L << 30;

    /// <summary>How long it may take to end once it has closed its pipe.</summary>
    public const int ChildEndMilliseconds = 2_000;

    /// <summary>Octets of a reason that comes from there.</summary>
    public const int RefusalBytesMax = 65_536;

    /// <summary>Of which so much is shown.</summary>
    public const int RefusalTextMax = 600;

    /// <summary>Octets of all objects that are kept for the next time.</summary>
    public const long CacheBytesMax = 512L << 20;

    /// <summary>Octets that are written to find out whether anything can be kept: as large an object as metascripts
    /// come to.</summary>
    public const int CacheTrialBytes = 256 << 10;

    /// <summary>Links on the way to where they are kept, as the system has it.</summary>
    public const int CacheLinksMax = 40;

    /// <summary>What a start function may burn; it runs before anyone can be asked.</summary>
    public const long StartFuelMax = 1_000_000_000;

    /// <summary>How often it may ask for memory: twice what it can be given in single pages. Each time takes up to
    /// tens of microseconds and next to no fuel.</summary>
    public const int StartGrowthCountMax = 1 << 17;

    /// <summary>Elements to which a table that grows has room to grow.</summary>
    public const int TableElementsMax = 1 << 16;

    /// <summary>Machine stack that a slot of depth may take: with the depth of a command there is room for it in
    /// <see cref="StackBytesMax"/>.</summary>
    public const int StackBytesPerSlotMax = 256;

    /// <summary>Machine stack that the longest chain of functions may take which do not call themselves.</summary>
    public const long StackFixedBytesMax = 32 << 20;

    /// <summary>Machine stack besides what frames are known to take: the red zone of a leaf, alignment.</summary>
    public const int StackReserveBytes = 4 << 10;
}
