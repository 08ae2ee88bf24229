namespace Tars.Bundle.Wasm;

/// <summary>What an import must be. The family is closed.</summary>
public abstract record ImportType
{
    private ImportType()
    {
    }

    public sealed record OfFunc(TypeIndex Type) : ImportType;

    public sealed record OfTable(TableType Type) : ImportType;

    public sealed record OfMemory(MemoryType Type) : ImportType;

    public sealed record OfGlobal(GlobalType Type) : ImportType;
}
