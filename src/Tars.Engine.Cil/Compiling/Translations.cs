using Tars.Bundle.Wasm;

namespace Tars.Engine.Cil.Compiling;

/// <summary>
/// The table of instructions that compute without effect; all others have code in <see cref="FunctionCompiler"/>.
/// </summary>
/// <remarks>To add one: a row in <see cref="ScalarTranslations"/> or its sibling for vectors; nothing else.</remarks>
internal static class Translations
{
    // Most modules have no vectors, and then their table is never made.
    private const Opcode FirstVector = (Opcode)0xFD00;

    private static readonly Dictionary<Opcode, Translation> _rows =
        ScalarTranslations.Rows.ToDictionary(row => row.Opcode);

    /// <summary>Null when the instruction has an effect, can trap, or is not translated at all.</summary>
    public static Translation? Find(Opcode opcode) =>
        opcode < FirstVector ? _rows.GetValueOrDefault(opcode) : VectorTranslations.Find(opcode);
}
