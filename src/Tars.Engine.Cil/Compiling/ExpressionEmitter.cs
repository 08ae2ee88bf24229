using System.Collections.Immutable;
using System.Diagnostics;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Intrinsics;
using Tars.Bundle.Wasm;

namespace Tars.Engine.Cil.Compiling;

/// <summary>Turns operands into CIL and keeps the pool of IL locals.</summary>
internal sealed class ExpressionEmitter
{
    private static readonly MethodInfo _makeVector =
        typeof(Vector128).GetMethod(nameof(Vector128.Create), [typeof(ulong), typeof(ulong)])!;

    private static readonly MethodInfo _asBytes = typeof(Vector128).GetMethods()
        .Single(method => method.Name == nameof(Vector128.AsByte)).MakeGenericMethod(typeof(ulong));

    private static readonly Dictionary<Type, MethodInfo> _selections = typeof(Numbers).GetMethods()
        .Where(method => method.Name == nameof(Numbers.Select)).ToDictionary(method => method.ReturnType);

    private readonly ILGenerator _il;
    private readonly FunctionFacts _facts;
    private readonly ValidatedFunction _function;
    private readonly LocalBuilder[] _locals;
    private readonly Dictionary<Type, Stack<LocalBuilder>> _pool = [];
    private readonly Dictionary<(int Height, ValType Type), LocalBuilder> _joined = [];
    private readonly SortedDictionary<int, FloatShape> _held = [];

    public ExpressionEmitter(ILGenerator il, ValidatedFunction function, FunctionFacts facts)
    {
        _il = il;
        _function = function;
        _facts = facts;
        _locals = [.. function.Locals.Skip(ParameterCount).Select(type => Declare(IlTypes.Of(type)))];
    }

    /// <summary>How many IL locals the method has by now.</summary>
    public int LocalCount { get; private set; }

    private int ParameterCount => _function.Type.Parameters.Length;

    public LocalBuilder Declare(Type type)
    {
        LocalCount++;
        return _il.DeclareLocal(type);
    }

    public LocalBuilder Rent(Type type) =>
        _pool.TryGetValue(type, out var free) && free.TryPop(out var local) ? local : Declare(type);

    public void Return(LocalBuilder local)
    {
        if (!_pool.TryGetValue(local.LocalType, out var free))
        {
            _pool[local.LocalType] = free = new Stack<LocalBuilder>();
        }

        free.Push(local);
    }

    /// <summary>Where the results of blocks meet that begin at this height.</summary>
    public Operand Joined(int height, ValType type)
    {
        if (!_joined.TryGetValue((height, type), out var local))
        {
            _joined[(height, type)] = local = Declare(IlTypes.Of(type));
        }

        return new Operand { Type = type, Kind = OperandKind.Joined, Slot = local };
    }

    public Operand ReadLocal(int index) => new()
    {
        Type = _function.Locals[index],
        Kind = OperandKind.Local,
        Index = index,
        Locals = 1UL << (index & 63),
        Loose = _held.TryGetValue(index, out var shape) ? shape : _facts.ShapeOf(index),
    };

    /// <summary>Whether what is put into the local now must be exact.</summary>
    public bool IsExact(int local) => _facts.IsExact(local) && !_held.ContainsKey(local);

    /// <summary>A local that is exact holds a loose result for a while; with no shape, no longer.</summary>
    public void Hold(int local, FloatShape shape)
    {
        if (shape is FloatShape.None)
        {
            _held.Remove(local);
        }
        else
        {
            _held[local] = shape;
        }
    }

    /// <summary>The locals that hold such results.</summary>
    public ImmutableArray<int> Held() => [.. _held.Keys];

    public void StoreLocal(int index)
    {
        if (index < ParameterCount)
        {
            _il.Emit(OpCodes.Starg, (short)(index + IlTypes.LeadingParameterCount));
        }
        else
        {
            _il.Emit(OpCodes.Stloc, _locals[index - ParameterCount]);
        }
    }

    /// <summary>An expression of an instruction in the table.</summary>
    public static Operand Expression(Translation row, ValType type, Operand[] parts)
    {
        int depth = 0;
        ulong locals = 0;
        var loose = row.Passes && parts[0].Loose != row.Takes ? FloatShape.None : row.Gives;
        for (int place = 0; place < parts.Length; place++)
        {
            parts[place] = parts[place].Loose == row.Takes ? parts[place] : Exact(parts[place]);
            depth = Math.Max(depth, parts[place].Depth);
            locals |= parts[place].Locals;
        }

        return new Operand
        {
            Type = type,
            Kind = OperandKind.Expression,
            Opcode = row.Opcode,
            Parts = parts,
            Depth = depth + 1,
            Locals = locals,
            Loose = loose,
            Max = OperandRange.MaxOf(row.Opcode, parts),
        };
    }

    /// <summary>The operand with a NaN made canonical, where it is loose.</summary>
    /// <param name="isAwaited">What the next turn of a loop does depends on it.</param>
    public static Operand Exact(Operand operand, bool isAwaited = false) =>
        operand.Loose is FloatShape.None
            ? operand
            : new Operand
            {
                Type = operand.Type,
                Kind = OperandKind.Expression,
                Opcode = Opcode.Nop,
                Parts = [operand],
                Depth = operand.Depth + 1,
                Locals = operand.Locals,
                IsAwaited = isAwaited,
            };

    /// <summary>Computes an operand into a local of the pool. What is loose stays so.</summary>
    public Operand Pool(Operand operand)
    {
        Emit(operand);
        return StoreInPool(operand.Type, operand.Loose, operand.Max);
    }

    public Operand StoreInPool(ValType type, FloatShape loose = FloatShape.None, uint max = uint.MaxValue)
    {
        var slot = Rent(IlTypes.Of(type));
        _il.Emit(OpCodes.Stloc, slot);
        return new Operand { Type = type, Kind = OperandKind.Pooled, Slot = slot, Loose = loose, Max = max };
    }

    /// <summary>Puts the operand's value on the IL stack and gives its locals back.</summary>
    public void Emit(Operand operand)
    {
        if (operand.Kind is OperandKind.Expression)
        {
            foreach (var part in operand.Parts)
            {
                Emit(part);
            }

            EmitOperator(operand);
            return;
        }

        EmitLeaf(operand);
        Drop(operand);
    }

    /// <summary>Puts a settled operand's value on the IL stack and keeps its local.</summary>
    public void EmitLeaf(Operand operand)
    {
        switch (operand.Kind)
        {
            case OperandKind.Constant:
                EmitConstant(operand);
                break;
            case OperandKind.Local when operand.Index < ParameterCount:
                _il.Emit(OpCodes.Ldarg, (short)(operand.Index + IlTypes.LeadingParameterCount));
                break;
            case OperandKind.Local:
                _il.Emit(OpCodes.Ldloc, _locals[operand.Index - ParameterCount]);
                break;
            case OperandKind.Pooled or OperandKind.Joined:
                _il.Emit(OpCodes.Ldloc, operand.Slot!);
                break;
            case OperandKind.Function:
                _il.Emit(OpCodes.Ldarg_0);
                _il.Emit(OpCodes.Ldc_I4, operand.Index);
                _il.Emit(OpCodes.Add);
                break;
            case OperandKind.Expression:
                throw new UnreachableException();
        }
    }

    /// <summary>The same with a NaN made canonical where it is loose.</summary>
    public void EmitKeeping(Operand operand)
    {
        EmitLeaf(operand);
        if (operand.Loose is not FloatShape.None)
        {
            EmitSpecial(Exact(operand));
        }
    }

    /// <summary>Gives back the locals of an operand that nobody wants.</summary>
    public void Drop(Operand operand)
    {
        if (operand.Kind is OperandKind.Pooled)
        {
            Return(operand.Slot!);
        }

        foreach (var part in operand.Parts)
        {
            Drop(part);
        }
    }

    private void EmitConstant(Operand operand)
    {
        switch (operand.Type)
        {
            case ValType.I32:
                _il.Emit(OpCodes.Ldc_I4, (int)operand.Bits);
                break;
            case ValType.I64:
                _il.Emit(OpCodes.Ldc_I8, (long)operand.Bits);
                break;
            case ValType.F32:
                EmitF32((uint)operand.Bits);
                break;
            case ValType.F64:
                EmitF64(operand.Bits);
                break;
            case ValType.V128:
                _il.Emit(OpCodes.Ldc_I8, (long)operand.Bits);
                _il.Emit(OpCodes.Ldc_I8, (long)operand.HighBits);
                _il.Emit(OpCodes.Call, _makeVector);
                _il.Emit(OpCodes.Call, _asBytes);
                break;
            case ValType.FuncRef or ValType.ExternRef:
                _il.Emit(OpCodes.Ldc_I8, (long)operand.Bits);
                _il.Emit(OpCodes.Conv_I);
                break;
        }
    }

    // A signalling NaN would not survive as an immediate of CIL.
    private void EmitF32(uint bits)
    {
        float value = BitConverter.UInt32BitsToSingle(bits);
        if (!float.IsNaN(value))
        {
            _il.Emit(OpCodes.Ldc_R4, value);
            return;
        }

        _il.Emit(OpCodes.Ldc_I4, (int)bits);
        _il.Emit(OpCodes.Call, Translations.Find(Opcode.F32ReinterpretI32)!.Call!);
    }

    private void EmitF64(ulong bits)
    {
        double value = BitConverter.UInt64BitsToDouble(bits);
        if (!double.IsNaN(value))
        {
            _il.Emit(OpCodes.Ldc_R8, value);
            return;
        }

        _il.Emit(OpCodes.Ldc_I8, (long)bits);
        _il.Emit(OpCodes.Call, Translations.Find(Opcode.F64ReinterpretI64)!.Call!);
    }

    private void EmitOperator(Operand operand)
    {
        if (operand.Opcode is Opcode.Nop or Opcode.Select)
        {
            EmitSpecial(operand);
            return;
        }

        var row = Translations.Find(operand.Opcode)!;
        if (row.Mask is { } mask)
        {
            if (operand.Type is ValType.I64)
            {
                _il.Emit(OpCodes.Conv_I4);
            }

            _il.Emit(OpCodes.Ldc_I4, mask);
            _il.Emit(OpCodes.And);
        }

        foreach (var step in row.Steps)
        {
            _il.Emit(step);
        }

        if (row.Call is not null)
        {
            _il.Emit(OpCodes.Call, row.Call);
        }

        foreach (var step in row.After)
        {
            _il.Emit(step);
        }
    }

    // What is in no table: select, and the step that makes a NaN canonical, which has the opcode nop.
    private void EmitSpecial(Operand operand)
    {
        if (operand.Opcode is Opcode.Select)
        {
            _il.Emit(OpCodes.Call, _selections[IlTypes.Of(operand.Type)]);
        }
        else
        {
            CanonicalNaN.Emit(_il, this, operand.Parts[0].Loose, operand.Type, operand.IsAwaited);
        }
    }
}
