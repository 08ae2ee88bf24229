using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Bundle.Wasm;

namespace Tars.Engine.Vm.Compiling;

/// <summary>Translates one function of WebAssembly into LLVM's text, in one walk.</summary>
/// <remarks>
/// Locals, fuel and what labels carry are variables in memory, of which LLVM makes values. Operands are values.
///
/// Invariants:
///   I1  What a fault would show stands in the control area before it can happen: fuel is stored before the first
///       access of linear memory of a region, and in the block of each explicit trap.
///   I2  Accesses of linear memory, and all stores that outlive the function, are volatile: LLVM neither drops nor
///       moves them over each other. Only a load that is surely inside the memory is not, and what I4 is about.
///   I3  Bits of a float that WebAssembly can see are exact: never those of a loose operand.
/// </remarks>
internal sealed partial class FunctionEmitter
{
    private static readonly Dictionary<Opcode, IrRow> _rows =
        ScalarRows.All.Concat(VectorRows.All).ToDictionary(row => row.Opcode);

    private readonly ModuleFacts _facts;
    private readonly ValidatedFunction _function;
    private readonly IrText _ir;
    private readonly List<IrValue> _stack = [];
    private readonly HashSet<ValType> _looseTypes = [];
    private readonly Metadata _metadata;
    private readonly int _debug;
    private string[] _locals = [];
    private string?[] _localFlags = [];
    private string _fuel = "";
    private int _region;
    private bool _fuelIsStored;

    private FunctionEmitter(ModuleFacts facts, Metadata metadata, ValidatedFunction function, int lengthMax)
    {
        _ir = new IrText(lengthMax);
        _facts = facts;
        _function = function;
        _metadata = metadata;
        _debug = metadata.Function(facts.NameOf(function.Index.Value));
    }

    /// <param name="linkage">Of the function: whether other objects may name it.</param>
    /// <param name="to">Has more than <see cref="Limits.CodeTextBytesMax"/> afterwards when that is not
    /// enough.</param>
    public static void Emit(
        ModuleFacts facts, Metadata metadata, ValidatedFunction function, string linkage, StringBuilder to)
    {
        var emitter = new FunctionEmitter(facts, metadata, function, Limits.CodeTextBytesMax - to.Length);
        emitter.Translate();
        to.Append("define ").Append(linkage).Append(' ').Append(facts.Convention)
            .Append(IrTypes.ReturnOf(function.Type, facts.IsMetered))
            .Append(" @").Append(facts.NameOf(function.Index.Value))
            .Append('(').Append(ParameterText.Named(facts, function.Type))
            .Append(") #0 !dbg !").Append(emitter._debug.ToString(CultureInfo.InvariantCulture))
            .Append(" {\n");
        emitter._ir.CopyTo(to);
        to.Append("}\n\n");
    }

    private void Translate()
    {
        FindLooseTypes();
        EnterFunction();
        var walker = _facts.Module.Walk(_function);
        while (walker.Next())
        {
            Step(ref walker);
            if (_ir.IsFull)
            {
                return;
            }
        }

        Invariant.Holds(_region == _function.Regions.Length);
        Leave();
    }

    private void Step(ref FunctionWalker walker)
    {
        ref readonly var at = ref walker.At;
        if (!_ir.IsOpen && at.Opcode is not (Opcode.Else or Opcode.End))
        {
            _ir.Begin(_ir.Label()); // A region that nothing leads to; LLVM drops it.
        }

        ChargeRegion(at.Position);
        if (!Plain(in at))
        {
            Control(ref walker);
        }
    }

    /// <summary>Translates what neither branches nor calls.</summary>
    /// <returns>False for what does.</returns>
    private bool Plain(in InstructionReader at)
    {
        if (_rows.TryGetValue(at.Opcode, out var row))
        {
            Compute(row, at.Info, at.Lane);
            return true;
        }

        switch (at.Info.Immediate)
        {
            case Immediate.Memory or Immediate.MemoryLane:
                Access(in at);
                break;
            case Immediate.I32 or Immediate.I64 or Immediate.F32 or Immediate.F64 or Immediate.V128:
                Push(ConstantOf(in at));
                break;
            case Immediate.Local or Immediate.Global:
                Move(in at);
                break;
            case Immediate.Table or Immediate.TablePair or Immediate.Elem or Immediate.ElemTable:
                WorkOnTable(in at);
                break;
            case Immediate.Data or Immediate.DataMemory or Immediate.MemoryIndex or Immediate.MemoryPair:
                WorkOnMemory(in at);
                break;
            default:
                return Calculate(in at);
        }

        return true;
    }

    // Those computations that no row of a table can say.
    private bool Calculate(in InstructionReader at)
    {
        switch (at.Opcode)
        {
            case Opcode.Nop:
                return true;
            case Opcode.Drop:
                Pop();
                return true;
            case Opcode.Select or Opcode.SelectTyped:
                Select();
                return true;
            case Opcode.RefNull:
                Push(new IrValue("0", at.RefType));
                return true;
            case Opcode.RefFunc:
                string record = _facts.RecordOf(at.Index);
                Push(new IrValue($"ptrtoint (ptr @{record} to i64)", ValType.FuncRef));
                return true;
            case Opcode.I8x16Shuffle:
                Shuffle(at.Bytes);
                return true;
            default:
                return Divides(in at) || Truncates(in at);
        }
    }

    private void Compute(IrRow row, OpcodeInfo info, int lane)
    {
        if (row.Passes)
        {
            PassOn(row, info, lane);
            return;
        }

        int count = info.Signature?.Parameters.Length ?? 1;
        var operands = new string[count];
        for (int place = count - 1; 0 <= place; place--)
        {
            operands[place] = TakenAs(Pop(), row.Takes);
        }

        string result = _ir.Steps(row.Lines, lane, operands);
        var type = info.Signature?.Results[0] ?? ValType.I32;
        Push(new IrValue(result, type, row.Gives));
    }

    // What only moves lanes of floats: the result is as loose as the operand was.
    private void PassOn(IrRow row, OpcodeInfo info, int lane)
    {
        var operand = Pop();
        if (operand.Loose is Looseness.Known || (operand.Type is ValType.V128 && operand.Loose != row.Takes))
        {
            operand = Exact(operand);
        }

        string result = _ir.Steps(row.Lines, lane, operand.Text);
        Push(new IrValue(result, info.Signature!.Results[0], operand.Loose));
    }

    private void Select()
    {
        string condition = _ir.Value($"icmp ne i32 {Pop().Text}, 0");
        var second = Pop();
        var first = Pop();
        string type = IrTypes.Of(first.Type);
        string value = _ir.Value($"select i1 {condition}, {type} {first.Text}, {type} {second.Text}");
        if (first.Loose == second.Loose && first.Flag is null && second.Flag is null)
        {
            Push(new IrValue(value, first.Type, first.Loose));
            return;
        }

        string flag = _ir.Value($"select i1 {condition}, i8 {first.FlagText}, i8 {second.FlagText}");
        Push(new IrValue(value, first.Type, Looseness.Known, flag));
    }

    private void Shuffle(ReadOnlySpan<byte> places)
    {
        string second = Exact(Pop()).Text;
        string first = Exact(Pop()).Text;
        string x = _ir.Value($"bitcast <2 x i64> {first} to <16 x i8>");
        string y = _ir.Value($"bitcast <2 x i64> {second} to <16 x i8>");
        string mask = string.Join(", ", places.ToArray().Select(
            place => string.Create(CultureInfo.InvariantCulture, $"i32 {place}")));
        string lanes = _ir.Value($"shufflevector <16 x i8> {x}, <16 x i8> {y}, <16 x i32> <{mask}>");
        Push(new IrValue(_ir.Value($"bitcast <16 x i8> {lanes} to <2 x i64>"), ValType.V128));
    }

    private static IrValue ConstantOf(in InstructionReader at) => at.Info.Immediate is Immediate.V128
        ? new IrValue(
            $"<i64 {Text(BinaryPrimitives.ReadInt64LittleEndian(at.Bytes))}, "
            + $"i64 {Text(BinaryPrimitives.ReadInt64LittleEndian(at.Bytes[8..]))}>",
            ValType.V128)
        : ConstantOf(at.Info.Immediate, at.Bits);

    private static IrValue ConstantOf(Immediate kind, long bits) => kind switch
    {
        Immediate.I32 => new IrValue(Text((int)bits), ValType.I32),
        Immediate.I64 => new IrValue(Text(bits), ValType.I64),
        Immediate.F32 => new IrValue($"bitcast (i32 {Text((uint)bits)} to float)", ValType.F32),
        _ => new IrValue($"bitcast (i64 {Text(bits)} to double)", ValType.F64),
    };

    private void Push(IrValue value) => _stack.Add(value);

    private IrValue Pop()
    {
        var value = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
