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
        out string refusal) => Compile(module, hostCalls, typeNumbers, use, metering, [], out refusal);

    /// <param name="open">Functions of its own that others may replace.</param>
    public static CompiledModule? Compile(
        ValidatedModule module,
        ImmutableArray<HostCallRow?> hostCalls,
        TypeNumbers typeNumbers,
        ModuleUse use,
        Metering metering,
        ImmutableArray<int> open,
        out string refusal)
    {
        var facts = FactsOf(module, hostCalls, typeNumbers, use, metering, open);
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

    /// <summary>The same module, for each list once, with these in the place of its open functions.</summary>
    /// <returns>Nothing, with why, when one cannot stand there.</returns>
    public static ImmutableArray<ModuleFacts> Replace(
        ModuleFacts facts, ImmutableArray<ImmutableArray<ValidatedFunction>> bodies, out string refusal)
    {
        var made = ImmutableArray.CreateBuilder<ModuleFacts>(bodies.Length);
        foreach (var list in bodies)
        {
            var methods = facts.Methods.ToBuilder();
            foreach (var (place, function) in facts.Open.Index())
            {
                var method = EntryEmitter.MethodFor($"f{function}.", facts.Module.FunctionTypes[function]);
                refusal = WhyNotThere(facts, function, list[place])
                    ?? FunctionCompiler.Compile(facts, list[place], method.GetILGenerator())
                    ?? (Limits.LazyIlBytesMax < method.GetILGenerator().ILOffset ? "it is too large" : "");
                if (refusal.Length != 0)
                {
                    return [];
                }

                methods[function] = method;
            }

            made.Add(facts.With(methods.ToImmutable()));
        }

        refusal = "";
        return made.DrainToImmutable();
    }

    // It may come of any module, so it must not say anything that its own module alone understands.
    private static string? WhyNotThere(ModuleFacts facts, int function, ValidatedFunction body)
    {
        if (!facts.Module.FunctionTypes[function].Equals(body.Type))
        {
            return "it is of another type";
        }

        var reader = new InstructionReader(body.Body.Span);
        while (reader.Next())
        {
            if (NamesItsModule(in reader))
            {
                return $"it has the instruction {reader.Info.Name}, which says something of its own module";
            }
        }

        return null;
    }

    // Labels, locals, numbers and what lies at an address mean the same in every module.
    private static bool NamesItsModule(in InstructionReader at) => at.Info.Immediate switch
    {
        Immediate.None or Immediate.Label or Immediate.LabelTable or Immediate.Local or Immediate.Memory
            or Immediate.MemoryLane or Immediate.I32 or Immediate.I64 or Immediate.F32 or Immediate.F64
            or Immediate.V128 or Immediate.Lane or Immediate.Lanes or Immediate.SelectTypes
            or Immediate.MemoryPair => false,
        Immediate.MemoryIndex => at.Opcode is Opcode.MemoryGrow,
        Immediate.Block => at.BlockType.Index is not null,
        _ => true,
    };

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
                EntryEmitter.ProbeOf(facts, function)(state!.Value.Address);
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
        Metering metering,
        ImmutableArray<int> open)
    {
        var values = new SortedSet<int>(open); // Callers find them where function values are found.
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
        return new ModuleFacts(module, layout, methods, hostCalls, typeNumbers, use, metering, grows) { Open = open };
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
