using System.Collections.Immutable;
using Tars.Bundle.Wasm;

namespace Tars.Engine.Vm.Compiling;

/// <summary>Finds the functions of a module that can become values: those that code, segments, globals or exports
/// name.</summary>
internal static class FunctionValues
{
    public static ImmutableArray<int> Of(ValidatedModule module)
    {
        var values = new SortedSet<int>();
        foreach (var function in module.Functions)
        {
            Scan(function.Body.Span, values);
        }

        foreach (var global in module.Module.Globals)
        {
            Scan(global.Initial.Span, values);
        }

        foreach (var segment in module.Module.Elements)
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

        values.UnionWith(module.Module.Exports
            .Where(export => export.Kind is ExternKind.Func).Select(export => export.Index));
        return [.. values];
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
