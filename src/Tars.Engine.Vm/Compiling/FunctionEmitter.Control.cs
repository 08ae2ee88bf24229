using System.Globalization;
using System.Runtime.InteropServices;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Machine;
using Tars.Kernel.Ports;

namespace Tars.Engine.Vm.Compiling;

/// <summary>Blocks, branches, and how a function begins and ends.</summary>
internal sealed partial class FunctionEmitter
{
    private readonly List<Frame> _frames = [];

    private void EnterFunction()
    {
        if (_facts.IsMetered)
        {
            _fuel = _ir.Variable("i64");
            _ir.Do($"store i64 {ParameterText.Fuel}, ptr {_fuel}");
        }

        DeclareLocals();
        string depth = _ir.Value($"sub i32 {ParameterText.Depth}, {Text(_function.DepthSlots)}");
        _depth = depth;
        _ir.Unlikely(_ir.Value($"icmp slt i32 {depth}, 0"), Trap(FaultKind.StackExhausted, offset: -1));
        _frames.Add(NewFrame(_function.Type.Results.AsSpan(), height: 0));
    }

    // Branches to the function's own label lead here; what they carry is the result.
    private void Leave()
    {
        var type = _function.Type;
        var results = _stack.TakeLast(type.Results.Length).ToArray();
        if (type.Results.Length == 1)
        {
            string value = Exact(results[0]).Text;
            Return(type.Results[0], value);
            return;
        }

        for (int place = 0; place < results.Length; place++)
        {
            StoreSlot(place, Exact(results[place]));
        }

        if (_facts.IsMetered)
        {
            string fuel = _ir.Value($"load i64, ptr {_fuel}");
            _ir.End($"ret i64 {fuel}");
        }
        else
        {
            _ir.End("ret void");
        }
    }

    private void Return(ValType type, string value)
    {
        string written = IrTypes.Of(type);
        if (!_facts.IsMetered)
        {
            _ir.End($"ret {written} {value}");
            return;
        }

        string fuel = _ir.Value($"load i64, ptr {_fuel}");
        string pair = $"{{ i64, {written} }}";
        string half = _ir.Value($"insertvalue {pair} poison, i64 {fuel}, 0");
        string whole = _ir.Value($"insertvalue {pair} {half}, {written} {value}, 1");
        _ir.End($"ret {pair} {whole}");
    }

    /// <summary>Puts a value into the call block, where all results are when they are not one.</summary>
    private void StoreSlot(int place, IrValue value) =>
        _ir.Do($"store volatile {IrTypes.Of(value.Type)} {value.Text}, {SlotCell(place)}, align 8");

    internal static string SlotCell(int place) =>
        ModuleFacts.Cell(GuestMap.Control.CallBlock + (place * GuestMap.Control.CallSlotSize));

    private void Control(ref FunctionWalker walker)
    {
        ref readonly var at = ref walker.At;
        switch (at.Opcode)
        {
            case Opcode.Unreachable:
                _ir.Goto(Trap(FaultKind.Unreachable, at.Position));
                break;
            case Opcode.Block or Opcode.Loop or Opcode.If:
                Open(in at, walker.Signature!);
                break;
            case Opcode.Else:
                Else(walker.FallsThrough);
                break;
            case Opcode.End:
                Close(walker.FallsThrough);
                break;
            case Opcode.Br:
                Carry(at.Index);
                _ir.Goto(Target(at.Index).Label);
                break;
            case Opcode.BrIf:
                BranchIf(at.Index);
                break;
            case Opcode.BrTable:
                BranchTable(at.Labels);
                break;
            case Opcode.Return:
                Carry(_frames.Count - 1);
                _ir.Goto(_frames[0].Label);
                break;
            default:
                Call(in at);
                break;
        }
    }

    private void Open(in InstructionReader at, FuncType type)
    {
        var opcode = at.Opcode;
        string? condition = opcode is Opcode.If ? _ir.Value($"icmp ne i32 {Pop().Text}, 0") : null;
        int height = _stack.Count - type.Parameters.Length;
        var carried = opcode is Opcode.Loop ? type.Parameters : type.Results;
        var frame = NewFrame(carried.AsSpan(), height) with { Opcode = opcode, Type = type };
        if (opcode is Opcode.Loop)
        {
            bool isSimple = type.Parameters.IsEmpty && type.Results.IsEmpty;
            _frames.Add(frame with { After = isSimple ? EmitPlainCopy(at.End) : null });
            Carry(label: 0);
            _ir.Begin(frame.Label);
            _stack.RemoveRange(height, _stack.Count - height);
            PushCarried(frame);
        }
        else if (condition is not null)
        {
            string then = _ir.Label();
            frame = frame with { ElseLabel = _ir.Label(), Parameters = [.. _stack[height..]] };
            _ir.Branch(condition, then, frame.ElseLabel);
            _ir.Begin(then);
            _frames.Add(frame);
        }
        else
        {
            _frames.Add(frame);
        }

        _fuelIsStored = false;
    }

    private void Else(bool fallsThrough)
    {
        var frame = _frames[^1];
        EndArm(frame, fallsThrough);
        _ir.Begin(frame.ElseLabel!);
        _stack.AddRange(frame.Parameters);
        _frames[^1] = frame with { ElseLabel = null };
        _fuelIsStored = false;
    }

    private void Close(bool fallsThrough)
    {
        var frame = _frames[^1];
        _frames.RemoveAt(_frames.Count - 1);
        if (frame.Opcode is Opcode.Loop)
        {
            CloseLoop(frame, fallsThrough);
            return;
        }

        _frames.Add(frame);
        EndArm(frame, fallsThrough);
        if (frame.ElseLabel is { } label)
        {
            // An if without an else gives what it takes.
            _ir.Begin(label);
            _stack.AddRange(frame.Parameters);
            EndArm(frame, fallsThrough: true);
        }

        _frames.RemoveAt(_frames.Count - 1);
        _ir.Begin(frame.Label);
        PushCarried(frame);
        _fuelIsStored = false;
    }

    // Branches to a loop lead to its head: behind its end comes only who falls through.
    private void CloseLoop(Frame frame, bool fallsThrough)
    {
        if (!fallsThrough)
        {
            _ir.Begin(_ir.Label());
            _stack.RemoveRange(frame.Height, _stack.Count - frame.Height);
            _stack.AddRange(frame.Type.Results.Select(type => new IrValue(IrTypes.ZeroOf(type), type)));
        }


        _fuelIsStored = false;
    }

    private void EndArm(Frame frame, bool fallsThrough)
    {
        if (fallsThrough)
        {
            Carry(label: 0);
            _ir.Goto(frame.Label);
        }

        _stack.RemoveRange(frame.Height, _stack.Count - frame.Height);
    }

    private void BranchIf(int label)
    {
        string condition = _ir.Value($"icmp ne i32 {Pop().Text}, 0");
        Carry(label); // When the branch is not taken, nobody looks at what it would have carried.
        string next = Target(label).After ?? _ir.Label();
        _ir.Branch(condition, Target(label).Label, next);
        _ir.Begin(next);
        _fuelIsStored &= Target(label).After is null;
    }

    private void BranchTable(LabelTable labels)
    {
        string choice = Pop().Text;
        var carried = new HashSet<int>();
        var cases = new List<string>();
        string last = "";
        foreach (int label in labels)
        {
            if (carried.Add(label))
            {
                Carry(label);
            }

            last = Target(label).Label;
            cases.Add(string.Create(CultureInfo.InvariantCulture, $"i32 {cases.Count}, label %{last}"));
        }

        cases.RemoveAt(cases.Count - 1);
        _ir.End($"switch i32 {choice}, label %{last} [ {string.Join(' ', cases)} ]");
    }

    private Frame Target(int label) => _frames[^(label + 1)];

    /// <summary>Copies the operands that a branch carries to where its target looks for them.</summary>
    private void Carry(int label)
    {
        var frame = Target(label);
        var operands = CollectionsMarshal.AsSpan(_stack)[^frame.Slots.Length..].ToArray();
        for (int place = 0; place < operands.Length && !_ir.IsFull; place++)
        {
            Store(operands[place], frame.Slots[place].Variable, frame.Slots[place].Flag);
        }
    }

    private void PushCarried(Frame frame)
    {
        foreach (var slot in frame.Slots)
        {
            Push(Load(slot.Variable, slot.Flag, slot.Type));
        }
    }

    private Frame NewFrame(ReadOnlySpan<ValType> carried, int height)
    {
        var slots = new Slot[carried.Length];
        for (int place = 0; place < slots.Length; place++)
        {
            var type = carried[place];
            slots[place] = new Slot(
                _ir.Variable(IrTypes.Of(type)), _looseTypes.Contains(type) ? _ir.Variable("i8") : null, type);
        }

        return new Frame(_ir.Label(), slots, height);
    }

    /// <summary>What a branch carries, in a variable.</summary>
    private readonly record struct Slot(string Variable, string? Flag, ValType Type);

    /// <param name="Label">Where a branch to it leads.</param>
    /// <param name="Slots">What such a branch carries.</param>
    private sealed record Frame(string Label, Slot[] Slots, int Height)
    {
        public Opcode Opcode { get; init; } = Opcode.Block;

        public FuncType Type { get; init; } = FuncType.Empty;

        /// <summary>Of a loop that has two copies: what follows its only branch back.</summary>
        public string? After { get; init; }

        /// <summary>Of an if whose else has not come.</summary>
        public string? ElseLabel { get; init; }

        /// <summary>The operands with which an else begins.</summary>
        public IrValue[] Parameters { get; init; } = [];
    }
}
