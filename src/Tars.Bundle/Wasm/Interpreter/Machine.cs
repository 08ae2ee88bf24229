using System.Runtime.InteropServices;

namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>Runs one call from outside: a stack of values, the active calls, fuel and depth.</summary>
/// <remarks>
/// Invariants:
///   I1  Arguments of a call become the first locals of the callee where they lie; its results end up there.
///   I2  The depth is the sum of the slots of all active calls and never above the limit.
///   I3  Fuel is charged before anything that it pays for happens, and may be below zero only when the call has ended.
/// </remarks>
internal sealed partial class Machine
{
    private readonly OracleLimits _limits;
    private readonly Stack<Activation> _callers = new();
    private readonly List<Value> _stack = [];
    private Activation _now;
    private bool _isDone;
    private long _fuel;
    private int _depth;

    public Machine(OracleLimits limits)
    {
        _limits = limits;
        _fuel = limits.Fuel;
    }

    private OracleInstance Instance => _now.Function.Instance;

    private long FuelUsed => _limits.Fuel - _fuel;

    public OracleResult Run(OracleFunction function, ReadOnlySpan<Value> arguments)
    {
        _stack.AddRange(arguments);
        if (Enter(function) is { } refused)
        {
            return new OracleResult.Trapped(refused, (function as OracleFunction.Own)?.Function.Index, 0, FuelUsed);
        }

        _isDone = function is OracleFunction.Host;
        while (!_isDone)
        {
            var at = _now.Code.Instructions[_now.Next];
            var by = _now.Function.Function.Index;
            _now = _now with { Next = _now.Next + 1 };
            if ((Charge(at.Fuel) ?? Execute(in at)) is { } trap)
            {
                return new OracleResult.Trapped(trap, by, at.Offset, FuelUsed);
            }
        }

        return new OracleResult.Returned([.. _stack], FuelUsed);
    }

    private WasmTrap? Execute(in PreparedInstruction at)
    {
        switch (at.Opcode)
        {
            case Opcode.Unreachable:
                return WasmTrap.Unreachable;
            case Opcode.Nop or Opcode.Block or Opcode.Loop:
                return null;
            case Opcode.If:
                return Pop().U32 == 0 ? Go(in at) : null;
            case Opcode.Else:
                return Go(in at);
            case Opcode.End:
                return _now.Next == _now.Code.Instructions.Length ? Leave() : null;
            case Opcode.Br or Opcode.Return:
                return Branch(in at, choice: 0);
            case Opcode.BrIf:
                return Pop().U32 == 0 ? null : Branch(in at, choice: 0);
            case Opcode.BrTable:
                return Branch(in at, choice: Pop().U32);
            case Opcode.Call:
                return Enter(Instance.Functions[at.Index]);
            case Opcode.CallIndirect:
                return Chosen(in at, out var callee) ?? Enter(callee!);
            case Opcode.ReturnCall:
                return Replace(Instance.Functions[at.Index]);
            case Opcode.ReturnCallIndirect:
                return Chosen(in at, out var next) ?? Replace(next!);
            case Opcode.Drop:
                Pop();
                return null;
            case Opcode.Select or Opcode.SelectTyped:
                var condition = Pop();
                var second = Pop();
                var first = Pop();
                Push(condition.U32 == 0 ? second : first);
                return null;
            default:
                return ExecuteData(in at);
        }
    }

    /// <summary>Begins a call; its arguments are on the stack.</summary>
    private WasmTrap? Enter(OracleFunction function)
    {
        if (function is OracleFunction.Host host)
        {
            return CallHost(host);
        }

        var own = (OracleFunction.Own)function;
        int slots = own.Function.DepthSlots;
        if (_limits.DepthSlots - _depth < slots)
        {
            return WasmTrap.StackExhausted; // I2
        }

        _depth += slots;
        int locals = _stack.Count - own.Type.Parameters.Length; // I1
        if (_now.Function is not null)
        {
            _callers.Push(_now);
        }

        _now = new Activation(own, own.Code, locals, Next: 0);
        CollectionsMarshal.SetCount(_stack, _now.Operands);
        CollectionsMarshal.AsSpan(_stack)[(locals + own.Type.Parameters.Length)..].Clear();
        return null;
    }

    private WasmTrap? CallHost(OracleFunction.Host host)
    {
        int first = _stack.Count - host.Type.Parameters.Length;
        var results = new Value[host.Type.Results.Length];
        var trap = host.Call(CollectionsMarshal.AsSpan(_stack)[first..], results);
        _stack.RemoveRange(first, _stack.Count - first);
        _stack.AddRange(results);
        return trap;
    }

    /// <summary>Ends a call; its results are on top of the stack.</summary>
    private WasmTrap? Leave()
    {
        Cut(_now.Locals, keep: _now.Function.Type.Results.Length); // I1
        _depth -= _now.Function.Function.DepthSlots;
        _isDone = !_callers.TryPop(out _now);
        return null;
    }

    /// <summary>Ends a call with another in its place.</summary>
    private WasmTrap? Replace(OracleFunction function)
    {
        if (function is OracleFunction.Host host)
        {
            return CallHost(host) ?? Leave();
        }

        int without = _depth - _now.Function.Function.DepthSlots;
        if (_limits.DepthSlots - without < ((OracleFunction.Own)function).Function.DepthSlots)
        {
            return WasmTrap.StackExhausted; // I2
        }

        Cut(_now.Locals, keep: function.Type.Parameters.Length);
        _depth = without;
        _ = _callers.TryPop(out _now);
        return Enter(function);
    }

    /// <summary>The function that an indirect call chooses.</summary>
    private WasmTrap? Chosen(in PreparedInstruction at, out OracleFunction? function)
    {
        function = null;
        var table = Instance.Tables[at.SecondIndex];
        uint place = Pop().U32;
        if (table.Size <= place)
        {
            return WasmTrap.TableOutOfBounds;
        }

        function = (OracleFunction?)table.Elements[(int)place];
        return function is null ? WasmTrap.UninitializedElement
            : function.Type.Equals(Instance.Module.Module.Types[at.Index]) ? null
            : WasmTrap.IndirectCallTypeMismatch;
    }

    private WasmTrap? Go(in PreparedInstruction at)
    {
        _now = _now with { Next = _now.Code.Branches[at.Branch].Target };
        return null;
    }

    // A choice beyond the labels of br_table takes the last.
    private WasmTrap? Branch(in PreparedInstruction at, uint choice)
    {
        var branch = _now.Code.Branches[at.Branch + (int)Math.Min(choice, (uint)at.BranchCount - 1)];
        Cut(_now.Operands + branch.Height, branch.Keep);
        _now = _now with { Next = branch.Target };
        return null;
    }

    /// <summary>Takes away what lies between this height and the topmost values, which stay.</summary>
    private void Cut(int height, int keep) => _stack.RemoveRange(height, _stack.Count - keep - height);

    private WasmTrap? Charge(long fuel)
    {
        _fuel -= fuel; // I3
        return _fuel < 0 ? WasmTrap.OutOfFuel
            : fuel != 0 && _limits.Abort is { IsAsked: true } ? WasmTrap.Deadline
            : null;
    }

    private void Push(Value value) => _stack.Add(value);

    private Value Pop()
    {
        var value = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }
}
