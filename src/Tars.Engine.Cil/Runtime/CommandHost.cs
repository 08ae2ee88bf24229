using System.Collections.Immutable;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil.Runtime;

/// <summary>Takes the calls of imported functions out of a command's code to its host.</summary>
/// <param name="numbers">For each imported function the number by which the host knows it.</param>
internal sealed class CommandHost(Instance instance, IHostFunctions functions, ImmutableArray<int> numbers)
    : IGuestMemory
{
    private readonly bool _hasMemory = !instance.Code.Module.Memories.IsEmpty;

    /// <summary>The host ended the call.</summary>
    public bool HasStopped { get; private set; }

    public long Size => _hasMemory ? instance.State.MemorySize : 0;

    public bool TryRange(uint address, uint count, out Span<byte> bytes)
    {
        bool isInside = count <= int.MaxValue && address + (long)count <= Size;
        bytes = isInside ? instance.State.Range(instance.Code.Layout.Memory, address, (int)count) : default;
        return isInside;
    }

    /// <summary>Called by generated code: arguments lie in the scratch of the state block, results go there.</summary>
    public static void Answer(nint state, int function)
    {
        var block = new MemoryState(state);
        var instance = block.Instance;
        instance.Host!.Answer(block, instance.Code.Validated.FunctionTypes[function], function);
    }

    private void Answer(MemoryState block, FuncType type, int function)
    {
        // A type has at most WasmLimits.ParameterCountMax of them.
        Span<ulong> arguments = stackalloc ulong[type.Parameters.Length];
        Span<ulong> results = stackalloc ulong[type.Results.Length];
        for (int place = 0; place < arguments.Length; place++)
        {
            arguments[place] = Bits(block, place, type.Parameters[place]);
        }

        if (!functions.Call(numbers[function], arguments, results, this))
        {
            HasStopped = true;
            throw new TrapException(new GuestFault(FaultKind.Unreachable, function));
        }

        for (int place = 0; place < results.Length; place++)
        {
            block.SetValue(StateLayout.ScratchOf(place), results[place]);
        }
    }

    /// <summary>What lies in a scratch place: an i32 or f32 fills only its first four bytes.</summary>
    public static ulong Bits(MemoryState block, int place, ValType type) => type is ValType.I32 or ValType.F32
        ? (uint)block.Int(StateLayout.ScratchOf(place))
        : (ulong)block.Word(StateLayout.ScratchOf(place));
}
