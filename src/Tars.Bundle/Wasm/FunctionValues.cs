using System.Collections.Immutable;

namespace Tars.Bundle.Wasm;

/// <summary>Finds the functions of a module that can become values: those that code, segments, globals or exports
/// name.</summary>
public static class FunctionValues
{
    /// <returns>Their indices, ascending.</returns>
    public static ImmutableArray<int> Of(ValidatedModule module)
    {
        var values = OutsideCode(module.Module);
        foreach (var function in module.Functions)
        {
            Scan(function.Body.Span, values);
        }

        return [.. values];
    }

    /// <summary>Those that segments, globals or exports name, for who reads the code anyway.</summary>
    public static SortedSet<int> OutsideCode(WasmModule module)
    {
        var values = new SortedSet<int>();
        foreach (var global in module.Globals)
        {
            Scan(global.Initial.Span, values);
        }

        foreach (var segment in module.Elements)
        {
            switch (segment.Items)
            {
                case ElementItems.Functions functions:
                    values.UnionWith(functions.Indices.Select(index => index.Value));
                    break;
                case ElementItems.Expressions expressions:
                    foreach (var code in expressions.Codes)
                    {
                        Scan(code.Span, values);
                    }

                    break;
            }
        }

        values.UnionWith(module.Exports
            .Where(export => export.Kind is ExternKind.Func).Select(export => export.Index));
        return values;
    }

    private static void Scan(ReadOnlySpan<byte> code, SortedSet<int> values)
    {
        var reader = new InstructionReader(code);
        while (reader.Next())
        {
            if (reader.Opcode is Opcode.RefFunc)
            {
                values.Add(reader.Index);
            }
        }
    }
}
