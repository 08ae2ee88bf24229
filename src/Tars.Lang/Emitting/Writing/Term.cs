using Tars.Base;
using Tars.Bundle.Wasm;

namespace Tars.Lang.Emitting.Writing;

/// <summary>A WebAssembly expression of known type that can be written into a body, as often as it is pushed.</summary>
/// <remarks>
/// The operators of C# write the operators of WebAssembly: arithmetic wraps, <c>/</c> and <c>%</c> and comparisons are
/// signed; the unsigned ones have names. A constant takes the type of what stands beside it, so <c>x + 1</c> fits an
/// i32 and an i64 alike.
/// </remarks>
internal sealed class Term
{
    private readonly Action<Body> _push;
    private readonly long? _constant;

    private Term(ValType type, Action<Body> push, long? constant = null)
    {
        Type = type;
        _push = push;
        _constant = constant;
    }

    public ValType Type { get; }

    public static Term Of(ValType type, Action<Body> push) => new(type, push);

    public static Term I32(int value) => new(ValType.I32, body => body.Code.I32Const(value), value);

    public static Term I64(long value) => new(ValType.I64, body => body.Code.I64Const(value), value);

    public static Term F64(double value) => new(ValType.F64, body => body.Code.F64Const(value));

    public static implicit operator Term(int value) => I32(value);

    public static implicit operator Term(long value) => I64(value);

    public static implicit operator Term(double value) => F64(value);

    public static implicit operator Term(Variable variable) => variable.Get();

    public void Push(Body body) => _push(body);

    /// <summary>The same number as this type, when it is a constant.</summary>
    public Term As(ValType type)
    {
        if (_constant is { } value && type != Type)
        {
            return type == ValType.I64 ? I64(value) : type == ValType.I32 ? I32((int)value) : F64(value);
        }

        return this;
    }

    public static Term operator +(Term a, Term b) => Two(a, b, Opcode.I32Add, Opcode.I64Add, Opcode.F64Add);

    public static Term operator -(Term a, Term b) => Two(a, b, Opcode.I32Sub, Opcode.I64Sub, Opcode.F64Sub);

    public static Term operator *(Term a, Term b) => Two(a, b, Opcode.I32Mul, Opcode.I64Mul, Opcode.F64Mul);

    public static Term operator /(Term a, Term b) => Two(a, b, Opcode.I32DivS, Opcode.I64DivS, Opcode.F64Div);

    public static Term operator %(Term a, Term b) => Two(a, b, Opcode.I32RemS, Opcode.I64RemS, null);

    public static Term operator &(Term a, Term b) => Two(a, b, Opcode.I32And, Opcode.I64And, null);

    public static Term operator |(Term a, Term b) => Two(a, b, Opcode.I32Or, Opcode.I64Or, null);

    public static Term operator ^(Term a, Term b) => Two(a, b, Opcode.I32Xor, Opcode.I64Xor, null);

    public static Term operator <<(Term a, Term b) => Two(a, b, Opcode.I32Shl, Opcode.I64Shl, null);

    public static Term operator >>(Term a, Term b) => Two(a, b, Opcode.I32ShrS, Opcode.I64ShrS, null);

    public static Term operator >>>(Term a, Term b) => Two(a, b, Opcode.I32ShrU, Opcode.I64ShrU, null);

    public static Term operator <(Term a, Term b) => Compare(a, b, Opcode.I32LtS, Opcode.I64LtS, Opcode.F64Lt);

    public static Term operator >(Term a, Term b) => Compare(a, b, Opcode.I32GtS, Opcode.I64GtS, Opcode.F64Gt);

    public static Term operator <=(Term a, Term b) => Compare(a, b, Opcode.I32LeS, Opcode.I64LeS, Opcode.F64Le);

    public static Term operator >=(Term a, Term b) => Compare(a, b, Opcode.I32GeS, Opcode.I64GeS, Opcode.F64Ge);

    public static Term operator -(Term a) => a.Type == ValType.F64
        ? One(a, Opcode.F64Neg, ValType.F64) : I32(0).As(a.Type) - a;

    /// <summary>1 when zero, else 0.</summary>
    public static Term operator !(Term a) => One(a, a.Type == ValType.I64 ? Opcode.I64Eqz : Opcode.I32Eqz, ValType.I32);

    public Term Is(Term other) => Compare(this, other, Opcode.I32Eq, Opcode.I64Eq, Opcode.F64Eq);

    public Term IsNot(Term other) => Compare(this, other, Opcode.I32Ne, Opcode.I64Ne, Opcode.F64Ne);

    /// <summary>Less, unsigned.</summary>
    public Term Below(Term other) => Compare(this, other, Opcode.I32LtU, Opcode.I64LtU, null);

    /// <summary>Greater, unsigned.</summary>
    public Term Above(Term other) => Compare(this, other, Opcode.I32GtU, Opcode.I64GtU, null);

    /// <summary>Less or equal, unsigned.</summary>
    public Term AtMost(Term other) => Compare(this, other, Opcode.I32LeU, Opcode.I64LeU, null);

    /// <summary>Greater or equal, unsigned.</summary>
    public Term AtLeast(Term other) => Compare(this, other, Opcode.I32GeU, Opcode.I64GeU, null);

    public Term OverUnsigned(Term other) => Two(this, other, Opcode.I32DivU, Opcode.I64DivU, null);

    public Term ModUnsigned(Term other) => Two(this, other, Opcode.I32RemU, Opcode.I64RemU, null);

    public Term RotateLeft(Term by) => Two(this, by, Opcode.I32Rotl, Opcode.I64Rotl, null);

    public Term LeadingZeros() => One(this, Type == ValType.I64 ? Opcode.I64Clz : Opcode.I32Clz, Type);

    public Term TrailingZeros() => One(this, Type == ValType.I64 ? Opcode.I64Ctz : Opcode.I32Ctz, Type);

    /// <summary>The low half of an i64.</summary>
    public Term Wrap() => One(this, Opcode.I32WrapI64, ValType.I32);

    public Term ExtendUnsigned() => One(this, Opcode.I64ExtendI32U, ValType.I64);

    public Term ExtendSigned() => One(this, Opcode.I64ExtendI32S, ValType.I64);

    public Term Bits() => One(this, Opcode.I64ReinterpretF64, ValType.I64);

    public Term FromBits() => One(this, Opcode.F64ReinterpretI64, ValType.F64);

    public Term ToFloat() => One(this, Opcode.F64ConvertI64S, ValType.F64);

    public Term ToFloatUnsigned() => One(this, Opcode.F64ConvertI64U, ValType.F64);

    /// <summary>Toward zero; traps in the engine when it does not fit, so it is checked before.</summary>
    public Term Truncate() => One(this, Opcode.I64TruncF64S, ValType.I64);

    /// <summary>An operator with one operand that has no sign of its own in C#.</summary>
    public Term Unary(Opcode opcode) => One(this, opcode, Type);

    /// <summary>An operator with two operands that has no sign of its own in C#.</summary>
    public Term Binary(Opcode opcode, Term other) => new(Type, body => Write(body, this, other, opcode));

    /// <summary>Both are evaluated; the first when the condition is not zero.</summary>
    public static Term Select(Term condition, Term a, Term b)
    {
        var (left, right) = Unify(a, b);
        return new(left.Type, body =>
        {
            left.Push(body);
            right.Push(body);
            condition.Push(body);
            body.Code.Op(Opcode.Select);
        });
    }

    /// <summary>Only the chosen one is evaluated.</summary>
    public static Term Choose(Term condition, Term a, Term b)
    {
        var (left, right) = Unify(a, b);
        return new(left.Type, body =>
        {
            condition.Push(body);
            body.Code.If(BlockType.Of(left.Type));
            left.Push(body);
            body.Code.Else();
            right.Push(body);
            body.Code.End();
        });
    }

    /// <summary>The second is evaluated only when the first is true.</summary>
    public Term AndThen(Term other) => Choose(this, other, 0);

    /// <summary>The second is evaluated only when the first is false.</summary>
    public Term OrElse(Term other) => Choose(this, 1, other);

    public Term Load32(int offset = 0) => Load(Opcode.I32Load, ValType.I32, offset);

    public Term Load8(int offset = 0) => Load(Opcode.I32Load8U, ValType.I32, offset);

    public Term Load16(int offset = 0) => Load(Opcode.I32Load16U, ValType.I32, offset);

    public Term Load64(int offset = 0) => Load(Opcode.I64Load, ValType.I64, offset);

    public Term LoadF64(int offset = 0) => Load(Opcode.F64Load, ValType.F64, offset);

    /// <param name="offset">Not negative: WebAssembly adds it without wrapping.</param>
    public Term Load(Opcode opcode, ValType type, int offset)
    {
        Invariant.Holds(0 <= offset);
        return new(type, body =>
        {
            Push(body);
            body.Code.Load(opcode, (uint)offset, align: 0);
        });
    }

    private static Term One(Term a, Opcode opcode, ValType type) => new(type, body =>
    {
        a.Push(body);
        body.Code.Op(opcode);
    });

    private static Term Two(Term a, Term b, Opcode i32, Opcode i64, Opcode? f64)
    {
        var (left, right) = Unify(a, b);
        return new(left.Type, body => Write(body, left, right, Pick(left.Type, i32, i64, f64)));
    }

    private static Term Compare(Term a, Term b, Opcode i32, Opcode i64, Opcode? f64)
    {
        var (left, right) = Unify(a, b);
        return new(ValType.I32, body => Write(body, left, right, Pick(left.Type, i32, i64, f64)));
    }

    private static (Term Left, Term Right) Unify(Term a, Term b)
    {
        var left = a._constant is null ? a : a.As(b.Type);
        var right = b.As(left.Type);
        Invariant.Holds(left.Type == right.Type);
        return (left, right);
    }

    private static void Write(Body body, Term a, Term b, Opcode opcode)
    {
        a.Push(body);
        b.Push(body);
        body.Code.Op(opcode);
    }

    private static Opcode Pick(ValType type, Opcode i32, Opcode i64, Opcode? f64)
    {
        if (type == ValType.F64)
        {
            Invariant.Holds(f64 is not null);
            return f64.Value;
        }

        return type == ValType.I64 ? i64 : i32;
    }
}
