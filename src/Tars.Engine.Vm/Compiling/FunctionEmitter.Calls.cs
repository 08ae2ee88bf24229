using System.Globalization;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;

namespace Tars.Engine.Vm.Compiling;

/// <summary>Calls: direct, through tables, of the host, and in tail position.</summary>
internal sealed partial class FunctionEmitter
{
    // What this function leaves of the depth; its callees begin with it.
    private string _depth = "";

    // Of the call that is being written. LLVM wants one where it may put the callee in line.
    private int _place;

    private void Call(in InstructionReader at)
    {
        _place = _metadata.Location(_debug, _facts.LineOf(_function.Index, at.Position));
        switch (at.Opcode)
        {
            case Opcode.Call when IsDeferred(at.Index):
                CallDeferred(at.Index, at.Position);
                break;
            case Opcode.Call:
                Call(_facts.Module.FunctionTypes[at.Index], $"@{_facts.NameOf(at.Index)}");
                break;
            case Opcode.CallIndirect:
                var type = _facts.Module.Module.Types[at.Index];
                Call(type, Callee(type, at.SecondIndex, at.Position));
                break;
            case Opcode.ReturnCall when at.Index < _facts.Plan.Functions.Length && !IsLinked(at.Index):
                CallHostLast(at.Index, at.Position);
                break;
            case Opcode.ReturnCall:
                ReturnCall(_facts.Module.FunctionTypes[at.Index], $"@{_facts.NameOf(at.Index)}");
                break;
            default:
                var next = _facts.Module.Module.Types[at.Index];
                ReturnCall(next, Callee(next, at.SecondIndex, at.Position));
                break;
        }

        _ir.At(null);
        _fuelIsStored = false;
    }

    private bool IsDeferred(int function) =>
        function < _facts.Plan.Functions.Length && _facts.Plan.Functions[function] is ImportedCode.Deferred;

    private bool IsLinked(int function) => _facts.Plan.Functions[function] is ImportedCode.Linked;

    private void Call(FuncType type, string callee)
    {
        string arguments = Arguments(type, _depth);
        string given = IrTypes.ReturnOf(type, _facts.IsMetered);
        string call = $"call {_facts.Convention}{given} {callee}({arguments})";
        bool isSingle = type.Results.Length == 1;
        _ir.At(_place);
        if (!_facts.IsMetered)
        {
            if (isSingle)
            {
                Push(new IrValue(_ir.Value(call), type.Results[0]));
                return;
            }

            _ir.Do(call);
        }
        else
        {
            string result = _ir.Value(call);
            string fuel = isSingle ? _ir.Value($"extractvalue {given} {result}, 0") : result;
            _ir.Do($"store i64 {fuel}, ptr {_fuel}");
            if (isSingle)
            {
                Push(new IrValue(_ir.Value($"extractvalue {given} {result}, 1"), type.Results[0]));
                return;
            }
        }

        TakeResults(type);
    }

    // Results stand in the call block when they are not one.
    private void TakeResults(FuncType type)
    {
        for (int place = 0; place < type.Results.Length; place++)
        {
            string written = IrTypes.Of(type.Results[place]);
            Push(new IrValue(
                _ir.Value($"load volatile {written}, {SlotCell(place)}, align 8"), type.Results[place]));
        }
    }

    // The callee gets the depth that this function was given, as if it had been called in its place.
    private void ReturnCall(FuncType type, string callee)
    {
        string arguments = Arguments(type, ParameterText.Depth);
        string given = IrTypes.ReturnOf(type, _facts.IsMetered);
        string call = $"musttail call {_facts.Convention}{given} {callee}({arguments})";
        _ir.At(_place);
        if (given == "void")
        {
            _ir.Do(call);
            _ir.End("ret void");
            return;
        }

        string result = _ir.Value(call);
        _ir.End($"ret {given} {result}");
    }

    private void CallHostLast(int function, int position)
    {
        var type = _facts.Module.FunctionTypes[function];
        if (IsDeferred(function))
        {
            CallDeferred(function, position);
        }
        else
        {
            Call(type, $"@{_facts.NameOf(function)}");
        }

        Carry(_frames.Count - 1);
        _ir.Goto(_frames[0].Label);
    }

    private string Arguments(FuncType type, string depth)
    {
        var values = new string[type.Parameters.Length];
        for (int place = values.Length - 1; 0 <= place; place--)
        {
            values[place] = Exact(Pop()).Text;
        }

        string fuel = _facts.IsMetered ? _ir.Value($"load i64, ptr {_fuel}") : "";
        return ParameterText.Given(_facts, type, fuel, depth, values, _ir);
    }

    // The engine makes a host call into a record in the guest's own memory; nothing comes back.
    private void CallDeferred(int function, int position)
    {
        var list = new List<string>();
        foreach (var _ in _facts.Module.FunctionTypes[function].Parameters)
        {
            var value = Exact(Pop());
            list.Add($"{IrTypes.Of(value.Type)} {value.Text}");
        }

        list.Reverse();
        string status = _ir.Value($"call i32 @{_facts.WriterOf(function)}({string.Join(", ", list)})");
        _ir.Unlikely(_ir.Value($"icmp ne i32 {status}, 0"), TrapWith(status, position));
    }

    /// <summary>The code that an indirect call chooses, checked.</summary>
    private string Callee(FuncType type, int table, int position)
    {
        string place = Pop().Text;
        string record = _ir.Value($"inttoptr i64 {Element(table, place, position)} to ptr");
        _ir.Unlikely(_ir.Value($"icmp eq ptr {record}, null"), Trap(FaultKind.UninitializedElement, position));
        string number = _ir.Value($"getelementptr i8, ptr {record}, i64 {FunctionRecord.Type}");
        string found = _ir.Value($"load i32, ptr {number}, align 8, !tbaa !{Metadata.State}");
        string wanted = _facts.Plan.TypeNumber(type).ToString(CultureInfo.InvariantCulture);
        _ir.Unlikely(
            _ir.Value($"icmp ne i32 {found}, {wanted}"), Trap(FaultKind.IndirectCallTypeMismatch, position));
        return _ir.Value($"load ptr, ptr {record}, align 8, !tbaa !{Metadata.State}");
    }
}
