using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Binding;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Types;

namespace Tars.Lang.Emitting;

/// <summary>What the standard library's own sources may call besides the language: a few instructions each.</summary>
/// <remarks>An address is an int there and an i32 here; its high half is zero.</remarks>
internal sealed partial class CodeEmitter
{
    /// <summary>Those that are one instruction, which takes and gives what they do.</summary>
    private static readonly Dictionary<Intrinsic, Opcode> _plainIntrinsics = new()
    {
        [Intrinsic.Bits] = Opcode.I64ReinterpretF64,
        [Intrinsic.FromBits] = Opcode.F64ReinterpretI64,
        [Intrinsic.Truncate] = Opcode.I64TruncF64S,
        [Intrinsic.FloatOfUnsigned] = Opcode.F64ConvertI64U,
        [Intrinsic.WrapAdd] = Opcode.I64Add,
        [Intrinsic.WrapSub] = Opcode.I64Sub,
        [Intrinsic.WrapMul] = Opcode.I64Mul,
        [Intrinsic.ShiftUp] = Opcode.I64Shl,
        [Intrinsic.ShiftDown] = Opcode.I64ShrU,
        [Intrinsic.RotateUp] = Opcode.I64Rotl,
        [Intrinsic.LeadingZeros] = Opcode.I64Clz,
        [Intrinsic.Below] = Opcode.I64LtU,
        [Intrinsic.DivideUnsigned] = Opcode.I64DivU,
        [Intrinsic.RemainderUnsigned] = Opcode.I64RemU,
    };

    private void PushIntrinsic(BoundExpr.CallIntrinsic call)
    {
        if (_plainIntrinsics.TryGetValue(call.Intrinsic, out var opcode))
        {
            PushAll(call.Arguments);
            _body.Code.Op(opcode);
            return;
        }

        switch (call.Intrinsic)
        {
            case Intrinsic.Load8:
                Load(Opcode.I64Load8U, call.Arguments[0]);
                break;
            case Intrinsic.Load32:
                Load(Opcode.I64Load32U, call.Arguments[0]);
                break;
            case Intrinsic.Load64:
                Load(Opcode.I64Load, call.Arguments[0]);
                break;
            case Intrinsic.Store8:
                Store(Opcode.I64Store8, call);
                break;
            case Intrinsic.Store32:
                Store(Opcode.I64Store32, call);
                break;
            case Intrinsic.Store64:
                Store(Opcode.I64Store, call);
                break;
            case Intrinsic.Copy:
                PushWrapped(call);
                _body.Code.MemoryCopy();
                break;
            case Intrinsic.Fill:
                PushWrapped(call);
                _body.Code.MemoryFill();
                break;
            default:
                PushMemory(call);
                break;
        }
    }

    private void PushMemory(BoundExpr.CallIntrinsic call)
    {
        switch (call.Intrinsic)
        {
            case Intrinsic.Take:
                var size = Register(ValType.I32);
                PushWrapped(call);
                _body.Pop(size);
                _body.Push(Frames.Enter(_body, size).ExtendUnsigned());
                break;
            case Intrinsic.Give:
                _body.Code.I32Const(MemoryMap.StackTop);
                PushWrapped(call);
                _body.Code.Store(Opcode.I32Store);
                break;
            case Intrinsic.Allocate:
                PushAll(call.Arguments);
                _body.CallPushed(Texts.Room);
                _body.Code.Op(Opcode.I64ExtendI32U);
                break;
            case Intrinsic.Find:
                PushWrapped(call);
                _body.CallPushed(Texts.Find);
                _body.Code.Op(Opcode.I64ExtendI32U);
                break;
            case Intrinsic.Address:
                PushBorrowed(call.Arguments[0]);
                _body.Code.I64Const(0xFFFF_FFFF).Op(Opcode.I64And);
                break;
            case Intrinsic.Octets:
                PushBorrowed(call.Arguments[0]);
                _body.Code.I32Const(Lists.Items).Op(Opcode.I32Add).Op(Opcode.I64ExtendI32U);
                break;
            case Intrinsic.TextAt or Intrinsic.TextOf:
                PushAll(call.Arguments);
                _body.Code.I64Const(32).Op(Opcode.I64Shl).Op(Opcode.I64Or);
                break;
            case Intrinsic.Refuse:
                Trap(GuestTrap.ValueOutOfRange);
                break;
            default:
                throw NotHere();
        }
    }

    private void PushAll(IEnumerable<BoundExpr> arguments)
    {
        foreach (var argument in arguments)
        {
            PushValue(argument);
        }
    }

    private void PushWrapped(BoundExpr.CallIntrinsic call)
    {
        foreach (var argument in call.Arguments)
        {
            PushValue(argument);
            _body.Code.Op(Opcode.I32WrapI64);
        }
    }

    private void Load(Opcode opcode, BoundExpr address) => _body.Code.Load(opcode, PushAddressOf(address), align: 0);

    private void Store(Opcode opcode, BoundExpr.CallIntrinsic call)
    {
        uint offset = PushAddressOf(call.Arguments[0]);
        PushValue(call.Arguments[1]);
        _body.Code.Store(opcode, offset, align: 0);
    }

    /// <summary>Leaves an address on the stack and answers the constant that the instruction adds to it.</summary>
    private uint PushAddressOf(BoundExpr address)
    {
        bool isSum = address is BoundExpr.Binary
        {
            Op: BoundBinaryOp.Add, Type: LangType.Int, Right: BoundExpr.IntLiteral { Value: >= 0 and < 0x1000 },
        };
        var sum = isSum ? (BoundExpr.Binary)address : null;
        PushValue(sum?.Left ?? address);
        _body.Code.Op(Opcode.I32WrapI64);
        return sum is null ? 0 : (uint)((BoundExpr.IntLiteral)sum.Right).Value;
    }
}
