namespace Tars.Bundle.Wasm;

/// <summary>What a constant expression may name, as the engine holds it.</summary>
public interface IConstantScope
{
    /// <summary>The bits of a global that comes before.</summary>
    UInt128 Global(int index);

    /// <summary>The reference to a function.</summary>
    ulong Function(int index);
}
