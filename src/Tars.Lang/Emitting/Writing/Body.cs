using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;

namespace Tars.Lang.Emitting.Writing;

/// <summary>One function body being written: control flow, registers and stores.</summary>
/// <remarks>
/// What is known only when all routines are known (the index of a callee, an address behind the constants) is left as
/// a hole and filled by <see cref="Finish"/>, so that numbers keep their shortest form.
/// </remarks>
internal sealed class Body
{
    private readonly ModuleWriter _module;
    private readonly List<ValType> _locals = [];
    private readonly List<(int At, Action<CodeWriter> Write)> _holes = [];
    private readonly Dictionary<ValType, Stack<Variable>> _spare = [];
    private readonly int _parameterCount;

    public Body(ModuleWriter module, FuncType type)
    {
        _module = module;
        Type = type;
        _parameterCount = type.Parameters.Length;
        Parameters = [.. type.Parameters.Select((one, place) => new Variable(one, new LocalIndex(place)))];
    }

    public CodeWriter Code { get; } = new();

    public FuncType Type { get; }

    public Variable[] Parameters { get; }

    /// <summary>The types of the registers, in order.</summary>
    public IReadOnlyList<ValType> Locals => _locals;

    /// <summary>A register of this body.</summary>
    public Variable Local(ValType type)
    {
        _locals.Add(type);
        return new Variable(type, new LocalIndex(_parameterCount + _locals.Count - 1));
    }

    public Variable I32() => Local(ValType.I32);

    public Variable I64() => Local(ValType.I64);

    public Variable F64() => Local(ValType.F64);

    public Variable I32(Term initial) => Let(ValType.I32, initial);

    public Variable I64(Term initial) => Let(ValType.I64, initial);

    public Variable F64(Term initial) => Let(ValType.F64, initial);

    /// <summary>A register that may have been used before; <see cref="GiveBack"/> frees it for the next.</summary>
    public Variable Borrow(ValType type) =>
        _spare.TryGetValue(type, out var spare) && spare.TryPop(out var variable) ? variable : Local(type);

    public void GiveBack(Variable variable)
    {
        if (!_spare.TryGetValue(variable.Type, out var spare))
        {
            _spare.Add(variable.Type, spare = new Stack<Variable>());
        }

        spare.Push(variable);
    }

    public void Push(Term term) => term.Push(this);

    public void Set(Variable variable, Term value)
    {
        value.As(variable.Type).Push(this);
        Code.LocalSet(variable.Index);
    }

    /// <summary>Takes what lies on the stack.</summary>
    public void Pop(Variable variable) => Code.LocalSet(variable.Index);

    /// <summary>Keeps a copy of what lies on the stack.</summary>
    public void Tee(Variable variable) => Code.LocalTee(variable.Index);

    public void Get(Variable variable) => Code.LocalGet(variable.Index);

    public void Store32(Term address, Term value, int offset = 0) =>
        Store(Opcode.I32Store, ValType.I32, address, value, offset);

    public void Store64(Term address, Term value, int offset = 0) =>
        Store(Opcode.I64Store, ValType.I64, address, value, offset);

    public void Store8(Term address, Term value, int offset = 0) =>
        Store(Opcode.I32Store8, ValType.I32, address, value, offset);

    public void Store16(Term address, Term value, int offset = 0) =>
        Store(Opcode.I32Store16, ValType.I32, address, value, offset);

    public void StoreF64(Term address, Term value, int offset = 0) =>
        Store(Opcode.F64Store, ValType.F64, address, value, offset);

    /// <summary>memory.copy; the ranges may overlap.</summary>
    public void Copy(Term to, Term from, Term size)
    {
        to.Push(this);
        from.Push(this);
        size.Push(this);
        Code.MemoryCopy();
    }

    public void Fill(Term to, Term value, Term size)
    {
        to.Push(this);
        value.Push(this);
        size.Push(this);
        Code.MemoryFill();
    }

    public void If(Term condition, Action then, Action? otherwise = null)
    {
        condition.Push(this);
        IfPushed(then, otherwise);
    }

    /// <summary>The condition lies on the stack.</summary>
    public void IfPushed(Action then, Action? otherwise = null)
    {
        Code.If(BlockType.Empty);
        then();
        if (otherwise is not null)
        {
            Code.Else();
            otherwise();
        }

        Code.End();
    }

    /// <summary>Code that may break to its end.</summary>
    public void Block(Action<Label> inside)
    {
        Code.Block(BlockType.Empty);
        inside(new Label(Code.Depth));
        Code.End();
    }

    /// <summary>Code that is run again when it breaks to its label, and else is left at its end.</summary>
    public void Loop(Action<Label> inside)
    {
        Code.Loop(BlockType.Empty);
        inside(new Label(Code.Depth));
        Code.End();
    }

    public void While(Term condition, Action inside) =>
        Block(exit => Loop(again =>
        {
            Break(exit, unless: condition);
            inside();
            Break(again);
        }));

    /// <summary>Runs for ever, until a break to the label or a return.</summary>
    public void Forever(Action<Label> inside) =>
        Block(exit => Loop(again =>
        {
            inside(exit);
            Break(again);
        }));

    public void Break(Label label) => Code.Br(Code.Depth - label.Depth);

    public void BreakIf(Label label, Term condition)
    {
        condition.Push(this);
        Code.BrIf(Code.Depth - label.Depth);
    }

    /// <summary>The condition lies on the stack.</summary>
    public void BreakIfPushed(Label label) => Code.BrIf(Code.Depth - label.Depth);

    public void Break(Label label, Term unless) => BreakIf(label, !unless);

    public void Return(Term value)
    {
        value.As(Type.Results[0]).Push(this);
        Code.Op(Opcode.Return);
    }

    public void Return() => Code.Op(Opcode.Return);

    public void Call(Routine routine, params ReadOnlySpan<Term> arguments)
    {
        PushArguments(routine.Type, arguments);
        CallPushed(routine);
    }

    /// <summary>The arguments lie on the stack.</summary>
    public void CallPushed(Routine routine) => Hole(code => code.Call(routine.Index));

    public void Call(HostCall call, params ReadOnlySpan<Term> arguments)
    {
        var import = _module.Import(call);
        PushArguments(import.Type, arguments);
        Hole(code => code.Call(import.Index));
    }

    /// <summary>An i32 that is known when the whole module is.</summary>
    public static Term Late(Func<int> value) =>
        Term.Of(ValType.I32, body => body.Hole(code => code.I32Const(value())));

    /// <summary>Says why in the control block and stops.</summary>
    public void Trap(GuestTrap why)
    {
        CallPushed(_module.TrapOf(why));
        Code.Op(Opcode.Unreachable);
    }

    public void TrapIf(Term condition, GuestTrap why) => If(condition, () => Trap(why));

    public void Unreachable() => Code.Op(Opcode.Unreachable);

    public void Drop() => Code.Op(Opcode.Drop);

    /// <summary>The body with every hole filled. The last <c>end</c> must have been written.</summary>
    public byte[] Finish()
    {
        byte[] raw = Code.ToArray();
        var whole = new ByteWriter(raw.Length + 16);
        int from = 0;
        foreach (var (at, write) in _holes)
        {
            whole.Bytes(raw.AsSpan(from, at - from));
            var piece = new CodeWriter();
            write(piece);
            whole.Bytes(piece.ToArray());
            from = at;
        }

        whole.Bytes(raw.AsSpan(from));
        return whole.ToArray();
    }

    /// <summary>Instructions that are chosen when the whole module is known.</summary>
    public void Later(Action<CodeWriter> write) => Hole(write);

    private void Hole(Action<CodeWriter> write) => _holes.Add((Code.Offset, write));

    private void PushArguments(FuncType type, ReadOnlySpan<Term> arguments)
    {
        Invariant.Holds(arguments.Length == type.Parameters.Length);
        for (int place = 0; place < arguments.Length; place++)
        {
            var argument = arguments[place].As(type.Parameters[place]);
            Invariant.Holds(argument.Type == type.Parameters[place]);
            argument.Push(this);
        }
    }

    private Variable Let(ValType type, Term initial)
    {
        var variable = Local(type);
        Set(variable, initial);
        return variable;
    }

    private void Store(Opcode opcode, ValType type, Term address, Term value, int offset)
    {
        address.Push(this);
        var stored = value.As(type);
        Invariant.Holds(stored.Type == type);
        stored.Push(this);
        Code.Store(opcode, (uint)offset, align: 0);
    }
}

/// <summary>Where a break goes: the end of a block or the head of a loop.</summary>
/// <param name="Depth">How many blocks were open inside it.</param>
internal readonly record struct Label(int Depth);
