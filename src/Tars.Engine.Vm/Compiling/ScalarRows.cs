using Tars.Bundle.Wasm;

namespace Tars.Engine.Vm.Compiling;

/// <summary>What LLVM's text for plain scalar instructions is: one row for each.</summary>
/// <remarks>
/// To add an instruction: a row here or in <see cref="VectorRows"/>. What traps, branches or touches memory has its own
/// method in <see cref="FunctionEmitter"/>.
/// </remarks>
internal static class ScalarRows
{
    public static IEnumerable<IrRow> All =>
    [
        .. Integers("i32", _opcodes32),
        .. Integers("i64", _opcodes64),
        .. Floats("float", "f32", _opcodesF32, Looseness.Single),
        .. Floats("double", "f64", _opcodesF64, Looseness.Double),
        .. _conversions,
    ];

    // In the order of Integers below.
    private static readonly Opcode[] _opcodes32 =
    [
        Opcode.I32Eqz, Opcode.I32Eq, Opcode.I32Ne, Opcode.I32LtS, Opcode.I32LtU, Opcode.I32GtS, Opcode.I32GtU,
        Opcode.I32LeS, Opcode.I32LeU, Opcode.I32GeS, Opcode.I32GeU, Opcode.I32Clz, Opcode.I32Ctz, Opcode.I32Popcnt,
        Opcode.I32Add, Opcode.I32Sub, Opcode.I32Mul, Opcode.I32And, Opcode.I32Or, Opcode.I32Xor, Opcode.I32Shl,
        Opcode.I32ShrS, Opcode.I32ShrU, Opcode.I32Rotl, Opcode.I32Rotr,
    ];

    private static readonly Opcode[] _opcodes64 =
    [
        Opcode.I64Eqz, Opcode.I64Eq, Opcode.I64Ne, Opcode.I64LtS, Opcode.I64LtU, Opcode.I64GtS, Opcode.I64GtU,
        Opcode.I64LeS, Opcode.I64LeU, Opcode.I64GeS, Opcode.I64GeU, Opcode.I64Clz, Opcode.I64Ctz, Opcode.I64Popcnt,
        Opcode.I64Add, Opcode.I64Sub, Opcode.I64Mul, Opcode.I64And, Opcode.I64Or, Opcode.I64Xor, Opcode.I64Shl,
        Opcode.I64ShrS, Opcode.I64ShrU, Opcode.I64Rotl, Opcode.I64Rotr,
    ];

    private static readonly Opcode[] _opcodesF32 =
    [
        Opcode.F32Eq, Opcode.F32Ne, Opcode.F32Lt, Opcode.F32Gt, Opcode.F32Le, Opcode.F32Ge, Opcode.F32Abs,
        Opcode.F32Neg, Opcode.F32Copysign, Opcode.F32Ceil, Opcode.F32Floor, Opcode.F32Trunc, Opcode.F32Nearest,
        Opcode.F32Sqrt, Opcode.F32Add, Opcode.F32Sub, Opcode.F32Mul, Opcode.F32Div, Opcode.F32Min, Opcode.F32Max,
    ];

    private static readonly Opcode[] _opcodesF64 =
    [
        Opcode.F64Eq, Opcode.F64Ne, Opcode.F64Lt, Opcode.F64Gt, Opcode.F64Le, Opcode.F64Ge, Opcode.F64Abs,
        Opcode.F64Neg, Opcode.F64Copysign, Opcode.F64Ceil, Opcode.F64Floor, Opcode.F64Trunc, Opcode.F64Nearest,
        Opcode.F64Sqrt, Opcode.F64Add, Opcode.F64Sub, Opcode.F64Mul, Opcode.F64Div, Opcode.F64Min, Opcode.F64Max,
    ];

    private static readonly IrRow[] _conversions =
    [
        Exact(Opcode.RefIsNull, "%c = icmp eq i64 $0, 0; %r = zext i1 %c to i32"),
        Exact(Opcode.I32WrapI64, "%r = trunc i64 $0 to i32"),
        Exact(Opcode.I64ExtendI32S, "%r = sext i32 $0 to i64"),
        Exact(Opcode.I64ExtendI32U, "%r = zext i32 $0 to i64"),
        Exact(Opcode.I32Extend8S, "%n = trunc i32 $0 to i8; %r = sext i8 %n to i32"),
        Exact(Opcode.I32Extend16S, "%n = trunc i32 $0 to i16; %r = sext i16 %n to i32"),
        Exact(Opcode.I64Extend8S, "%n = trunc i64 $0 to i8; %r = sext i8 %n to i64"),
        Exact(Opcode.I64Extend16S, "%n = trunc i64 $0 to i16; %r = sext i16 %n to i64"),
        Exact(Opcode.I64Extend32S, "%n = trunc i64 $0 to i32; %r = sext i32 %n to i64"),
        Exact(Opcode.F32ConvertI32S, "%r = sitofp i32 $0 to float"),
        Exact(Opcode.F32ConvertI32U, "%r = uitofp i32 $0 to float"),
        Exact(Opcode.F32ConvertI64S, "%r = sitofp i64 $0 to float"),
        Exact(Opcode.F32ConvertI64U, "%r = uitofp i64 $0 to float"),
        Exact(Opcode.F64ConvertI32S, "%r = sitofp i32 $0 to double"),
        Exact(Opcode.F64ConvertI32U, "%r = uitofp i32 $0 to double"),
        Exact(Opcode.F64ConvertI64S, "%r = sitofp i64 $0 to double"),
        Exact(Opcode.F64ConvertI64U, "%r = uitofp i64 $0 to double"),
        new(Opcode.F32DemoteF64, "%r = fptrunc double $0 to float", Looseness.Double, Looseness.Single),
        new(Opcode.F64PromoteF32, "%r = fpext float $0 to double", Looseness.Single, Looseness.Double),
        Exact(Opcode.I32ReinterpretF32, "%r = bitcast float $0 to i32"),
        Exact(Opcode.I64ReinterpretF64, "%r = bitcast double $0 to i64"),
        Exact(Opcode.F32ReinterpretI32, "%r = bitcast i32 $0 to float"),
        Exact(Opcode.F64ReinterpretI64, "%r = bitcast i64 $0 to double"),
        Saturating(Opcode.I32TruncSatF32S, "i32", "s", "float", "f32", Looseness.Single),
        Saturating(Opcode.I32TruncSatF32U, "i32", "u", "float", "f32", Looseness.Single),
        Saturating(Opcode.I32TruncSatF64S, "i32", "s", "double", "f64", Looseness.Double),
        Saturating(Opcode.I32TruncSatF64U, "i32", "u", "double", "f64", Looseness.Double),
        Saturating(Opcode.I64TruncSatF32S, "i64", "s", "float", "f32", Looseness.Single),
        Saturating(Opcode.I64TruncSatF32U, "i64", "u", "float", "f32", Looseness.Single),
        Saturating(Opcode.I64TruncSatF64S, "i64", "s", "double", "f64", Looseness.Double),
        Saturating(Opcode.I64TruncSatF64U, "i64", "u", "double", "f64", Looseness.Double),
    ];

    private static IEnumerable<IrRow> Integers(string type, Opcode[] opcodes)
    {
        int bits = type == "i32" ? 31 : 63;
        string count = $"%n = and {type} $1, {bits}; ";
        string[] steps =
        [
            $"%c = icmp eq {type} $0, 0; %r = zext i1 %c to i32",
            Test("eq"), Test("ne"), Test("slt"), Test("ult"), Test("sgt"), Test("ugt"),
            Test("sle"), Test("ule"), Test("sge"), Test("uge"),
            $"%r = call {type} @llvm.ctlz.{type}({type} $0, i1 false)",
            $"%r = call {type} @llvm.cttz.{type}({type} $0, i1 false)",
            $"%r = call {type} @llvm.ctpop.{type}({type} $0)",
            Two("add"), Two("sub"), Two("mul"), Two("and"), Two("or"), Two("xor"),
            $"{count}%r = shl {type} $0, %n",
            $"{count}%r = ashr {type} $0, %n",
            $"{count}%r = lshr {type} $0, %n",
            $"%r = call {type} @llvm.fshl.{type}({type} $0, {type} $0, {type} $1)",
            $"%r = call {type} @llvm.fshr.{type}({type} $0, {type} $0, {type} $1)",
        ];
        return opcodes.Zip(steps, Exact);

        string Test(string test) => $"%c = icmp {test} {type} $0, $1; %r = zext i1 %c to i32";

        string Two(string operation) => $"%r = {operation} {type} $0, $1";
    }

    private static IEnumerable<IrRow> Floats(string type, string suffix, Opcode[] opcodes, Looseness kind)
    {
        (string Steps, bool Takes, bool Gives)[] rows =
        [
            Test("oeq"), Test("une"), Test("olt"), Test("ogt"), Test("ole"), Test("oge"),
            (One("fabs"), false, false),
            ($"%r = fneg {type} $0", false, false),
            ($"%r = call {type} @llvm.copysign.{suffix}({type} $0, {type} $1)", false, false),
            (One("ceil"), true, true),
            (One("floor"), true, true),
            (One("trunc"), true, true),
            (One("roundeven"), true, true),
            (One("sqrt"), true, true),
            Two("fadd"), Two("fsub"), Two("fmul"), Two("fdiv"),
            ($"%r = call {type} @llvm.minimum.{suffix}({type} $0, {type} $1)", true, true),
            ($"%r = call {type} @llvm.maximum.{suffix}({type} $0, {type} $1)", true, true),
        ];
        return opcodes.Zip(rows, (opcode, row) => new IrRow(
            opcode,
            row.Steps,
            row.Takes ? kind : Looseness.Exact,
            row.Gives ? kind : Looseness.Exact));

        (string Steps, bool Takes, bool Gives) Test(string test) =>
            ($"%c = fcmp {test} {type} $0, $1; %r = zext i1 %c to i32", true, false);

        (string Steps, bool Takes, bool Gives) Two(string operation) => ($"%r = {operation} {type} $0, $1", true, true);

        string One(string intrinsic) => $"%r = call {type} @llvm.{intrinsic}.{suffix}({type} $0)";
    }

    private static IrRow Exact(Opcode opcode, string steps) => new(opcode, steps, Looseness.Exact, Looseness.Exact);

    private static IrRow Saturating(
        Opcode opcode, string to, string sign, string from, string suffix, Looseness takes) => new(
            opcode,
            $"%r = call {to} @llvm.fpto{sign}i.sat.{to}.{suffix}({from} $0)",
            takes,
            Looseness.Exact);
}
