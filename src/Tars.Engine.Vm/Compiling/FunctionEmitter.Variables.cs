using Tars.Bundle.Wasm;

namespace Tars.Engine.Vm.Compiling;

/// <summary>Locals and globals, and floats whose NaNs are not canonical yet.</summary>
internal sealed partial class FunctionEmitter
{
    private const string SingleNaN = "bitcast (i32 2143289344 to float)";
    private const string DoubleNaN = "bitcast (i64 9221120237041090560 to double)";

    // Only of these types need values of unknown looseness be told apart.
    private void FindLooseTypes()
    {
        var reader = new InstructionReader(_function.Body.Span);
        while (reader.Next())
        {
            if (_rows.TryGetValue(reader.Opcode, out var row) && row.Gives is not Looseness.Exact)
            {
                _looseTypes.Add(reader.Info.Signature!.Results[0]);
            }
        }
    }

    private void DeclareLocals()
    {
        var types = _function.Locals;
        _locals = new string[types.Length];
        _localFlags = new string?[types.Length];
        string[] parameters = ParameterText.Taken(_facts, _function.Type, _ir);
        for (int index = 0; index < types.Length; index++)
        {
            var type = types[index];
            string first = index < parameters.Length ? parameters[index] : IrTypes.ZeroOf(type);
            _locals[index] = _ir.Variable(IrTypes.Of(type));
            _ir.Do($"store {IrTypes.Of(type)} {first}, ptr {_locals[index]}");
            if (_looseTypes.Contains(type))
            {
                _localFlags[index] = _ir.Variable("i8");
                _ir.Do($"store i8 0, ptr {_localFlags[index]}");
            }
        }
    }

    private void Move(in InstructionReader at)
    {
        switch (at.Opcode)
        {
            case Opcode.LocalGet:
                Push(Load(_locals[at.Index], _localFlags[at.Index], _function.Locals[at.Index]));
                break;
            case Opcode.LocalSet:
                Store(Pop(), _locals[at.Index], _localFlags[at.Index]);
                break;
            case Opcode.LocalTee:
                Store(_stack[^1], _locals[at.Index], _localFlags[at.Index]);
                break;
            case Opcode.GlobalGet:
                GetGlobal(at.Index);
                break;
            default:
                var value = Exact(Pop());
                _ir.Do(
                    $"store volatile {IrTypes.Of(value.Type)} {value.Text}, {GlobalCell(at.Index)}, align 8, "
                    + $"!tbaa !{Metadata.State}");
                break;
        }
    }

    private void GetGlobal(int index)
    {
        var type = _facts.Module.Globals[index].Type;
        Push(new IrValue(
            _facts.ConstantGlobal(index)
                ?? _ir.Value($"load {IrTypes.Of(type)}, {GlobalCell(index)}, align 8, !tbaa !{Metadata.State}"),
            type));
    }

    private string GlobalCell(int index) => ModuleFacts.Cell(_facts.GlobalAt(index));

    private IrValue Load(string variable, string? flag, ValType type)
    {
        string value = _ir.Value($"load {IrTypes.Of(type)}, ptr {variable}");
        return flag is null
            ? new IrValue(value, type)
            : new IrValue(value, type, Looseness.Known, _ir.Value($"load i8, ptr {flag}"));
    }

    private void Store(IrValue value, string variable, string? flag)
    {
        if (flag is null)
        {
            value = Exact(value);
        }
        else
        {
            _ir.Do($"store i8 {value.FlagText}, ptr {flag}");
        }

        _ir.Do($"store {IrTypes.Of(value.Type)} {value.Text}, ptr {variable}");
    }

    /// <summary>The operand for an instruction that takes floats of this kind loose.</summary>
    private string TakenAs(IrValue value, Looseness kind)
    {
        bool fits = value.Type is ValType.V128 ? value.Loose == kind : kind is not Looseness.Exact;
        return fits ? value.Text : Exact(value, besides: kind).Text;
    }

    /// <summary>The same value with all bits as WebAssembly sees them.</summary>
    /// <remarks>I3.</remarks>
    private IrValue Exact(IrValue value) => Exact(value, Looseness.Exact);

    // A vector that may be loose as lanes of one kind need not be made exact for an instruction that takes that kind.
    private IrValue Exact(IrValue value, Looseness besides) => value.Loose switch
    {
        Looseness.Exact => value,
        _ when value.Type is ValType.V128 => ExactVector(value, besides),
        _ => ExactScalar(value),
    };

    private IrValue ExactScalar(IrValue value)
    {
        bool isSingle = value.Type is ValType.F32;
        string type = IrTypes.Of(value.Type);
        string isNaN = _ir.Value($"fcmp uno {type} {value.Text}, {value.Text}");
        if (value.Flag is { } flag)
        {
            string isLoose = _ir.Value($"icmp ne i8 {flag}, 0");
            isNaN = _ir.Value($"and i1 {isNaN}, {isLoose}");
        }

        string nan = isSingle ? SingleNaN : DoubleNaN;
        // A branch that is foretold: nobody waits for the comparison.
        string before = _ir.Block;
        string made = _ir.Label();
        string next = _ir.Label();
        _ir.End($"br i1 {isNaN}, label %{made}, label %{next}, !prof !{Metadata.Unlikely}");
        _ir.Begin(made);
        _ir.Begin(next);
        string result = _ir.Value($"phi {type} [ {value.Text}, %{before} ], [ {nan}, %{made} ]");
        return new IrValue(result, value.Type);
    }

    private IrValue ExactVector(IrValue value, Looseness besides)
    {
        string text = value.Text;
        foreach (var kind in (ReadOnlySpan<Looseness>)[Looseness.Single, Looseness.Double])
        {
            if (kind != besides && (value.Loose == kind || value.Loose is Looseness.Known))
            {
                text = ExactLanes(text, kind, value.Flag);
            }
        }

        return new IrValue(text, ValType.V128);
    }

    private string ExactLanes(string text, Looseness kind, string? flag)
    {
        (string type, string mask, string nan) = kind is Looseness.Single
            ? ("<4 x float>", "<4 x i1>", $"<{string.Join(", ", Enumerable.Repeat($"float {SingleNaN}", 4))}>")
            : ("<2 x double>", "<2 x i1>", $"<double {DoubleNaN}, double {DoubleNaN}>");
        string lanes = _ir.Value($"bitcast <2 x i64> {text} to {type}");
        string isNaN = _ir.Value($"fcmp uno {type} {lanes}, {lanes}");
        string exact = _ir.Value($"select {mask} {isNaN}, {type} {nan}, {type} {lanes}");
        string result = _ir.Value($"bitcast {type} {exact} to <2 x i64>");
        if (flag is null)
        {
            return result;
        }

        string isKind = _ir.Value($"icmp eq i8 {flag}, {(int)kind}");
        return _ir.Value($"select i1 {isKind}, <2 x i64> {result}, <2 x i64> {text}");
    }
}
