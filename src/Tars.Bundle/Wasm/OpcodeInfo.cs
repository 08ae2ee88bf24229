namespace Tars.Bundle.Wasm;

/// <summary>One row of the opcode table.</summary>
/// <param name="Name">As the specification spells it.</param>
/// <param name="SignatureText">Operands and results; null where they depend on immediates or on the stack.</param>
/// <param name="Fuel">What running it costs; see <see cref="Opcodes"/>.</param>
/// <param name="Align">The natural alignment of a memory access as a power of two; null for everything else.</param>
public sealed record OpcodeInfo(
    Opcode Opcode, string Name, Immediate Immediate, string? SignatureText, int Fuel, int? Align = null)
{
    /// <summary>The signature where it is fixed.</summary>
    public FuncType? Signature { get; } = SignatureText is null ? null : FuncType.Parse(SignatureText);
}
