namespace Tars.Engine.Cil;

/// <summary>Every bound of this engine.</summary>
internal static class Limits
{
    /// <summary>What a start function may burn; it runs before anyone can be asked.</summary>
    public const long StartFuelMax = 1_000_000_000;

    /// <summary>
    /// An expression held back longer than this is put into a local: trees are walked by recursion.
    /// </summary>
    public const int ExpressionDepthMax = 24;

    /// <summary>How many expressions of one function are held back at a time.</summary>
    public const int DeferredCountMax = 64;

    /// <summary>
    /// Beyond so many checked accesses in a function, a fault names the function and no longer the place.
    /// </summary>
    public const int TrapPlaceCountMax = 400;

    /// <summary>
    /// A method whose IL is longer is compiled when the module is loaded, to see that .NET takes it.
    /// </summary>
    public const int LazyIlBytesMax = 16_384;

    /// <summary>
    /// Mappings are multiples of this, so that one serves instances of many modules, and so that what a small one uses
    /// lies in one page table of the processor.
    /// </summary>
    public const int MappingGrain = 2 << 20;

    /// <summary>A mapping of which more was in use is given back to the system.</summary>
    public const int MappingKeptBytesMax = 16 << 20;

    /// <summary>A mapping of which more was in use is made zero by another thread: its owner has work to do.</summary>
    public const int MappingClearedAtOnceMax = 1 << 20;

    /// <summary>Mappings that wait to be used again.</summary>
    public const int MappingsKeptMax = 256;

    /// <summary>So many mappings are reserved one by one: most programs have few.</summary>
    public const int MappingsReservedAlone = 64;

    /// <summary>Mappings that are reserved together from then on.</summary>
    public const int MappingsReservedAtOnce = 32;

    /// <summary>Memory that all of them may keep.</summary>
    public const int MappingPoolBytesMax = 32 << 20;

    /// <summary>IL locals of one method; the runtime takes 65,535.</summary>
    public const int MethodLocalCountMax = 60_000;

    /// <summary>Fuel that a loop may burn without asking whether its call is to be aborted.</summary>
    public const long UncheckedFuelMax = 1 << 20;

    /// <summary>Octets of the body of a loop that is translated twice.</summary>
    public const int UncheckedBodyBytesMax = 2048;

    /// <summary>Ways through memory that are checked before its first copy.</summary>
    public const int UncheckedWalkCountMax = 8;

    /// <summary>A counted loop that has fewer accesses left than this, in all its turns, checks each of them: to look
    /// ahead would cost more.</summary>
    public const int UncheckedAccessesMin = 16;

    /// <summary>
    /// Accesses that a turn must have for each of its ways through memory where turns are not counted.
    /// </summary>
    public const int UncountedAccessesMin = 4;

    /// <summary>Turns of a loop that are looked ahead at a time.</summary>
    public const int UncheckedTurnsMax = 256;

    /// <summary>Targets of one br_table.</summary>
    public const int BranchTargetCountMax = 65_520;

    /// <summary>
    /// Machine stack that one slot of depth is given; a call whose thread has less left gets a thread of its own.
    /// </summary>
    public const int StackBytesPerSlot = 24;

    /// <summary>Machine stack that must be left when a function is entered: for leaves, the host and the JIT.</summary>
    public const int StackReserveBytes = 512 * 1024;
}
