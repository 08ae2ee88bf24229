namespace Tars.Bundle.Wasm;

/// <summary>What validating a module gave. The family is closed.</summary>
public abstract record ValidationResult
{
    private ValidationResult()
    {
    }

    public sealed record Valid(ValidatedModule Module) : ValidationResult;

    public sealed record Invalid(WasmError Error) : ValidationResult;
}
