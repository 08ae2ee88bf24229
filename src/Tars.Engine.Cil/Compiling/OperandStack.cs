using Tars.Bundle.Wasm;

namespace Tars.Engine.Cil.Compiling;

/// <summary>The wasm operand stack while compiling, and the IL locals that its values live in.</summary>
/// <remarks>
/// Invariants:
///   I1  Nothing is on the IL evaluation stack between two wasm instructions, so every label and branch is free.
///   I2  All operands below _deferredFrom are settled; at most so many as the limit says are not.
///   I3  A joined local of height h is written only by branches to a block that begins at h or below, and then all
///   that
///       lay at h or above is gone.
/// </remarks>
internal sealed class OperandStack(ExpressionEmitter emitter)
{
    private readonly List<Operand> _operands = [];
    private int _deferredFrom;

    public int Height => _operands.Count;

    public Operand Peek(int back = 0) => _operands[^(back + 1)];

    public void Push(Operand operand)
    {
        if (Limits.ExpressionDepthMax < operand.Depth)
        {
            operand = emitter.Pool(operand);
        }

        _operands.Add(operand);
        if (Limits.DeferredCountMax < _operands.Count - _deferredFrom)
        {
            Settle(_deferredFrom++); // I2
        }
    }

    public void PushI32(int value) => Push(Operand.OfI32(value));

    /// <summary>Takes what lies on the IL stack into a pooled local and pushes that.</summary>
    public void PushFromIl(ValType type) => Push(emitter.StoreInPool(type));

    /// <summary>The same for an i32 that is known not to be larger.</summary>
    public void PushFromIl(ValType type, uint max) => Push(emitter.StoreInPool(type, max: max));

    public Operand Pop()
    {
        var operand = _operands[^1];
        _operands.RemoveAt(_operands.Count - 1);
        _deferredFrom = Math.Min(_deferredFrom, _operands.Count);
        return operand;
    }

    /// <summary>The topmost operands, lowest first.</summary>
    public Operand[] Pop(int count)
    {
        var popped = new Operand[count];
        for (int place = count - 1; 0 <= place; place--)
        {
            popped[place] = Pop();
        }

        return popped;
    }

    /// <summary>The topmost operands, lowest first, which stay.</summary>
    public Operand[] Top(int count) => [.. _operands.TakeLast(count)];

    public void DropTo(int height)
    {
        while (height < Height)
        {
            emitter.Drop(Pop());
        }
    }

    /// <summary>Puts all that could change into locals: code is coming that runs on some paths only.</summary>
    public void SettleAll()
    {
        for (; _deferredFrom < _operands.Count; _deferredFrom++)
        {
            Settle(_deferredFrom);
        }
    }

    /// <summary>Puts what reads a wasm local into locals: it is about to be set.</summary>
    public void SettleReadersOf(int local)
    {
        ulong bit = 1UL << (local & 63);
        for (int place = _deferredFrom; place < _operands.Count; place++)
        {
            if ((_operands[place].Locals & bit) != 0)
            {
                Settle(place);
            }
        }
    }

    private void Settle(int place)
    {
        var operand = _operands[place];
        if (!operand.IsSettled)
        {
            _operands[place] = emitter.Pool(operand);
        }
    }
}
