using Tars.Bundle.Wasm;

namespace Tars.Engine.Vm.Compiling;

/// <summary>What LLVM's text for float vectors is: one row for each instruction.</summary>
internal static class VectorFloatRows
{
    private const string W = "<4 x i32>";
    private const string Q = "<2 x i64>";
    private const string S = "<4 x float>";
    private const string D = "<2 x double>";
    private const string LowTwo = "<2 x i32> <i32 0, i32 1>";
    private const string BesideZeros = "<4 x i32> <i32 0, i32 1, i32 2, i32 3>";

    public static IEnumerable<IrRow> All =>
    [
        .. Shape(S, "v4f32", W, 4, _opcodesF32, Looseness.Single),
        .. Shape(D, "v2f64", Q, 2, _opcodesF64, Looseness.Double),
        .. _lanes,
        .. _conversions,
    ];

    // In the order of Shape below.
    private static readonly Opcode[] _opcodesF32 =
    [
        Opcode.F32x4Eq, Opcode.F32x4Ne, Opcode.F32x4Lt, Opcode.F32x4Gt, Opcode.F32x4Le, Opcode.F32x4Ge,
        Opcode.F32x4Abs, Opcode.F32x4Neg, Opcode.F32x4Ceil, Opcode.F32x4Floor, Opcode.F32x4Trunc,
        Opcode.F32x4Nearest, Opcode.F32x4Sqrt, Opcode.F32x4Add, Opcode.F32x4Sub, Opcode.F32x4Mul, Opcode.F32x4Div,
        Opcode.F32x4Min, Opcode.F32x4Max, Opcode.F32x4Pmin, Opcode.F32x4Pmax,
    ];

    private static readonly Opcode[] _opcodesF64 =
    [
        Opcode.F64x2Eq, Opcode.F64x2Ne, Opcode.F64x2Lt, Opcode.F64x2Gt, Opcode.F64x2Le, Opcode.F64x2Ge,
        Opcode.F64x2Abs, Opcode.F64x2Neg, Opcode.F64x2Ceil, Opcode.F64x2Floor, Opcode.F64x2Trunc,
        Opcode.F64x2Nearest, Opcode.F64x2Sqrt, Opcode.F64x2Add, Opcode.F64x2Sub, Opcode.F64x2Mul, Opcode.F64x2Div,
        Opcode.F64x2Min, Opcode.F64x2Max, Opcode.F64x2Pmin, Opcode.F64x2Pmax,
    ];

    private static readonly IrRow[] _lanes =
    [
        new(Opcode.F32x4Splat, Splat(S, "float", 4), Looseness.Single, Looseness.Single) { Passes = true },
        new(Opcode.F64x2Splat, Splat(D, "double", 2), Looseness.Double, Looseness.Double) { Passes = true },
        new(Opcode.F32x4ExtractLane, Extract(S), Looseness.Single, Looseness.Single) { Passes = true },
        new(Opcode.F64x2ExtractLane, Extract(D), Looseness.Double, Looseness.Double) { Passes = true },
    ];

    private static readonly IrRow[] _conversions =
    [
        new(
            Opcode.I32x4TruncSatF32x4S,
            VectorRows.Map(S, $"%z = call {W} @llvm.fptosi.sat.v4i32.v4f32({S} %x)", W),
            Looseness.Single,
            Looseness.Exact),
        new(
            Opcode.I32x4TruncSatF32x4U,
            VectorRows.Map(S, $"%z = call {W} @llvm.fptoui.sat.v4i32.v4f32({S} %x)", W),
            Looseness.Single,
            Looseness.Exact),
        new(
            Opcode.I32x4TruncSatF64x2SZero,
            VectorRows.Map(D, $"%n = call <2 x i32> @llvm.fptosi.sat.v2i32.v2f64({D} %x); {WithZeros("i32")}", W),
            Looseness.Double,
            Looseness.Exact),
        new(
            Opcode.I32x4TruncSatF64x2UZero,
            VectorRows.Map(D, $"%n = call <2 x i32> @llvm.fptoui.sat.v2i32.v2f64({D} %x); {WithZeros("i32")}", W),
            Looseness.Double,
            Looseness.Exact),
        Exact(Opcode.F32x4ConvertI32x4S, VectorRows.Map(W, $"%z = sitofp {W} %x to {S}", S)),
        Exact(Opcode.F32x4ConvertI32x4U, VectorRows.Map(W, $"%z = uitofp {W} %x to {S}", S)),
        Exact(Opcode.F64x2ConvertLowI32x4S, VectorRows.Map(W, $"{Low(W)}; %z = sitofp <2 x i32> %h to {D}", D)),
        Exact(Opcode.F64x2ConvertLowI32x4U, VectorRows.Map(W, $"{Low(W)}; %z = uitofp <2 x i32> %h to {D}", D)),
        new(
            Opcode.F32x4DemoteF64x2Zero,
            VectorRows.Map(D, $"%n = fptrunc {D} %x to <2 x float>; {WithZeros("float")}", S),
            Looseness.Double,
            Looseness.Single),
        new(
            Opcode.F64x2PromoteLowF32x4,
            VectorRows.Map(S, $"{Low(S)}; %z = fpext <2 x float> %h to {D}", D),
            Looseness.Single,
            Looseness.Double),
    ];

    private static IrRow[] Shape(
        string type, string suffix, string mask, int count, Opcode[] opcodes, Looseness kind)
    {
        IrRow[] rows =
        [
            .. opcodes[..6].Zip(["oeq", "une", "olt", "ogt", "ole", "oge"], (opcode, test) => new IrRow(
                opcode,
                VectorRows.Zip(
                    type, $"%c = fcmp {test} {type} %x, %y; %z = sext <{count} x i1> %c to {mask}", mask),
                kind,
                Looseness.Exact)),
            Exact(opcodes[6], One("fabs")),
            Exact(opcodes[7], VectorRows.Map(type, $"%z = fneg {type} %x", type)),
            .. opcodes[8..13].Zip(
                ["ceil", "floor", "trunc", "roundeven", "sqrt"], (opcode, name) => Loose(opcode, One(name))),
            .. opcodes[13..17].Zip(["fadd", "fsub", "fmul", "fdiv"], (opcode, name) =>
                Loose(opcode, VectorRows.Zip(type, $"%z = {name} {type} %x, %y", type))),
            .. opcodes[17..19].Zip(["minimum", "maximum"], (opcode, name) => Loose(
                opcode,
                VectorRows.Zip(type, $"%z = call {type} @llvm.{name}.{suffix}({type} %x, {type} %y)", type))),
            Exact(opcodes[19], Choose("%y, %x")),
            Exact(opcodes[20], Choose("%x, %y")),
        ];
        return rows;

        IrRow Loose(Opcode opcode, string steps) => new(opcode, steps, kind, kind);

        string One(string name) => VectorRows.Map(type, $"%z = call {type} @llvm.{name}.{suffix}({type} %x)", type);

        // Of both, one as it is: the second where it is less, or where the first is.
        string Choose(string order) => VectorRows.Zip(
            type, $"%c = fcmp olt {type} {order}; %z = select <{count} x i1> %c, {type} %y, {type} %x", type);
    }

    private static IrRow Exact(Opcode opcode, string steps) => new(opcode, steps, Looseness.Exact, Looseness.Exact);

    private static string Splat(string type, string lane, int count) =>
        $"%i = insertelement {type} poison, {lane} $0, i32 0; "
        + $"%s = shufflevector {type} %i, {type} poison, <{count} x i32> zeroinitializer; "
        + $"%r = bitcast {type} %s to {Q}";

    private static string Extract(string type) =>
        $"%x = bitcast {Q} $0 to {type}; %r = extractelement {type} %x, i32 $L";

    private static string Low(string type) => $"%h = shufflevector {type} %x, {type} poison, {LowTwo}";

    private static string WithZeros(string lane) =>
        $"%z = shufflevector <2 x {lane}> %n, <2 x {lane}> zeroinitializer, {BesideZeros}";
}
