using System.Collections.Immutable;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Kvm;

namespace Tars.Engine.Vm.Compiling;

/// <summary>For which place in which machine a module is compiled, and what its imports are there.</summary>
/// <param name="Instance">Its number in the machine, which its symbols begin with.</param>
/// <param name="Window">The window of its memory, or -1 when it has none.</param>
/// <param name="Layout">Where what it does not import lies.</param>
internal sealed record ModulePlan(ValidatedModule Module, int Instance, int Window, StateLayout Layout)
{
    /// <summary>What each imported function is.</summary>
    public ImmutableArray<ImportedCode> Functions { get; init; } = [];

    /// <summary>Where each imported table lies.</summary>
    public ImmutableArray<TablePlace> Tables { get; init; } = [];

    /// <summary>Where each imported global lies.</summary>
    public ImmutableArray<int> Globals { get; init; } = [];

    /// <summary>A number for each type of a function, the same for equal types in all modules of the machine.</summary>
    public required Func<FuncType, int> TypeNumber { get; init; }

    /// <summary>What the processor of the machine has.</summary>
    public ProcessorLevel Level { get; init; }

    /// <summary>Code charges fuel. Without it only a time limit ends a loop.</summary>
    public bool IsMetered { get; init; } = true;

    /// <summary>Functions can take the place of their caller; all modules of a machine must agree on it.</summary>
    public bool HasTailCalls { get; init; }

    /// <summary>Other modules of the machine may name its functions.</summary>
    public bool IsShared { get; init; }

    /// <summary>A module alone in its machine whose imports are the host calls of ABI v1.</summary>
    /// <returns>Null when an import is none.</returns>
    public static ModulePlan? OfProcess(ValidatedModule module, int start, int tableElementsMax)
    {
        var calls = ImmutableArray.CreateBuilder<ImportedCode>();
        foreach (var import in module.Module.Imports)
        {
            if (GuestShape.HostCallOf(module.Module, import) is not { } row)
            {
                return null;
            }

            calls.Add(new ImportedCode.Deferred(row));
        }

        return Alone(module, start, tableElementsMax) with { Functions = calls.DrainToImmutable() };
    }

    /// <summary>A module alone in its machine whose imported functions the host answers at once.</summary>
    /// <param name="numbers">By which the host knows them.</param>
    public static ModulePlan OfCommand(
        ValidatedModule module, ImmutableArray<int> numbers, int start, int tableElementsMax) =>
        Alone(module, start, tableElementsMax) with
        {
            Functions = [.. numbers.Select(number => new ImportedCode.Answered(number))],
        };

    /// <summary>True when some function ends with a call in its place.</summary>
    public static bool TailCallsIn(ValidatedModule module)
    {
        foreach (var function in module.Functions)
        {
            var reader = new InstructionReader(function.Body.Span);
            while (reader.Next())
            {
                if (reader.Opcode is Opcode.ReturnCall or Opcode.ReturnCallIndirect)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static ModulePlan Alone(ValidatedModule module, int start, int tableElementsMax)
    {
        var numbers = new Dictionary<FuncType, int>();
        var layout = new StateLayout(module, start, tableElementsMax, isShared: false);
        return new ModulePlan(module, Instance: 0, module.Memories.IsEmpty ? -1 : 0, layout)
        {
            TypeNumber = type => numbers.TryGetValue(type, out int number) ? number : numbers[type] = numbers.Count,
            HasTailCalls = TailCallsIn(module),
        };
    }
}

/// <summary>What an imported function is. The family is closed.</summary>
internal abstract record ImportedCode
{
    private ImportedCode()
    {
    }

    /// <summary>A call of ABI v1, which becomes a record in the guest's ring.</summary>
    public sealed record Deferred(HostCallRow Row) : ImportedCode;

    /// <summary>Something that the host answers at once, under this number.</summary>
    public sealed record Answered(int Number) : ImportedCode;

    /// <summary>A function of another instance in the machine.</summary>
    public sealed record Linked(int Instance, int Function) : ImportedCode;
}
