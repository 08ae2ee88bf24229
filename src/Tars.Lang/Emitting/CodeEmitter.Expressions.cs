using System.Diagnostics;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Binding;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Lowering;
using Tars.Lang.Types;

namespace Tars.Lang.Emitting;

/// <summary>Expressions whose value fits a register.</summary>
internal sealed partial class CodeEmitter
{
    /// <summary>
    /// Leaves a value that fits a register on the stack; who owns it follows from where it comes from.
    /// </summary>
    private void PushValue(BoundExpr expr)
    {
        var layout = LayoutOf(expr.Type);
        switch (expr)
        {
            case BoundExpr.BoolLiteral literal:
                _body.Code.I32Const(literal.Value ? 1 : 0);
                break;
            case BoundExpr.IntLiteral literal:
                _body.Code.I64Const(literal.Value);
                break;
            case BoundExpr.FloatLiteral literal:
                _body.Code.F64Const(literal.Value);
                break;
            case BoundExpr.TextLiteral literal:
                _body.Code.I64Const(_unit.Module.TextValue(literal.Value));
                break;
            case BoundExpr.Local local:
                _body.Push(_homes[local.Symbol].Value(layout));
                break;
            case BoundExpr.Observed seen:
                _body.Push(_homes[seen.Given].Value(layout));
                break;
            case BoundExpr.State state:
                _body.Push(Values.Load(layout, _unit.StateAt(state.Symbol)));
                break;
            case BoundExpr.Param param:
                PushParam(param, layout);
                break;
            case BoundExpr.BytesLiteral literal:
                _body.Push(Lists.OfRange.Call(
                    _unit.Module.DataAt(literal.Value.AsSpan()), literal.Value.Length));
                break;
            case BoundExpr.Constant constant when IsPlainLiteral(constant.Symbol.Folded ?? constant.Symbol.Value!):
                PushValue(constant.Symbol.Folded ?? constant.Symbol.Value!);
                break;
            case BoundExpr.Constant constant:
                _body.Push(Values.Load(layout, _unit.ConstantAt(constant.Symbol)));
                break;
            case BoundExpr.Self:
                _body.Push(_unit.SelfSlot);
                break;
            case BoundExpr.Field field:
                PushAddress(field.Target);
                LoadPushed(layout, PartOf(field).Offset);
                break;
            case BoundExpr.Index index:
                PushIndex(index, layout);
                break;
            case BoundExpr.MakeCase make:
                _body.Code.I32Const(make.Case.Index);
                break;
            case BoundExpr.Belief belief:
                _body.Push(_unit.StrengthAt(belief.BeliefIndex).LoadF64());
                break;
            default:
                PushComputed(expr, layout);
                break;
        }
    }

    private static bool IsPlainLiteral(BoundExpr value) => value is
        BoundExpr.BoolLiteral or BoundExpr.IntLiteral or BoundExpr.FloatLiteral or BoundExpr.TextLiteral;

    // A param of an imported module is not one of this system's: it stays what its own module says.
    private void PushParam(BoundExpr.Param param, Layout layout)
    {
        if (_unit.IsFolding && _unit.ParamAt(param.Symbol) is not null)
        {
            _body.Store32(MemoryMap.FoldReadsParam, 1);
            _body.Unreachable();
        }
        else if (_unit.ParamAt(param.Symbol) is { } at)
        {
            _body.Push(Values.Load(layout, at));
        }
        else
        {
            PushValue(param.Symbol.Value!);
        }
    }

    private void PushComputed(BoundExpr expr, Layout layout)
    {
        switch (expr)
        {
            case BoundExpr.Not not:
                PushValue(not.Operand);
                _body.Code.Op(Opcode.I32Eqz);
                break;
            case BoundExpr.And and:
                PushCondition(and.Left);
                _body.Code.If(BlockType.Of(ValType.I32));
                PushCondition(and.Right);
                _body.Code.Else().I32Const(0).End();
                break;
            case BoundExpr.Or or:
                PushCondition(or.Left);
                _body.Code.If(BlockType.Of(ValType.I32)).I32Const(1).Else();
                PushCondition(or.Right);
                _body.Code.End();
                break;
            case BoundExpr.If choice:
                PushChoice(choice, layout);
                break;
            case BoundExpr.Coalesce coalesce:
                PushCoalesce(coalesce, layout);
                break;
            case BoundExpr.Negate negate:
                PushNegate(negate);
                break;
            case BoundExpr.Binary binary:
                PushBinary(binary);
                break;
            case BoundExpr.Compare compare:
                PushCompare(compare);
                break;
            case BoundExpr.Template template:
                PushTemplate(template.Parts);
                break;
            case BoundExpr.ListLiteral list:
                PushList(list, layout);
                break;
            case BoundExpr.MapLiteral map:
                PushMap(map, layout);
                break;
            case BoundExpr.CallFunction call:
                Call(_unit.FunctionOf(call.Function), call.Arguments, writesState: false, place: null);
                break;
            case BoundExpr.CallProcedure call:
                Call(_unit.ProcedureOf(_agent!, call.Procedure), call.Arguments, call.Procedure.WritesState,
                    place: null);
                break;
            case BoundExpr.CallBuiltIn call:
                PushBuiltIn(call, layout);
                break;
            case BoundExpr.CallIntrinsic call:
                PushIntrinsic(call);
                break;
            case BoundExpr.CallMethod call:
                PushMethod(call, layout);
                break;
            case BoundExpr.LambdaMethod lambda:
                PushLambda(lambda, layout);
                break;
            default:
                throw NotHere();
        }
    }

    /// <summary>A call of something that gives no value.</summary>
    private void PushUnit(BoundExpr expr)
    {
        OpenScope();
        switch (expr)
        {
            case BoundExpr.CallFunction call:
                Call(_unit.FunctionOf(call.Function), call.Arguments, writesState: false, place: null);
                break;
            case BoundExpr.CallProcedure call:
                Call(_unit.ProcedureOf(_agent!, call.Procedure), call.Arguments, call.Procedure.WritesState,
                    place: null);
                break;
            case BoundExpr.CallIntrinsic call:
                PushIntrinsic(call);
                break;
            default:
                throw NotHere();
        }

        CloseScope();
    }

    /// <summary>A bool whose temporaries are gone when it is on the stack.</summary>
    private void PushCondition(BoundExpr condition)
    {
        OpenScope();
        PushValue(condition);
        CloseScope();
    }

    private void PushChoice(BoundExpr.If choice, Layout layout)
    {
        bool borrowed = OriginOf(choice) == Origin.Place;
        PushCondition(choice.Condition);
        _body.Code.If(BlockType.Of(layout.Scalar!.Value));
        PushSide(choice.Then);
        _body.Code.Else();
        PushSide(choice.Else);
        _body.Code.End();

        void PushSide(BoundExpr side)
        {
            _unit.Count(_body, side);
            if (borrowed)
            {
                PushValue(side);
            }
            else
            {
                Branch(layout, side, place: null);
            }
        }
    }

    private void PushCoalesce(BoundExpr.Coalesce coalesce, Layout layout)
    {
        OpenScope();
        var maybe = Open(coalesce.Left, keep: true);
        _body.Push(maybe.Has);
        _body.Code.If(BlockType.Of(layout.Scalar!.Value));
        _body.Push(maybe.Address.Value(layout));
        if (maybe.IsPlace && layout.Owns)
        {
            _body.CallPushed(Values.Copy(layout));
        }

        _body.Code.Else();
        Branch(layout, coalesce.Right, place: null);
        _body.Code.End();
        CloseScope();
    }

    private void PushIndex(BoundExpr.Index index, Layout layout)
    {
        if (LayoutOf(index.Target.Type).Shape == Shape.Bytes)
        {
            PushBorrowed(index.Target, index.At);
            PushValue(index.At);
            _body.Code.I32Const(1);
            _body.CallPushed(Lists.Range);
            _body.Code.Load(Opcode.I64Load8U);
            return;
        }

        PushElementAddress(index);
        LoadPushed(layout);
    }

    private void PushNegate(BoundExpr.Negate negate)
    {
        if (negate.Type is LangType.Float)
        {
            PushValue(negate.Operand);
            _body.Code.Op(Opcode.F64Neg);
            return;
        }

        _body.Code.I64Const(0);
        PushValue(negate.Operand);
        AddPushed(isSum: false);
    }

    private void PushBinary(BoundExpr.Binary binary)
    {
        PushValue(binary.Left);
        if (binary.Right is BoundExpr.IntLiteral literal && TryApplyLiteral(binary.Op, binary.Left.Type, literal.Value))
        {
            return;
        }

        if (binary is { Op: BoundBinaryOp.Divide, Left.Type: LangType.Duration, Right.Type: LangType.Duration })
        {
            _body.Code.Op(Opcode.F64ConvertI64S);
            PushValue(binary.Right);
            _body.Code.Op(Opcode.F64ConvertI64S).Op(Opcode.F64Div);
            return;
        }

        PushValue(binary.Right);
        ApplyBinary(binary.Op, binary.Left.Type, binary.Right.Type);
    }

    /// <summary>
    /// Combines the int on the stack and a literal, where that needs no routine: what could go wrong is known here.
    /// </summary>
    private bool TryApplyLiteral(BoundBinaryOp op, LangType left, long right)
    {
        switch (op)
        {
            case BoundBinaryOp.Add or BoundBinaryOp.Subtract when right > 0:
                AddStep(op == BoundBinaryOp.Add ? right : -right);
                return true;
            case BoundBinaryOp.Divide when left is LangType.Int && right is not (0 or -1):
                _body.Code.I64Const(right).Op(Opcode.I64DivS);
                return true;
            case BoundBinaryOp.Remainder when right is not (0 or -1):
                _body.Code.I64Const(right).Op(Opcode.I64RemS);
                return true;
            case BoundBinaryOp.ShiftLeft when right is >= 0 and <= 63:
                _body.Code.I64Const(right).Op(Opcode.I64Shl);
                return true;
            case BoundBinaryOp.ShiftRight when right is >= 0 and <= 63:
                _body.Code.I64Const(right).Op(Opcode.I64ShrS);
                return true;
            default:
                return false;
        }
    }

    /// <summary>
    /// Adds a constant to the int on the stack. A positive one overflows exactly when the sum is less, another exactly
    /// when it is greater.
    /// </summary>
    private void AddStep(long step)
    {
        var before = _body.Borrow(ValType.I64);
        var sum = _body.Borrow(ValType.I64);
        _body.Pop(before);
        _body.Set(sum, before + step);
        _body.TrapIf(step > 0 ? sum < before : sum > before, GuestTrap.Overflow);
        _body.Get(sum);
        _body.GiveBack(before);
        _body.GiveBack(sum);
    }

    /// <summary>
    /// Turns the two ints on the stack into their sum or difference. In line, since handlers are full of them and `cil`
    /// puts no function in line.
    /// </summary>
    private void AddPushed(bool isSum)
    {
        var a = _body.Borrow(ValType.I64);
        var b = _body.Borrow(ValType.I64);
        var result = _body.Borrow(ValType.I64);
        _body.Pop(b);
        _body.Pop(a);
        _body.Set(result, isSum ? a + b : a - b);
        // A sum overflows exactly when both operands differ in sign from it; a difference, when the operands differ
        // in sign and the first differs from it.
        _body.TrapIf((isSum ? (a ^ result) & (b ^ result) : (a ^ b) & (a ^ result)) < 0L, GuestTrap.Overflow);
        _body.Get(result);
        _body.GiveBack(a);
        _body.GiveBack(b);
        _body.GiveBack(result);
    }

    /// <summary>Combines the two values on the stack.</summary>
    private void ApplyBinary(BoundBinaryOp op, LangType left, LangType right)
    {
        if (left is LangType.Float && right is LangType.Float)
        {
            _body.Code.Op(op switch
            {
                BoundBinaryOp.Add => Opcode.F64Add,
                BoundBinaryOp.Subtract => Opcode.F64Sub,
                BoundBinaryOp.Multiply => Opcode.F64Mul,
                BoundBinaryOp.Divide => Opcode.F64Div,
                _ => throw new UnreachableException(),
            });
        }
        else if (right is LangType.Float)
        {
            _body.CallPushed(_unit.Numbers.Scale);
        }
        else if (left is LangType.Float)
        {
            _body.CallPushed(_unit.Numbers.ScaleBy);
        }
        else
        {
            ApplyInt(op);
        }
    }

    private void ApplyInt(BoundBinaryOp op)
    {
        var numbers = _unit.Numbers;
        switch (op)
        {
            case BoundBinaryOp.Add or BoundBinaryOp.Subtract:
                AddPushed(op == BoundBinaryOp.Add);
                break;
            case BoundBinaryOp.Multiply:
                _body.CallPushed(numbers.Multiply);
                break;
            case BoundBinaryOp.Divide:
                _body.CallPushed(numbers.Divide);
                break;
            case BoundBinaryOp.Remainder:
                _body.CallPushed(numbers.Remainder);
                break;
            case BoundBinaryOp.BitAnd:
                _body.Code.Op(Opcode.I64And);
                break;
            case BoundBinaryOp.BitOr:
                _body.Code.Op(Opcode.I64Or);
                break;
            case BoundBinaryOp.BitXor:
                _body.Code.Op(Opcode.I64Xor);
                break;
            case BoundBinaryOp.ShiftLeft:
                _body.CallPushed(numbers.ShiftLeft);
                break;
            case BoundBinaryOp.ShiftRight:
                _body.CallPushed(numbers.ShiftRight);
                break;
        }
    }

    private void PushCompare(BoundExpr.Compare compare)
    {
        var layout = LayoutOf(compare.Left.Type);
        OpenScope();
        if (compare.Right is BoundExpr.None || compare.Left is BoundExpr.None)
        {
            var some = Open(compare.Right is BoundExpr.None ? compare.Left : compare.Right, keep: false);
            _body.Push(some.Has);
            if (compare.Op == BoundCompareOp.Equal)
            {
                _body.Code.Op(Opcode.I32Eqz);
            }
            else
            {
                // Has may be an address; the answer is 0 or 1.
                _body.Code.Op(Opcode.I32Eqz).Op(Opcode.I32Eqz);
            }

            CloseScope();
            return;
        }

        var left = Register(Values.PassedAs(layout));
        var right = Register(Values.PassedAs(layout));
        PushBorrowed(compare.Left, compare.Right);
        _body.Pop(left);
        PushBorrowed(compare.Right);
        _body.Pop(right);
        _body.Push(Order(compare.Op, layout, left, right));
        CloseScope();
    }

    private Term Order(BoundCompareOp op, Layout layout, Term a, Term b)
    {
        bool plain = layout.Shape is Shape.Int or Shape.Float or Shape.Choice or Shape.Bool;
        var order = plain || op is BoundCompareOp.Equal or BoundCompareOp.NotEqual ? a : Values.Compare(layout, a, b);
        var zero = plain ? b : Term.I32(0);
        return op switch
        {
            BoundCompareOp.Equal => Values.Same(layout, a, b),
            BoundCompareOp.NotEqual => layout.Shape == Shape.Float ? a.IsNot(b) : !Values.Same(layout, a, b),
            BoundCompareOp.Less => order < zero,
            BoundCompareOp.LessOrEqual => order <= zero,
            BoundCompareOp.Greater => order > zero,
            BoundCompareOp.GreaterOrEqual => order >= zero,
        };
    }
}
