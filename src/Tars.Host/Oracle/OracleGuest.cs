using System.Collections.Immutable;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;
using Tars.Kernel.Ports;

namespace Tars.Host.Oracle;

/// <summary>A guest that the oracle runs.</summary>
internal sealed class OracleGuest : IGuest
{
    // As engines have it, so that a state of one is a state of the other.
    private const int PageSize = 4096;

    private readonly OracleInstance _instance;
    private readonly OracleHostCalls _calls;
    private readonly OracleLimits _limits;
    private readonly OracleFunction _run;
    private readonly OracleFunction _reserve;

    public OracleGuest(
        ValidatedModule module, OracleInstance instance, OracleHostCalls calls, OracleLimits limits)
    {
        _instance = instance;
        _calls = calls;
        _limits = limits;
        _run = FunctionOf(module, GuestExports.Run);
        _reserve = FunctionOf(module, GuestExports.Reserve);
        ControlAddress = ((OracleExtern.OfGlobal)instance.Export(ControlBlock.AddressExport)!).Variable.Value.I32;
        calls.Instance = instance;
        calls.ControlAddress = ControlAddress;
    }

    public Span<byte> Memory => _instance.Memory!.Bytes;

    public int ControlAddress { get; }

    public StartAnswer Start(GuestCall call)
    {
        var function = call.Entry switch
        {
            GuestEntry.Run => _run,
            GuestEntry.Reserve => _reserve,
        };
        _calls.Fault = null;
        _limits.Abort!.Begin(); // There is always one.
        var result = OracleInstance.Call(function, [Value.Of(call.Argument)], _limits with { Fuel = call.Fuel });
        return StartAnswer.Done(result switch
        {
            OracleResult.Returned returned => new GuestResult(returned.FuelUsed, Fault: null),
            OracleResult.Trapped trapped => new GuestResult(trapped.FuelUsed, FaultOf(trapped)),
            _ => throw new System.Diagnostics.UnreachableException(),
        });
    }

    public void Abort() => _limits.Abort!.Ask();

    public void Forget(int address, int size) => Memory.Slice(address, size).Clear();

    public GuestState Save()
    {
        var state = _instance.Save();
        var pages = ImmutableArray.CreateBuilder<GuestPage>();
        for (int at = 0; at < state.Memory.Length; at += PageSize)
        {
            if (state.Memory.Span.Slice(at, PageSize).ContainsAnyExcept((byte)0))
            {
                pages.Add(new GuestPage(at, state.Memory.Slice(at, PageSize)));
            }
        }

        return new GuestState(
            state.Memory.Length,
            pages.DrainToImmutable(),
            state.Globals,
            state.Tables,
            state.DroppedData,
            state.DroppedElements);
    }

    public void Restore(GuestState state)
    {
        byte[] memory = new byte[state.MemorySize];
        foreach (var page in state.Pages)
        {
            page.Bytes.Span.CopyTo(memory.AsSpan((int)page.Address));
        }

        _instance.Restore(new OracleState(
            memory, state.Globals, state.Tables, state.DroppedData, state.DroppedElements));
    }

    public void Dispose()
    {
        // All of it is the garbage collector's.
    }

    private GuestFault FaultOf(OracleResult.Trapped trapped) => new(
        _calls.Fault ?? OracleCommand.KindOf(trapped.Trap), trapped.Function?.Value ?? -1, trapped.Offset);

    private OracleFunction FunctionOf(ValidatedModule module, string export) =>
        _instance.Function(new FuncIndex(GuestShape.Find(module, export, ExternKind.Func)!.Value));
}
