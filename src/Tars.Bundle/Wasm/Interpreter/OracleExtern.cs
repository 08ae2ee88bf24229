namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>Something that is exported or imported. The family is closed.</summary>
public abstract record OracleExtern
{
    private OracleExtern()
    {
    }

    public sealed record OfFunc(OracleFunction Function) : OracleExtern;

    public sealed record OfTable(OracleTable Elements) : OracleExtern;

    public sealed record OfMemory(OracleMemory Bytes) : OracleExtern;

    public sealed record OfGlobal(OracleGlobal Variable) : OracleExtern;
}
