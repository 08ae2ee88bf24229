using System.Collections.Immutable;
using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;
using Tars.Kernel.Ports;

namespace Tars.Host.Oracle;

/// <summary>Takes the calls of imported functions out of the oracle to a command's host.</summary>
/// <param name="numbers">For each imported function the number by which the host knows it.</param>
internal sealed class OracleCommandHost(
    ValidatedModule module, IHostFunctions functions, ImmutableArray<int> numbers) : IGuestMemory
{
    private int _next;

    /// <summary>Whose memory the calls are about; there is none before it is made.</summary>
    public OracleInstance? Instance { get; set; }

    /// <summary>The host ended the call.</summary>
    public bool HasStopped { get; private set; }

    public long Size => Instance?.Memory?.Bytes.Length ?? 0;

    public bool TryRange(uint address, uint count, out Span<byte> bytes)
    {
        bool isInside = count <= int.MaxValue && address + (long)count <= Size;
        bytes = isInside && count != 0 ? Instance!.Memory!.Bytes.Slice((int)address, (int)count) : default;
        return isInside;
    }

    /// <summary>The function for the next import; all of them are functions that the host gives.</summary>
    public OracleExtern Next(Import import)
    {
        int place = _next++;
        var type = module.FunctionTypes[place];
        return new OracleExtern.OfFunc(
            new OracleFunction.Host(type, (arguments, results) => Call(numbers[place], arguments, results)));
    }

    private WasmTrap? Call(int number, ReadOnlySpan<Value> arguments, Span<Value> results)
    {
        Span<ulong> given = stackalloc ulong[arguments.Length];
        Span<ulong> taken = stackalloc ulong[results.Length];
        for (int place = 0; place < given.Length; place++)
        {
            given[place] = arguments[place].Low;
        }

        if (!functions.Call(number, given, taken, this))
        {
            HasStopped = true;
            return WasmTrap.Unreachable;
        }

        for (int place = 0; place < taken.Length; place++)
        {
            results[place] = Value.Of(taken[place]);
        }

        return null;
    }
}
