using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;

namespace Tars.Sim.Spec;

/// <summary>The module <c>spectest</c> that the suite's modules import from.</summary>
internal static class SpecTest
{
    public static Func<string, OracleExtern?> Exports()
    {
        var externs = new Dictionary<string, OracleExtern>
        {
            ["global_i32"] = Constant(ValType.I32, Value.Of(666)),
            ["global_i64"] = Constant(ValType.I64, Value.Of(666L)),
            ["global_f32"] = Constant(ValType.F32, Value.Of(666.6f)),
            ["global_f64"] = Constant(ValType.F64, Value.Of(666.6)),
            ["table"] = new OracleExtern.OfTable(
                new OracleTable(new TableType(ValType.FuncRef, new WasmRange(10, 20)), elementsMax: 20)),
            ["memory"] = new OracleExtern.OfMemory(new OracleMemory(new MemoryType(new WasmRange(1, 2)), pagesMax: 2)),
            ["print"] = Print(),
            ["print_i32"] = Print(ValType.I32),
            ["print_i64"] = Print(ValType.I64),
            ["print_f32"] = Print(ValType.F32),
            ["print_f64"] = Print(ValType.F64),
            ["print_i32_f32"] = Print(ValType.I32, ValType.F32),
            ["print_f64_f64"] = Print(ValType.F64, ValType.F64),
        };
        return name => externs.GetValueOrDefault(name);
    }

    private static OracleExtern.OfGlobal Constant(ValType type, Value value) =>
        new(new OracleGlobal(new GlobalType(type, Mutable: false), value));

    private static OracleExtern.OfFunc Print(params ValType[] parameters) =>
        new(new OracleFunction.Host(new FuncType([.. parameters], []), (_, _) => null));
}
