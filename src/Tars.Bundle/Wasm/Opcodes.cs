using System.Collections.Immutable;

namespace Tars.Bundle.Wasm;

/// <summary>The opcode table: name, immediates, signature, alignment and fuel of every instruction.</summary>
/// <remarks>
/// To add an instruction: a member of <see cref="Opcode"/>, a row in <see cref="ScalarOpcodes"/> or
/// <see cref="VectorOpcodes"/>, and an arm in the oracle and in each engine. The validator needs an arm only when the
/// signature is not fixed.
///
/// Fuel is part of what a bundle means, so a cost never changes within one version of the bundle format:
///   0  what no engine has to execute: block, loop, else, end, nop, drop, unreachable;
///   1  whatever moves or computes one value;
///   2 and 4  conversions with a range check, br_table; floating-point division;
///   5 and 8  calls, direct and indirect; integer division and remainder; square roots;
///   8  bulk memory and table instructions, and on top of it, known only when they run, one for each 64 whole bytes
///      that are moved or set, or one for each element of a table that is;
///   64 growing a memory or a table; for a table one more for each new element.
/// The part known before it runs is summed up by regions of the code. The rest is charged by the
/// instruction when its ranges have been found to be inside, before it moves anything; a growth that is refused
/// costs nothing more.
/// </remarks>
public static class Opcodes
{
    /// <summary>How many bytes a bulk memory instruction moves for one unit of fuel, as a power of two.</summary>
    public const int BulkBytesPerFuelLog2 = 6;

    private const int PageCount = 3;

    /// <summary>All rows, in the order in which they are written down.</summary>
    public static ImmutableArray<OpcodeInfo> All { get; } = [.. ScalarOpcodes.Rows, .. VectorOpcodes.Rows];

    // Three pages of 256: one byte, prefix FC, prefix FD. Made after All, which it is made of.
    private static readonly OpcodeInfo?[] _byCode = ByCode();

    public static OpcodeInfo Info(this Opcode opcode) => _byCode[PlaceOf((int)opcode)]!;

    /// <summary>The row of an opcode's number, or null when there is no such instruction.</summary>
    public static OpcodeInfo? Find(int code) => _byCode[PlaceOf(code)];

    // FCxx and FDxx follow the plain bytes.
    private static int PlaceOf(int code) => code < 0x100 ? code : code - 0xFB00;

    private static OpcodeInfo?[] ByCode()
    {
        var places = new OpcodeInfo?[PageCount * 0x100];
        foreach (var row in All)
        {
            places[PlaceOf((int)row.Opcode)] = row;
        }

        return places;
    }
}
