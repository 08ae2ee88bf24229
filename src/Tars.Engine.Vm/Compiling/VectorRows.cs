using Tars.Bundle.Wasm;

namespace Tars.Engine.Vm.Compiling;

/// <summary>What LLVM's text for plain vector instructions is: one row for each.</summary>
/// <remarks>Between instructions a vector is two words of 64 bits; each row looks at it as its lanes.</remarks>
internal static class VectorRows
{
    private const string B = "<16 x i8>";
    private const string H = "<8 x i16>";
    private const string W = "<4 x i32>";
    private const string Q = "<2 x i64>";
    private const string S = "<4 x float>";
    private const string D = "<2 x double>";

    private const string LowHalf8 = "<8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>";
    private const string HighHalf8 = "<8 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>";
    private const string Even8 = "<8 x i32> <i32 0, i32 2, i32 4, i32 6, i32 8, i32 10, i32 12, i32 14>";
    private const string Odd8 = "<8 x i32> <i32 1, i32 3, i32 5, i32 7, i32 9, i32 11, i32 13, i32 15>";
    private const string LowHalf4 = "<4 x i32> <i32 0, i32 1, i32 2, i32 3>";
    private const string HighHalf4 = "<4 x i32> <i32 4, i32 5, i32 6, i32 7>";
    private const string Even4 = "<4 x i32> <i32 0, i32 2, i32 4, i32 6>";
    private const string Odd4 = "<4 x i32> <i32 1, i32 3, i32 5, i32 7>";
    private const string LowHalf2 = "<2 x i32> <i32 0, i32 1>";
    private const string HighHalf2 = "<2 x i32> <i32 2, i32 3>";

    public static IEnumerable<IrRow> All =>
    [
        .. Lanes(),
        .. Shape(B, "v16i8", 16, _opcodesI8),
        .. Shape(H, "v8i16", 8, _opcodesI16),
        .. Shape(W, "v4i32", 4, _opcodesI32),
        .. Shape(Q, "v2i64", 2, _opcodesI64),
        .. Unsigned(B, _opcodesI8U),
        .. Unsigned(H, _opcodesI16U),
        .. Unsigned(W, _opcodesI32U),
        .. MinMax(B, "v16i8", [Opcode.I8x16MinS, Opcode.I8x16MinU, Opcode.I8x16MaxS, Opcode.I8x16MaxU]),
        .. MinMax(H, "v8i16", [Opcode.I16x8MinS, Opcode.I16x8MinU, Opcode.I16x8MaxS, Opcode.I16x8MaxU]),
        .. MinMax(W, "v4i32", [Opcode.I32x4MinS, Opcode.I32x4MinU, Opcode.I32x4MaxS, Opcode.I32x4MaxU]),
        .. Saturating(B, "v16i8", "<16 x i16>",
            [Opcode.I8x16AddSatS, Opcode.I8x16AddSatU, Opcode.I8x16SubSatS, Opcode.I8x16SubSatU, Opcode.I8x16AvgrU]),
        .. Saturating(H, "v8i16", "<8 x i32>",
            [Opcode.I16x8AddSatS, Opcode.I16x8AddSatU, Opcode.I16x8SubSatS, Opcode.I16x8SubSatU, Opcode.I16x8AvgrU]),
        .. Products(),
        .. Widening(),
        .. VectorFloatRows.All,
    ];

    // In the order of Shape below.
    private static readonly Opcode[] _opcodesI8 =
    [
        Opcode.I8x16Eq, Opcode.I8x16Ne, Opcode.I8x16LtS, Opcode.I8x16GtS, Opcode.I8x16LeS, Opcode.I8x16GeS,
        Opcode.I8x16Add, Opcode.I8x16Sub, Opcode.I8x16Neg, Opcode.I8x16Abs, Opcode.I8x16AllTrue, Opcode.I8x16Bitmask,
        Opcode.I8x16Shl, Opcode.I8x16ShrS, Opcode.I8x16ShrU,
    ];

    private static readonly Opcode[] _opcodesI16 =
    [
        Opcode.I16x8Eq, Opcode.I16x8Ne, Opcode.I16x8LtS, Opcode.I16x8GtS, Opcode.I16x8LeS, Opcode.I16x8GeS,
        Opcode.I16x8Add, Opcode.I16x8Sub, Opcode.I16x8Neg, Opcode.I16x8Abs, Opcode.I16x8AllTrue, Opcode.I16x8Bitmask,
        Opcode.I16x8Shl, Opcode.I16x8ShrS, Opcode.I16x8ShrU,
    ];

    private static readonly Opcode[] _opcodesI32 =
    [
        Opcode.I32x4Eq, Opcode.I32x4Ne, Opcode.I32x4LtS, Opcode.I32x4GtS, Opcode.I32x4LeS, Opcode.I32x4GeS,
        Opcode.I32x4Add, Opcode.I32x4Sub, Opcode.I32x4Neg, Opcode.I32x4Abs, Opcode.I32x4AllTrue, Opcode.I32x4Bitmask,
        Opcode.I32x4Shl, Opcode.I32x4ShrS, Opcode.I32x4ShrU,
    ];

    private static readonly Opcode[] _opcodesI64 =
    [
        Opcode.I64x2Eq, Opcode.I64x2Ne, Opcode.I64x2LtS, Opcode.I64x2GtS, Opcode.I64x2LeS, Opcode.I64x2GeS,
        Opcode.I64x2Add, Opcode.I64x2Sub, Opcode.I64x2Neg, Opcode.I64x2Abs, Opcode.I64x2AllTrue, Opcode.I64x2Bitmask,
        Opcode.I64x2Shl, Opcode.I64x2ShrS, Opcode.I64x2ShrU,
    ];

    private static readonly Opcode[] _opcodesI8U =
        [Opcode.I8x16LtU, Opcode.I8x16GtU, Opcode.I8x16LeU, Opcode.I8x16GeU];

    private static readonly Opcode[] _opcodesI16U =
        [Opcode.I16x8LtU, Opcode.I16x8GtU, Opcode.I16x8LeU, Opcode.I16x8GeU];

    private static readonly Opcode[] _opcodesI32U =
        [Opcode.I32x4LtU, Opcode.I32x4GtU, Opcode.I32x4LeU, Opcode.I32x4GeU];

    /// <summary>Steps on the lanes %x of one vector that make the lanes %z of another.</summary>
    public static string Map(string from, string steps, string to) =>
        $"%x = bitcast {Q} $0 to {from}; {steps}; %r = bitcast {to} %z to {Q}";

    /// <summary>The same of two vectors, %x and %y.</summary>
    public static string Zip(string from, string steps, string to) =>
        $"%x = bitcast {Q} $0 to {from}; %y = bitcast {Q} $1 to {from}; {steps}; %r = bitcast {to} %z to {Q}";

    private static IrRow Row(Opcode opcode, string steps) => new(opcode, steps, Looseness.Exact, Looseness.Exact);

    private static IEnumerable<IrRow> Lanes() =>
    [
        Row(Opcode.I8x16Swizzle, Zip(
            B,
            $"%n = call {B} @llvm.uadd.sat.v16i8({B} %y, {B} {Same(16, "i8 112")}); "
            + $"%z = call {B} @llvm.x86.ssse3.pshuf.b.128({B} %x, {B} %n)",
            B)),
        Row(Opcode.I8x16Splat, $"%n = trunc i32 $0 to i8; {Splat(B, "i8 %n", 16)}"),
        Row(Opcode.I16x8Splat, $"%n = trunc i32 $0 to i16; {Splat(H, "i16 %n", 8)}"),
        Row(Opcode.I32x4Splat, Splat(W, "i32 $0", 4)),
        Row(Opcode.I64x2Splat, Splat(Q, "i64 $0", 2)),
        Row(Opcode.I8x16ExtractLaneS, $"{Extract(B, "n")}; %r = sext i8 %n to i32"),
        Row(Opcode.I8x16ExtractLaneU, $"{Extract(B, "n")}; %r = zext i8 %n to i32"),
        Row(Opcode.I16x8ExtractLaneS, $"{Extract(H, "n")}; %r = sext i16 %n to i32"),
        Row(Opcode.I16x8ExtractLaneU, $"{Extract(H, "n")}; %r = zext i16 %n to i32"),
        Row(Opcode.I32x4ExtractLane, Extract(W, "r")),
        Row(Opcode.I64x2ExtractLane, Extract(Q, "r")),
        Row(Opcode.I8x16ReplaceLane, $"%n = trunc i32 $1 to i8; {Map(B, Insert(B, "i8 %n"), B)}"),
        Row(Opcode.I16x8ReplaceLane, $"%n = trunc i32 $1 to i16; {Map(H, Insert(H, "i16 %n"), H)}"),
        Row(Opcode.I32x4ReplaceLane, Map(W, Insert(W, "i32 $1"), W)),
        Row(Opcode.I64x2ReplaceLane, Map(Q, Insert(Q, "i64 $1"), Q)),
        Row(Opcode.F32x4ReplaceLane, Map(S, Insert(S, "float $1"), S)),
        Row(Opcode.F64x2ReplaceLane, Map(D, Insert(D, "double $1"), D)),
        Row(Opcode.V128Not, $"%r = xor {Q} $0, <i64 -1, i64 -1>"),
        Row(Opcode.V128And, $"%r = and {Q} $0, $1"),
        Row(Opcode.V128Andnot, $"%n = xor {Q} $1, <i64 -1, i64 -1>; %r = and {Q} $0, %n"),
        Row(Opcode.V128Or, $"%r = or {Q} $0, $1"),
        Row(Opcode.V128Xor, $"%r = xor {Q} $0, $1"),
        Row(
            Opcode.V128Bitselect,
            $"%a = and {Q} $0, $2; %n = xor {Q} $2, <i64 -1, i64 -1>; %b = and {Q} $1, %n; %r = or {Q} %a, %b"),
        Row(
            Opcode.V128AnyTrue,
            $"%w = bitcast {Q} $0 to i128; %c = icmp ne i128 %w, 0; %r = zext i1 %c to i32"),
        Row(Opcode.I8x16Popcnt, Map(B, $"%z = call {B} @llvm.ctpop.v16i8({B} %x)", B)),
    ];

    private static IEnumerable<IrRow> Shape(string type, string suffix, int count, Opcode[] opcodes)
    {
        int bits = 128 / count;
        string lane = $"i{bits}";
        string[] steps =
        [
            Test(type, "eq"), Test(type, "ne"), Test(type, "slt"), Test(type, "sgt"), Test(type, "sle"),
            Test(type, "sge"),
            Zip(type, $"%z = add {type} %x, %y", type),
            Zip(type, $"%z = sub {type} %x, %y", type),
            Map(type, $"%z = sub {type} zeroinitializer, %x", type),
            Map(type, $"%z = call {type} @llvm.abs.{suffix}({type} %x, i1 false)", type),
            $"%x = bitcast {Q} $0 to {type}; %c = icmp eq {type} %x, zeroinitializer; "
                + $"%m = bitcast <{count} x i1> %c to i{count}; %e = icmp eq i{count} %m, 0; %r = zext i1 %e to i32",
            $"%x = bitcast {Q} $0 to {type}; %c = icmp slt {type} %x, zeroinitializer; "
                + $"%m = bitcast <{count} x i1> %c to i{count}; %r = zext i{count} %m to i32",
            Shift("shl"), Shift("ashr"), Shift("lshr"),
        ];
        return opcodes.Zip(steps, Row);

        string Shift(string operation) =>
            $"%m = and i32 $1, {bits - 1}; {Resized()}; %i = insertelement {type} zeroinitializer, {lane} %n, i32 0; "
            + $"%s = shufflevector {type} %i, {type} zeroinitializer, <{count} x i32> zeroinitializer; "
            + Map(type, $"%z = {operation} {type} %x, %s", type);

        string Resized() => bits switch
        {
            64 => "%n = zext i32 %m to i64",
            32 => "%n = add i32 %m, 0",
            _ => $"%n = trunc i32 %m to {lane}",
        };
    }

    private static IEnumerable<IrRow> Unsigned(string type, Opcode[] opcodes) =>
        opcodes.Zip([Test(type, "ult"), Test(type, "ugt"), Test(type, "ule"), Test(type, "uge")], Row);

    private static IEnumerable<IrRow> MinMax(string type, string suffix, Opcode[] opcodes) =>
        opcodes.Zip(["smin", "umin", "smax", "umax"], (opcode, name) =>
            Row(opcode, Zip(type, $"%z = call {type} @llvm.{name}.{suffix}({type} %x, {type} %y)", type)));

    private static IEnumerable<IrRow> Saturating(string type, string suffix, string wide, Opcode[] opcodes)
    {
        string one = Same(wide[1] == '1' ? 16 : 8, wide.EndsWith("i16>", StringComparison.Ordinal) ? "i16 1" : "i32 1");
        string[] steps =
        [
            Call("sadd"), Call("uadd"), Call("ssub"), Call("usub"),
            Zip(
                type,
                $"%a = zext {type} %x to {wide}; %b = zext {type} %y to {wide}; %c = add {wide} %a, %b; "
                + $"%d = add {wide} %c, {one}; %e = lshr {wide} %d, {one}; %z = trunc {wide} %e to {type}",
                type),
        ];
        return opcodes.Zip(steps, Row);

        string Call(string name) =>
            Zip(type, $"%z = call {type} @llvm.{name}.sat.{suffix}({type} %x, {type} %y)", type);
    }

    private static IEnumerable<IrRow> Products() =>
    [
        Row(Opcode.I16x8Mul, Zip(H, $"%z = mul {H} %x, %y", H)),
        Row(Opcode.I32x4Mul, Zip(W, $"%z = mul {W} %x, %y", W)),
        Row(Opcode.I64x2Mul, Zip(Q, $"%z = mul {Q} %x, %y", Q)),
        Row(Opcode.I16x8Q15mulrSatS, Zip(
            H,
            $"%p = call {H} @llvm.x86.ssse3.pmul.hr.sw.128({H} %x, {H} %y); "
            + $"%c = icmp eq {H} %p, {Same(8, "i16 -32768")}; %m = sext <8 x i1> %c to {H}; %z = xor {H} %p, %m",
            H)),
        Row(Opcode.I32x4DotI16x8S, Zip(H, $"%z = call {W} @llvm.x86.sse2.pmadd.wd({H} %x, {H} %y)", W)),
        Row(Opcode.I8x16NarrowI16x8S, Zip(H, $"%z = call {B} @llvm.x86.sse2.packsswb.128({H} %x, {H} %y)", B)),
        Row(Opcode.I8x16NarrowI16x8U, Zip(H, $"%z = call {B} @llvm.x86.sse2.packuswb.128({H} %x, {H} %y)", B)),
        Row(Opcode.I16x8NarrowI32x4S, Zip(W, $"%z = call {H} @llvm.x86.sse2.packssdw.128({W} %x, {W} %y)", H)),
        Row(Opcode.I16x8NarrowI32x4U, Zip(W, $"%z = call {H} @llvm.x86.sse41.packusdw({W} %x, {W} %y)", H)),
    ];

    private static IEnumerable<IrRow> Widening() =>
    [
        .. Widen(B, "<8 x i8>", H, LowHalf8, HighHalf8,
            Opcode.I16x8ExtendLowI8x16S, Opcode.I16x8ExtendLowI8x16U,
            Opcode.I16x8ExtendHighI8x16S, Opcode.I16x8ExtendHighI8x16U,
            Opcode.I16x8ExtmulLowI8x16S, Opcode.I16x8ExtmulLowI8x16U,
            Opcode.I16x8ExtmulHighI8x16S, Opcode.I16x8ExtmulHighI8x16U),
        .. Widen(H, "<4 x i16>", W, LowHalf4, HighHalf4,
            Opcode.I32x4ExtendLowI16x8S, Opcode.I32x4ExtendLowI16x8U,
            Opcode.I32x4ExtendHighI16x8S, Opcode.I32x4ExtendHighI16x8U,
            Opcode.I32x4ExtmulLowI16x8S, Opcode.I32x4ExtmulLowI16x8U,
            Opcode.I32x4ExtmulHighI16x8S, Opcode.I32x4ExtmulHighI16x8U),
        .. Widen(W, "<2 x i32>", Q, LowHalf2, HighHalf2,
            Opcode.I64x2ExtendLowI32x4S, Opcode.I64x2ExtendLowI32x4U,
            Opcode.I64x2ExtendHighI32x4S, Opcode.I64x2ExtendHighI32x4U,
            Opcode.I64x2ExtmulLowI32x4S, Opcode.I64x2ExtmulLowI32x4U,
            Opcode.I64x2ExtmulHighI32x4S, Opcode.I64x2ExtmulHighI32x4U),
        Row(Opcode.I16x8ExtaddPairwiseI8x16S, Pairs("sext", B, "<8 x i8>", H, Even8, Odd8)),
        Row(Opcode.I16x8ExtaddPairwiseI8x16U, Pairs("zext", B, "<8 x i8>", H, Even8, Odd8)),
        Row(Opcode.I32x4ExtaddPairwiseI16x8S, Pairs("sext", H, "<4 x i16>", W, Even4, Odd4)),
        Row(Opcode.I32x4ExtaddPairwiseI16x8U, Pairs("zext", H, "<4 x i16>", W, Even4, Odd4)),
    ];

    private static IEnumerable<IrRow> Widen(
        string from, string half, string to, string low, string high, params Opcode[] opcodes)
    {
        string[] steps =
        [
            Extend("sext", low), Extend("zext", low), Extend("sext", high), Extend("zext", high),
            Multiply("sext", low), Multiply("zext", low), Multiply("sext", high), Multiply("zext", high),
        ];
        return opcodes.Zip(steps, Row);

        string Extend(string extension, string places) => Map(
            from,
            $"%h = shufflevector {from} %x, {from} poison, {places}; %z = {extension} {half} %h to {to}",
            to);

        string Multiply(string extension, string places) => Zip(
            from,
            $"%h = shufflevector {from} %x, {from} poison, {places}; %a = {extension} {half} %h to {to}; "
            + $"%i = shufflevector {from} %y, {from} poison, {places}; %b = {extension} {half} %i to {to}; "
            + $"%z = mul {to} %a, %b",
            to);
    }

    private static string Pairs(string extension, string from, string half, string to, string even, string odd) => Map(
        from,
        $"%h = shufflevector {from} %x, {from} poison, {even}; %a = {extension} {half} %h to {to}; "
        + $"%i = shufflevector {from} %x, {from} poison, {odd}; %b = {extension} {half} %i to {to}; "
        + $"%z = add {to} %a, %b",
        to);

    private static string Test(string type, string test)
    {
        string count = type[1..type.IndexOf(' ', StringComparison.Ordinal)];
        return Zip(type, $"%c = icmp {test} {type} %x, %y; %z = sext <{count} x i1> %c to {type}", type);
    }

    /// <summary>A vector constant whose lanes are all alike.</summary>
    private static string Same(int count, string lane) => $"<{string.Join(", ", Enumerable.Repeat(lane, count))}>";

    private static string Splat(string type, string value, int count) =>
        $"%i = insertelement {type} poison, {value}, i32 0; "
        + $"%s = shufflevector {type} %i, {type} poison, <{count} x i32> zeroinitializer; "
        + $"%r = bitcast {type} %s to {Q}";

    private static string Extract(string type, string name) =>
        $"%x = bitcast {Q} $0 to {type}; %{name} = extractelement {type} %x, i32 $L";

    private static string Insert(string type, string value) => $"%z = insertelement {type} %x, {value}, i32 $L";
}
