using System.Reflection.Emit;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil.Compiling;

/// <summary>Division and conversion: arithmetic that can trap.</summary>
internal sealed partial class FunctionCompiler
{
    private bool EmitChecked(in InstructionReader at)
    {
        switch (at.Opcode)
        {
            case Opcode.I32DivS or Opcode.I64DivS or Opcode.I32DivU or Opcode.I64DivU
                or Opcode.I32RemS or Opcode.I64RemS or Opcode.I32RemU or Opcode.I64RemU:
                Divide(at.Opcode, at.Position);
                return true;
            case Opcode.I32TruncF32S:
                Truncate(at.Position, OpCodes.Conv_I4, ValType.I32, -2147483904.0f, 2147483648.0f);
                return true;
            case Opcode.I32TruncF32U:
                Truncate(at.Position, OpCodes.Conv_U4, ValType.I32, -1.0f, 4294967296.0f);
                return true;
            case Opcode.I32TruncF64S:
                Truncate(at.Position, OpCodes.Conv_I4, ValType.I32, -2147483649.0, 2147483648.0);
                return true;
            case Opcode.I32TruncF64U:
                Truncate(at.Position, OpCodes.Conv_U4, ValType.I32, -1.0, 4294967296.0);
                return true;
            case Opcode.I64TruncF32S:
                Truncate(at.Position, OpCodes.Conv_I8, ValType.I64, -9223373136366403584.0f, 9223372036854775808.0f);
                return true;
            case Opcode.I64TruncF32U:
                Truncate(at.Position, OpCodes.Conv_U8, ValType.I64, -1.0f, 18446744073709551616.0f);
                return true;
            case Opcode.I64TruncF64S:
                Truncate(at.Position, OpCodes.Conv_I8, ValType.I64, -9223372036854777856.0, 9223372036854775808.0);
                return true;
            case Opcode.I64TruncF64U:
                Truncate(at.Position, OpCodes.Conv_U8, ValType.I64, -1.0, 18446744073709551616.0);
                return true;
            default:
                return false;
        }
    }

    private void Divide(Opcode opcode, int position)
    {
        var divisor = _stack.Pop();
        var dividend = _stack.Pop();
        var type = dividend.Type;
        bool isSigned = opcode is Opcode.I32DivS or Opcode.I64DivS or Opcode.I32RemS or Opcode.I64RemS;
        bool isDivision = opcode is Opcode.I32DivS or Opcode.I64DivS or Opcode.I32DivU or Opcode.I64DivU;
        bool isHarmless = divisor.IsConstant && divisor.Bits != 0 && divisor.Bits != MinusOne(type);
        if (!divisor.IsConstant || divisor.Bits == 0)
        {
            divisor = _emitter.Pool(divisor);
            _emitter.EmitLeaf(divisor);
            _il.Emit(OpCodes.Brfalse, TrapAt(FaultKind.IntegerDivideByZero, position));
        }

        if (isSigned && isDivision && !isHarmless)
        {
            dividend = _emitter.Pool(dividend);
            CheckQuotient(dividend, divisor, position);
        }

        _emitter.Emit(dividend);
        _emitter.Emit(divisor);
        if (isSigned && !isDivision && !isHarmless)
        {
            var il = IlTypes.Of(type);
            _il.Emit(OpCodes.Call, typeof(Numbers).GetMethod(nameof(Numbers.Remainder), [il, il])!);
        }
        else
        {
            _il.Emit((isDivision, isSigned) switch
            {
                (true, true) => OpCodes.Div,
                (true, false) => OpCodes.Div_Un,
                (false, true) => OpCodes.Rem,
                (false, false) => OpCodes.Rem_Un,
            });
        }

        _stack.PushFromIl(type);
    }

    // The smallest number by -1 is the one quotient that does not fit.
    private void CheckQuotient(Operand dividend, Operand divisor, int position)
    {
        var fine = _il.DefineLabel();
        _emitter.EmitLeaf(divisor);
        EmitInteger(divisor.Type, -1, -1);
        _il.Emit(OpCodes.Bne_Un, fine);
        _emitter.EmitLeaf(dividend);
        EmitInteger(divisor.Type, int.MinValue, long.MinValue);
        _il.Emit(OpCodes.Beq, TrapAt(FaultKind.IntegerOverflow, position));
        _il.MarkLabel(fine);
    }

    private void EmitInteger(ValType type, int narrow, long wide)
    {
        if (type is ValType.I32)
        {
            _il.Emit(OpCodes.Ldc_I4, narrow);
        }
        else
        {
            _il.Emit(OpCodes.Ldc_I8, wide);
        }
    }

    private static ulong MinusOne(ValType type) => type is ValType.I32 ? uint.MaxValue : ulong.MaxValue;

    private void Truncate(int position, OpCode conversion, ValType type, float below, float above) =>
        Truncate(position, conversion, type, isUpper => _il.Emit(OpCodes.Ldc_R4, isUpper ? above : below));

    private void Truncate(int position, OpCode conversion, ValType type, double below, double above) =>
        Truncate(position, conversion, type, isUpper => _il.Emit(OpCodes.Ldc_R8, isUpper ? above : below));

    // What fits lies strictly between the two bounds, each the nearest float that does not fit.
    /// <param name="emitBound">Emits the upper bound for true, the lower for false.</param>
    private void Truncate(int position, OpCode conversion, ValType type, Action<bool> emitBound)
    {
        var value = _emitter.Pool(_stack.Pop());
        _emitter.EmitLeaf(value);
        _emitter.EmitLeaf(value);
        _il.Emit(OpCodes.Bne_Un, TrapAt(FaultKind.InvalidConversion, position));
        var overflow = TrapAt(FaultKind.IntegerOverflow, position);
        _emitter.EmitLeaf(value);
        emitBound(/* isUpper: */ false);
        _il.Emit(OpCodes.Ble, overflow);
        _emitter.EmitLeaf(value);
        emitBound(/* isUpper: */ true);
        _il.Emit(OpCodes.Bge, overflow);
        _emitter.Emit(value);
        _il.Emit(conversion);
        _stack.PushFromIl(type);
    }
}
