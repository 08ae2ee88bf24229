using Tars.Bundle.Wasm;

namespace Tars.Sim.Spec;

/// <summary>The module <c>spectest</c> that the suite's modules import from.</summary>
internal static class SpecTest
{
    public static Func<string, object?> Exports(ISpecEngine engine)
    {
        var valid = (ValidationResult.Valid)ModuleValidator.Validate(Module());
        return engine.Instantiate(valid.Module, _ => null).Exports!;
    }

    private static WasmModule Module()
    {
        var builder = new ModuleBuilder();
        Print("print");
        Print("print_i32", ValType.I32);
        Print("print_i64", ValType.I64);
        Print("print_f32", ValType.F32);
        Print("print_f64", ValType.F64);
        Print("print_i32_f32", ValType.I32, ValType.F32);
        Print("print_f64_f64", ValType.F64, ValType.F64);
        Constant("global_i32", ValType.I32, new CodeWriter().I32Const(666));
        Constant("global_i64", ValType.I64, new CodeWriter().I64Const(666));
        Constant("global_f32", ValType.F32, new CodeWriter().F32Const(666.6f));
        Constant("global_f64", ValType.F64, new CodeWriter().F64Const(666.6));
        builder.Export("table", builder.Table(new TableType(ValType.FuncRef, new WasmRange(10, 20))));
        builder.Export("memory", builder.Memory(new WasmRange(1, 2)));
        return builder.Build();

        void Print(string name, params ReadOnlySpan<ValType> parameters) =>
            builder.Export(name, builder.Func(builder.Type(parameters, []), [], new CodeWriter().End()));

        void Constant(string name, ValType type, CodeWriter value) =>
            builder.Export(name, builder.Global(new GlobalType(type, Mutable: false), value.End()));
    }
}
