namespace Tars.Bundle.Wasm;

/// <summary>A module that the validator accepted. Only the validator makes one.</summary>
public sealed class ValidatedModule
{
    internal ValidatedModule()
    {
    }
}
