using System.Diagnostics;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Binding;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Lowering;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Emitting;

/// <summary>Writes the body of one function, procedure, handler or initial value: scopes, frame, return.</summary>
/// <remarks>
/// Invariants:
///   I1  Every block of the heap has one owner: a place in memory, or an entry of a scope. Leaving a scope frees its
///       entries on every way out.
///   I2  What an expression leaves on the stack is owned by the stack exactly when <see cref="OriginOf"/> says Fresh.
///   I3  A value that points into a place is used up before anything can write that place (WriteAnalysis).
///   I4  Arguments are borrowed from the caller; results are owned by the caller.
/// </remarks>
internal sealed partial class CodeEmitter
{
    private readonly Emitter _unit;
    private readonly Body _body;
    private readonly string? _module;
    private readonly AgentSymbol? _agent;
    private readonly Dictionary<LocalSymbol, Home> _homes = [];
    private readonly Stack<LoopContext> _loops = [];
    private readonly Variable _frame;
    private readonly Variable? _result;
    private ReturnTarget _return;
    private Scope _scope;
    private int _frameTop;
    private int _site;
    private int _frameMax;

    /// <param name="module">
    /// The module whose source the code stands in; null for the standard library, where a trap is told at the
    /// statement that called it.
    /// </param>
    /// <param name="agent">The agent whose state and procedures the code sees, or null.</param>
    /// <param name="plan">Where the code waits; null when it never does.</param>
    public CodeEmitter(
        Emitter unit, Body body, string? module, AgentSymbol? agent, Layout returns, WaitPlan? plan = null)
    {
        _unit = unit;
        _body = body;
        _module = module;
        _agent = agent;
        _plan = plan;
        _frame = body.I32();
        _result = returns.Scalar is { } type ? body.Local(type) : null;
        Home? place = _result is not null ? new Home.Register(_result)
            : returns.InMemory ? new Home.Memory(body.Parameters[^1], 0) : null;
        _return = new ReturnTarget(default, Outside: null, returns, place);
        _scope = new Scope(null, 0);
    }

    private Values Values => _unit.Values;

    private Texts Texts => _unit.Values.Texts;

    private Lists Lists => _unit.Values.Lists;

    /// <summary>Writes a whole body; the parameters come first among those of the function.</summary>
    public void WriteFunction(IEnumerable<LocalSymbol> parameters, BoundBlock code)
    {
        int place = 0;
        foreach (var parameter in parameters)
        {
            var layout = LayoutOf(parameter.Type);
            if (layout.Shape != Shape.Unit)
            {
                var variable = _body.Parameters[place++];
                _homes.Add(parameter, layout.InMemory ? new Home.Memory(variable, 0) : new Home.Register(variable));
            }
        }

        Whole(() => EmitBlock(code));
    }

    /// <summary>Puts prologue and epilogue around code that may leave by return.</summary>
    public void Whole(Action inside)
    {
        _ = _unit.Module.TrapOf(GuestTrap.StackExhausted);
        _body.Later(WritePrologue);
        _body.Block(exit =>
        {
            _return = _return with { Exit = exit };
            inside();
            CloseScope();
        });
        _body.Later(code =>
        {
            if (0 < _frameMax)
            {
                code.I32Const(MemoryMap.StackTop).LocalGet(_frame.Index).Store(Opcode.I32Store);
            }
        });
        if (_result is not null)
        {
            _body.Get(_result);
        }
    }

    /// <summary>Evaluates into memory or as the result, for code that is one expression.</summary>
    public void ReturnValue(BoundExpr value)
    {
        if (_return.Place is { } place)
        {
            Evaluate(value, _return.Layout, place);
        }
        else
        {
            Discard(value);
        }
    }

    private Layout LayoutOf(LangType type) => _unit.Layouts.Of(type);

    private void WritePrologue(CodeWriter code)
    {
        if (_frameMax == 0)
        {
            return;
        }

        int size = (_frameMax + 7) & ~7;
        code.I32Const(MemoryMap.StackTop).Load(Opcode.I32Load).LocalTee(_frame.Index);
        code.I32Const(MemoryMap.Stack + MemoryMap.StackSize - size).Op(Opcode.I32GtU).If(BlockType.Empty);
        code.Call(_unit.Module.TrapOf(GuestTrap.StackExhausted).Index).Op(Opcode.Unreachable).End();
        code.I32Const(MemoryMap.StackTop).LocalGet(_frame.Index).I32Const(size).Op(Opcode.I32Add);
        code.Store(Opcode.I32Store);
        if (_plan is not null)
        {
            code.LocalGet(_frame.Index).I32Const(0).I32Const(size).MemoryFill(); // I5
        }
    }

    /// <summary>Memory of the frame, until the innermost scope closes.</summary>
    private Home.Memory Slot(int size)
    {
        int at = (_frameTop + 7) & ~7;
        _frameTop = at + size;
        _frameMax = Math.Max(_frameMax, _frameTop);
        return new Home.Memory(_frame, at);
    }

    private Home.Memory Slot(Layout layout) => Slot(layout.Size);

    /// <summary>A register, until the innermost scope closes.</summary>
    private Variable Register(ValType type)
    {
        var variable = _body.Borrow(type);
        _scope.Registers.Add(variable);
        return variable;
    }

    private void OpenScope() => _scope = new Scope(_scope, _frameTop);

    /// <summary>Frees what the scope owns and what it took.</summary>
    /// <param name="left">True when its end cannot be reached, so that there is nothing to free.</param>
    private void CloseScope(bool left = false)
    {
        if (!left)
        {
            DropValues(_scope, moved: null);
        }

        foreach (var variable in _scope.Registers)
        {
            _body.GiveBack(variable);
        }

        _frameTop = _scope.FrameMark;
        _scope = _scope.Parent ?? _scope;
    }

    private void InScope(Action inside)
    {
        OpenScope();
        inside();
        CloseScope();
    }

    private void Own(Layout layout, Home home)
    {
        if (layout.Owns)
        {
            _scope.Values.Add(new Owned(layout, home));
        }
    }

    /// <summary>Frees all scopes inside one that is left; they stay open for the code that follows.</summary>
    /// <param name="moved">Homes whose values have a new owner.</param>
    private void DropUpTo(Scope? outside, HashSet<Home>? moved = null)
    {
        for (var scope = _scope; scope is not null && scope != outside; scope = scope.Parent)
        {
            DropValues(scope, moved);
        }
    }

    private void DropValues(Scope scope, HashSet<Home>? moved)
    {
        for (int place = scope.Values.Count - 1; 0 <= place; place--)
        {
            var owned = scope.Values[place];
            if (moved?.Contains(owned.Home) != true)
            {
                DropHome(owned.Layout, owned.Home);
            }
        }
    }

    private void DropHome(Layout layout, Home home)
    {
        if (layout.Owns)
        {
            _body.Call(Values.Drop(layout), home.Value(layout));
        }
    }

    /// <summary>Says in the control block which statement runs, for a trap that may come.</summary>
    private void Mark(TextSpan span)
    {
        if (_module is not null)
        {
            _site = _unit.SiteOf(_module, span);
            MarkAgain();
        }
    }

    /// <summary>After a call, whose callee has marked statements of its own.</summary>
    private void MarkAgain()
    {
        if (_module is not null)
        {
            _body.Store32(MemoryMap.Control, _site, ControlBlock.Site);
        }
    }

    private void Trap(GuestTrap why) => _body.Trap(why);

    private static UnreachableException NotHere() => new();
}
