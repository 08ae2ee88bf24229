using System.Globalization;
using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Loops;

namespace Tars.Engine.Vm.Compiling;

/// <summary>Loops whose turns are made of equal parts, or of vectors, as loops over these parts.</summary>
internal sealed partial class FunctionEmitter
{
    // Fewer are sooner done as they stand.
    private const int LaneTurnsMin = 8;

    // Where vectors that the loop does not change are not the same in all lanes, its turns are run as they stand.
    private string EmitLanes(RolledLoop rolled, int start, string turns, WalkPlace[] walks)
    {
        string goesOn = _ir.Variable("i1");
        string test = _ir.Value($"icmp uge i64 {turns}, {LaneTurnsMin}");
        foreach (var (local, lane) in rolled.Splats)
        {
            test = _ir.Value($"and i1 {test}, {HasEqualLanes(local, lane)}");
        }

        string byLanes = _ir.Label();
        string whole = _ir.Label();
        string end = _ir.Label();
        _ir.Branch(test, byLanes, whole);
        _ir.Begin(byLanes);
        string first = EmitRolled(rolled, start, turns, walks);
        _ir.Do($"store i1 {first}, ptr {goesOn}");
        _ir.Goto(end);
        _ir.Begin(whole);
        string second = EmitTurns(start, turns, walks);
        _ir.Do($"store i1 {second}, ptr {goesOn}");
        _ir.Begin(end);
        return _ir.Value($"load i1, ptr {goesOn}");
    }

    private string HasEqualLanes(int local, ValType lane)
    {
        string type = lane is ValType.F32 ? "<4 x i32>" : "<2 x i64>";
        string none = lane is ValType.F32 ? "<4 x i32> zeroinitializer" : "<2 x i32> zeroinitializer";
        string bits = lane is ValType.F32 ? "i4" : "i2";
        string vector = _ir.Value($"load {type}, ptr {_locals[local]}");
        string first = _ir.Value($"shufflevector {type} {vector}, {type} poison, {none}");
        string differ = _ir.Value($"icmp ne {type} {vector}, {first}");
        string any = _ir.Value($"bitcast <{bits[1..]} x i1> {differ} to {bits}");
        return _ir.Value($"icmp eq {bits} {any}, 0");
    }

    // The last turn is run as it stands: it leaves in all locals what they should hold.
    private string EmitRolled(RolledLoop rolled, int start, string turns, WalkPlace[] walks)
    {
        string before = _ir.Value($"sub i64 {turns}, 1");
        string parts = _ir.Value($"mul nuw nsw i64 {before}, {Text(rolled.PartCount)}");
        var counters = rolled.Counters.Select(counter => (counter.Local, Value: CounterAfter(counter, before)))
            .ToList();
        string first = _ir.Label();
        string last = _ir.Label();
        _ir.Branch(_ir.Value($"icmp ne i64 {before}, 0"), first, last);
        _ir.Begin(first);
        EmitCounted(parts, part =>
        {
            _pointers =
            [
                .. walks.Select(walk => Pointer(
                    walk, Text(long.Parse(walk.Step, CultureInfo.InvariantCulture) / rolled.PartCount), part)),
            ];
            EmitPart(rolled);
        });
        foreach (var (local, value) in counters)
        {
            _ir.Do($"store i32 {value}, ptr {_locals[local]}");
        }

        _ir.Begin(last);
        _pointers = [.. walks.Select(walk => Pointer(walk, walk.Step, before))];
        return EmitBody(start);
    }

    // What a counter holds after so many turns, at least one.
    private string CounterAfter(LoopPlan.Counter counter, string turns)
    {
        string further = _ir.Value($"sub i64 {turns}, 1");
        string count = _ir.Value($"trunc i64 {further} to i32");
        string step = _ir.Value($"trunc i64 {Sum(counter.Step)} to i32");
        string way = _ir.Value($"mul i32 {count}, {step}");
        string first = _ir.Value($"trunc i64 {Sum(counter.First)} to i32");
        return _ir.Value($"add i32 {first}, {way}");
    }

    // What the first part stores, for wherever the pointers are. What it loads it loads where it did.
    private void EmitPart(RolledLoop rolled)
    {
        var values = new Dictionary<RolledLoop.Node, IrValue>();
        var loads = new Queue<RolledLoop.Node>(
            rolled.LoadsOfFirstPart().OrderBy(load => load.Place!.Position).ThenBy(load => load.Place!.Distance));
        foreach (var store in rolled.FirstPart)
        {
            while (loads.TryPeek(out var load) && load.Place!.Position < store.Place.Position)
            {
                values[loads.Dequeue()] = LoadFrom(load.Opcode, AddressOf(load.Place), Notes(load.Place.Walk));
            }

            var value = Stored(Emit(store.Value, values), store.Place.Position);
            var row = MemoryRows.Of(store.Opcode);
            string text = row.Steps is null ? value.Text : _ir.Steps(row.Lines, lane: 0, value.Text);
            _ir.Do($"store {row.Type} {text}, ptr {AddressOf(store.Place)}, {Notes(store.Place.Walk)}");
        }
    }

    private string AddressOf(RolledLoop.Place place) => Displaced(_pointers[place.Walk], place.Distance);

    private IrValue LoadFrom(Opcode opcode, string address, string notes)
    {
        var row = MemoryRows.Of(opcode);
        string read = _ir.Value($"load {row.Type}, ptr {address}, {notes}");
        return new IrValue(
            row.Steps is null ? read : _ir.Steps(row.Lines, lane: 0, read), opcode.Info().Signature!.Results[0]);
    }

    private IrValue Emit(RolledLoop.Node node, Dictionary<RolledLoop.Node, IrValue> values)
    {
        if (!values.TryGetValue(node, out var value))
        {
            values[node] = value = EmitAnew(node, values);
        }

        return value;
    }

    private IrValue EmitAnew(RolledLoop.Node node, Dictionary<RolledLoop.Node, IrValue> values)
    {
        int index = (int)node.Bits;
        switch (node.Opcode)
        {
            case Opcode.LocalGet:
                return Load(_locals[index], _localFlags[index], _function.Locals[index]);
            case Opcode.GlobalGet:
                GetGlobal(index);
                return Pop();
            case Opcode.I32Const or Opcode.I64Const or Opcode.F32Const or Opcode.F64Const:
                return ConstantOf(node.Opcode.Info().Immediate, node.Bits);
            default:
                break;
        }

        IrValue[] operands = [.. node.Operands.Select(operand => Emit(operand, values))];
        _stack.AddRange(operands);
        if (node.Opcode is Opcode.Select)
        {
            Select();
        }
        else
        {
            Compute(_rows[node.Opcode], node.Opcode.Info(), index);
        }

        return Pop();
    }
}
