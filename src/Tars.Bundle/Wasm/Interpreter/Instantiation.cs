namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>What instantiating a module gave. The family is closed.</summary>
public abstract record Instantiation
{
    private Instantiation()
    {
    }

    public sealed record Ready(OracleInstance Instance) : Instantiation;

    /// <summary>An import is missing or is something else, or the module asks for more than the limits.</summary>
    public sealed record Unlinkable(string Message) : Instantiation;

    /// <summary>A segment did not fit, or the start function trapped.</summary>
    public sealed record Trapped(WasmTrap Trap) : Instantiation;
}
