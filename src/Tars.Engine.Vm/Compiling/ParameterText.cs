using System.Globalization;
using Tars.Bundle.Wasm;

namespace Tars.Engine.Vm.Compiling;

/// <summary>How fuel, depth and the parameters of a function of WebAssembly are written in LLVM's text, where it is
/// declared, defined and called.</summary>
/// <remarks>
/// One parameter each, but for vectors that might be put on the stack of a function that is `tailcc`: they are two
/// numbers each. Such a function takes its arguments off the stack itself, and where a vector is among them LLVM 19
/// rounds their size up where it calls, and does not where it returns.
/// Invariant: whether vectors are numbers follows from the type alone, so an indirect call does as its callee does.
/// </remarks>
internal static class ParameterText
{
    /// <summary>What a function was given.</summary>
    public const string Fuel = "%fuel.in";

    /// <inheritdoc cref="Fuel"/>
    public const string Depth = "%depth.in";

    // Floats and vectors beyond these are put on the stack, by the System V ABI.
    private const int VectorRegisters = 8;

    /// <summary>The types, for a declaration.</summary>
    public static string Types(ModuleFacts facts, FuncType type)
    {
        bool isApart = TakesVectorsApart(facts, type);
        return All(facts, "i64", "i32", type.Parameters.Select(
            parameter => isApart && parameter is ValType.V128 ? "i64, i64" : IrTypes.Of(parameter)));
    }

    /// <summary>The types with names, for a definition.</summary>
    public static string Named(ModuleFacts facts, FuncType type)
    {
        bool isApart = TakesVectorsApart(facts, type);
        return All(facts, $"i64 {Fuel}", $"i32 {Depth}", type.Parameters.Select(
            (parameter, place) => isApart && parameter is ValType.V128
                ? $"i64 {Name(place)}.low, i64 {Name(place)}.high"
                : $"{IrTypes.Of(parameter)} {Name(place)}"));
    }

    /// <summary>Values with their types, for a call.</summary>
    /// <param name="values">One for each parameter, of its type.</param>
    public static string Given(
        ModuleFacts facts, FuncType type, string fuel, string depth, IReadOnlyList<string> values, IrText ir)
    {
        bool isApart = TakesVectorsApart(facts, type);
        return All(facts, $"i64 {fuel}", $"i32 {depth}", type.Parameters.Select(
            (parameter, place) => isApart && parameter is ValType.V128
                ? $"i64 {Half(place, 0)}, i64 {Half(place, 1)}"
                : $"{IrTypes.Of(parameter)} {values[place]}"));

        string Half(int place, int half) => ir.Value(
            string.Create(CultureInfo.InvariantCulture, $"extractelement <2 x i64> {values[place]}, i32 {half}"));
    }

    /// <summary>The parameters as values of their types, in the function's own code.</summary>
    public static string[] Taken(ModuleFacts facts, FuncType type, IrText ir)
    {
        bool isApart = TakesVectorsApart(facts, type);
        return [.. type.Parameters.Select(
            (parameter, place) => isApart && parameter is ValType.V128 ? Whole(Name(place)) : Name(place))];

        string Whole(string name)
        {
            string half = ir.Value($"insertelement <2 x i64> poison, i64 {name}.low, i32 0");
            return ir.Value($"insertelement <2 x i64> {half}, i64 {name}.high, i32 1");
        }
    }

    private static bool TakesVectorsApart(ModuleFacts facts, FuncType type) =>
        facts.Plan.HasTailCalls && VectorRegisters < type.Parameters.Count(IrTypes.CanBeLoose);

    private static string All(ModuleFacts facts, string fuel, string depth, IEnumerable<string> own) =>
        string.Join(", ", (facts.IsMetered ? [fuel, depth] : (string[])[depth]).Concat(own));

    private static string Name(int place) => string.Create(CultureInfo.InvariantCulture, $"%p{place}");
}
