namespace Tars.Lang;

/// <summary>Every bound of the compiler's front and back; each is a promise to finish on hostile input.</summary>
public static class Limits
{
    /// <summary>A metascript in UTF-8 bytes.</summary>
    public const int SourceBytesMax = 1024 * 1024;

    /// <summary>YAML collections within each other.</summary>
    public const int YamlDepthMax = 64;

    /// <summary>A recorded run that a scenario names, in octets.</summary>
    public const int LoadBytesMax = 16 * 1024 * 1024;

    /// <summary>Code within code: brackets, blocks, operators that lean to the right.</summary>
    public const int CodeDepthMax = 64;

    /// <summary>From the root of an expression to its farthest leaf.</summary>
    public const int ExpressionHeightMax = 200;

    public const int NameLengthMax = 64;

    /// <summary>What all agents of an interface together may ask and tell.</summary>
    public const int ForeignOperationsMax = 8_000;

    /// <summary>Characters of why a file of WebAssembly is no guest.</summary>
    public const int ReasonLengthMax = 160;

    /// <summary>Columns that the formatter fills.</summary>
    public const int ColumnsMax = 100;

    /// <summary>More than this many messages help nobody; the rest is counted.</summary>
    public const int DiagnosticCountMax = 1000;

    /// <summary>Beyond so many messages nobody looks for what was meant instead.</summary>
    public const int SuggestionsMax = 100;

    /// <summary>Records and variants within each other.</summary>
    public const int TypeDepthMax = 32;

    /// <summary>Types that stand in one type when it is spelled out.</summary>
    public const int TypeSizeMax = 1000;

    /// <summary>Places where one handler may wait, those in the procedures that it asks included.</summary>
    public const int WaitCountMax = 256;

    /// <summary>Seeds of one scenario.</summary>
    public const int SeedCountMax = 10_000;

    /// <summary>Modules that import each other in a row.</summary>
    public const int ImportDepthMax = 32;

    /// <summary>Files that one module reaches.</summary>
    public const int ImportCountMax = 256;

    /// <summary>What the constants and initial values of one module may use, when they are worked out.</summary>
    public const long ConstantFuelMax = 5_000_000;

    /// <summary>What one expectation of a scenario may use.</summary>
    public const long JudgeFuelMax = 100_000_000;

    /// <summary>Memory of an expectation in pages: it may see the state of large processes.</summary>
    public const uint JudgePagesMax = 4_096;

    public const int ConstantDepthMax = 1 << 18;

    public const uint ConstantPagesMax = 256;

    /// <summary>A constant whose encoding is longer is no data of the bundle but worked out where it is used.</summary>
    public const int ConstantBytesMax = 64 * 1024;

    /// <summary>The same for the initial value of a state field.</summary>
    public const int InitialBytesMax = 1024;

    public const int BeliefCountMax = 256;

    public const int RelationCountMax = 2048;

    /// <summary>What a function of WebAssembly takes at most before its code: the groups of its locals.</summary>
    public const int FunctionHeadBytes = 512 * 1024;

    /// <summary>Statements of one handler, procedure or function: those in its blocks too, and arms.</summary>
    public const int StatementCountMax = 10_000;

    /// <summary>Holes of one text or template.</summary>
    public const int HoleCountMax = 256;

    /// <summary>Room for the heap in a fresh memory, so that small processes never grow it.</summary>
    public const int FirstHeapBytes = 32 * 1024;

    /// <summary>The end of the memory that no block takes: texts are read eight bytes at a time.</summary>
    public const int HeapMargin = 16;

    /// <summary>The largest block of the heap; a request above it is out of memory.</summary>
    public const int BlockBytesMax = 0x3FFF_FFF0;

    /// <summary>Entries of one block of a map's tree, at least and at most.</summary>
    public const int MapEntriesMin = 4;

    public const int MapEntriesMax = 16;

    /// <summary>Blocks from the root of a map's tree to a leaf; more than the memory can hold.</summary>
    public const int MapHeightMax = 14;

    /// <summary>Entries of one mapping or list: handlers of an agent, functions, steps of a scenario.</summary>
    public const int EntryCountMax = 2000;
}
