using System.Collections.Immutable;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Runtime;

namespace Tars.Engine.Cil.Compiling;

/// <summary>Makes a <see cref="CompiledModule"/> of a valid module.</summary>
internal static class ModuleCompiler
{
    /// <param name="hostCalls">For each imported function the host call that it is, or null.</param>
    /// <param name="typeNumbers">Numbers that two types share exactly when they are equal, in all modules that
    /// meet.</param>
    /// <param name="refusal">Why not, when the answer is null.</param>
    public static CompiledModule? Compile(
        ValidatedModule module,
        ImmutableArray<HostCallRow?> hostCalls,
        TypeNumbers typeNumbers,
        ModuleUse use,
        Metering metering,
        out string refusal)
    {
        var facts = FactsOf(module, hostCalls, typeNumbers, use, metering);
        var large = new List<int>();
        for (int index = 0; index < module.FunctionTypes.Length; index++)
        {
            if (CompileOne(facts, index) is { } reason)
            {
                refusal = $"{NameOf(module.Module, index)} cannot be compiled: {reason}";
                return null;
            }

            if (Limits.LazyIlBytesMax < facts.Methods[index].GetILGenerator().ILOffset)
            {
                large.Add(index);
            }
        }

        if (Probe(facts, large) is { } function)
        {
            refusal = $"{NameOf(module.Module, function)} cannot be compiled: it is more than the JIT of .NET takes";
            return null;
        }

        refusal = "";
        return new CompiledModule(facts);
    }

    // What .NET does not compile it refuses at the first call; so the first call is here, and ends at its entry.
    private static int? Probe(ModuleFacts facts, List<int> functions)
    {
        if (functions.Count == 0)
        {
            return null;
        }

        using var state = MemoryMapping.Reserve(facts.Layout.Memory);
        foreach (int function in functions)
        {
            try
            {
                EntryEmitter.ProbeOf(facts, function)(state!.Address);
            }
            catch (TrapException)
            {
                continue;
            }
            catch (InvalidProgramException)
            {
                return function;
            }
        }

        return null;
    }

    private static string? CompileOne(ModuleFacts facts, int index)
    {
        if (index < facts.HostCalls.Length)
        {
            if (facts.HostCalls[index] is { } row)
            {
                EntryEmitter.EmitHostCall(facts, index, row);
            }
            else if (facts.AnswersImports)
            {
                EntryEmitter.EmitAnswered(facts, index);
            }
            else
            {
                EntryEmitter.EmitLink(facts, index);
            }

            return null;
        }

        var il = facts.Methods[index].GetILGenerator();
        return FunctionCompiler.Compile(facts, facts.Module.FunctionAt(new FuncIndex(index)), il);
    }

    private static ModuleFacts FactsOf(
        ValidatedModule module,
        ImmutableArray<HostCallRow?> hostCalls,
        TypeNumbers typeNumbers,
        ModuleUse use,
        Metering metering)
    {
        var values = new SortedSet<int>();
        bool grows = false;
        for (int import = 0; import < hostCalls.Length; import++)
        {
            if (hostCalls[import] is null && use is ModuleUse.Linked)
            {
                values.Add(import);
            }
        }

        values.UnionWith(FunctionValues.OutsideCode(module.Module));
        foreach (var function in module.Functions)
        {
            grows |= Scan(function.Body.Span, values);
        }

        int scratch = module.Module.Types.Select(type => Math.Max(type.Parameters.Length, type.Results.Length))
            .DefaultIfEmpty().Max();
        var layout = new StateLayout(scratch, module.Globals.Length, module.Tables.Length, [.. values]);
        var methods = module.FunctionTypes
            .Select((type, index) => EntryEmitter.MethodFor($"f{index}", type)).ToImmutableArray();
        return new ModuleFacts(module, layout, methods, hostCalls, typeNumbers, use, metering, grows);
    }

    // Notes the functions that code makes values of; true when it grows the memory.
    private static bool Scan(ReadOnlySpan<byte> code, SortedSet<int> values)
    {
        bool grows = false;
        var reader = new InstructionReader(code);
        while (reader.Next())
        {
            grows |= reader.Opcode is Opcode.MemoryGrow;
            if (reader.Opcode is Opcode.RefFunc)
            {
                values.Add(reader.Index);
            }
        }

        return grows;
    }

    private static string NameOf(WasmModule module, int index)
    {
        var export = module.Exports.FirstOrDefault(
            export => export.Kind is ExternKind.Func && export.Index == index);
        return export is null ? $"function {index}" : $"function {index} ('{export.Name}')";
    }
}
