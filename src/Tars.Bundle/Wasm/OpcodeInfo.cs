using System.Globalization;

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

    /// <summary>For an instruction that names a lane, how many there are.</summary>
    public int LaneCount { get; } = Immediate switch
    {
        Immediate.MemoryLane => 16 >> Align!.Value,
        Immediate.Lane => LanesOf(Name),
        _ => 0,
    };

    // A vector instruction begins with its shape: i8x16.extract_lane_s has 16 lanes.
    private static int LanesOf(string name)
    {
        var shape = name.AsSpan(0, name.IndexOf('.', StringComparison.Ordinal));
        return int.Parse(shape[(shape.IndexOf('x') + 1)..], CultureInfo.InvariantCulture);
    }
}
