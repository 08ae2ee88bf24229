using Tars.Bundle.Wasm;

namespace Tars.Engine.Vm.Compiling;

/// <summary>What LLVM's text for each load and store is, the address aside.</summary>
internal static class MemoryRows
{
    private const string Q = "<2 x i64>";

    private static readonly Dictionary<Opcode, MemoryRow> _rows = Rows().ToDictionary(row => row.Opcode);

    public static MemoryRow Of(Opcode opcode) => _rows[opcode];

    private static MemoryRow[] Rows() =>
    [
        Plain(Opcode.I32Load, "i32"),
        Plain(Opcode.I64Load, "i64"),
        Plain(Opcode.F32Load, "float"),
        Plain(Opcode.F64Load, "double"),
        Wider(Opcode.I32Load8S, "sext", "i8", "i32"),
        Wider(Opcode.I32Load8U, "zext", "i8", "i32"),
        Wider(Opcode.I32Load16S, "sext", "i16", "i32"),
        Wider(Opcode.I32Load16U, "zext", "i16", "i32"),
        Wider(Opcode.I64Load8S, "sext", "i8", "i64"),
        Wider(Opcode.I64Load8U, "zext", "i8", "i64"),
        Wider(Opcode.I64Load16S, "sext", "i16", "i64"),
        Wider(Opcode.I64Load16U, "zext", "i16", "i64"),
        Wider(Opcode.I64Load32S, "sext", "i32", "i64"),
        Wider(Opcode.I64Load32U, "zext", "i32", "i64"),
        Plain(Opcode.I32Store, "i32"),
        Plain(Opcode.I64Store, "i64"),
        Plain(Opcode.F32Store, "float"),
        Plain(Opcode.F64Store, "double"),
        Narrower(Opcode.I32Store8, "i32", "i8"),
        Narrower(Opcode.I32Store16, "i32", "i16"),
        Narrower(Opcode.I64Store8, "i64", "i8"),
        Narrower(Opcode.I64Store16, "i64", "i16"),
        Narrower(Opcode.I64Store32, "i64", "i32"),
        Plain(Opcode.V128Load, Q),
        Plain(Opcode.V128Store, Q),
        Lanes(Opcode.V128Load8x8S, "sext", "<8 x i8>", "<8 x i16>"),
        Lanes(Opcode.V128Load8x8U, "zext", "<8 x i8>", "<8 x i16>"),
        Lanes(Opcode.V128Load16x4S, "sext", "<4 x i16>", "<4 x i32>"),
        Lanes(Opcode.V128Load16x4U, "zext", "<4 x i16>", "<4 x i32>"),
        Lanes(Opcode.V128Load32x2S, "sext", "<2 x i32>", Q),
        Lanes(Opcode.V128Load32x2U, "zext", "<2 x i32>", Q),
        Splat(Opcode.V128Load8Splat, "i8", 16),
        Splat(Opcode.V128Load16Splat, "i16", 8),
        Splat(Opcode.V128Load32Splat, "i32", 4),
        Splat(Opcode.V128Load64Splat, "i64", 2),
        Zero(Opcode.V128Load32Zero, "i32", "<4 x i32>"),
        Zero(Opcode.V128Load64Zero, "i64", Q),
        LoadLane(Opcode.V128Load8Lane, "i8", "<16 x i8>"),
        LoadLane(Opcode.V128Load16Lane, "i16", "<8 x i16>"),
        LoadLane(Opcode.V128Load32Lane, "i32", "<4 x i32>"),
        LoadLane(Opcode.V128Load64Lane, "i64", Q),
        StoreLane(Opcode.V128Store8Lane, "i8", "<16 x i8>"),
        StoreLane(Opcode.V128Store16Lane, "i16", "<8 x i16>"),
        StoreLane(Opcode.V128Store32Lane, "i32", "<4 x i32>"),
        StoreLane(Opcode.V128Store64Lane, "i64", Q),
    ];

    private static MemoryRow Plain(Opcode opcode, string type) => new(opcode, type, Steps: null);

    private static MemoryRow Wider(Opcode opcode, string extension, string from, string to) =>
        new(opcode, from, $"%r = {extension} {from} $0 to {to}");

    private static MemoryRow Narrower(Opcode opcode, string from, string to) =>
        new(opcode, to, $"%r = trunc {from} $0 to {to}");

    private static MemoryRow Lanes(Opcode opcode, string extension, string from, string to) =>
        new(opcode, from, $"%w = {extension} {from} $0 to {to}; %r = bitcast {to} %w to {Q}");

    private static MemoryRow Splat(Opcode opcode, string lane, int count) => new(
        opcode,
        lane,
        $"%i = insertelement <{count} x {lane}> poison, {lane} $0, i32 0; "
        + $"%s = shufflevector <{count} x {lane}> %i, <{count} x {lane}> poison, <{count} x i32> zeroinitializer; "
        + $"%r = bitcast <{count} x {lane}> %s to {Q}");

    private static MemoryRow Zero(Opcode opcode, string lane, string type) => new(
        opcode, lane, $"%i = insertelement {type} zeroinitializer, {lane} $0, i32 0; %r = bitcast {type} %i to {Q}");

    private static MemoryRow LoadLane(Opcode opcode, string lane, string type) => new(
        opcode,
        lane,
        $"%x = bitcast {Q} $1 to {type}; %i = insertelement {type} %x, {lane} $0, i32 $L; "
        + $"%r = bitcast {type} %i to {Q}");

    private static MemoryRow StoreLane(Opcode opcode, string lane, string type) => new(
        opcode, lane, $"%x = bitcast {Q} $0 to {type}; %r = extractelement {type} %x, i32 $L");
}

/// <summary>One access.</summary>
/// <param name="Type">What is read or written.</param>
/// <param name="Steps">
/// As in <see cref="IrRow"/>: from what was read, $0, to the result, or from the operand, $0, to what is written.
/// $1 is the vector into which a lane is read. Null when both are the same.
/// </param>
internal sealed record MemoryRow(Opcode Opcode, string Type, string? Steps)
{
    public string[] Lines { get; } = Steps?.Split(';', StringSplitOptions.TrimEntries) ?? [];
}
