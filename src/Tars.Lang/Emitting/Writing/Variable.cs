using Tars.Bundle.Wasm;

namespace Tars.Lang.Emitting.Writing;

/// <summary>A local of a WebAssembly function: a parameter or a register of its body.</summary>
internal sealed class Variable(ValType type, LocalIndex index)
{
    public ValType Type { get; } = type;

    public LocalIndex Index { get; } = index;

    public static Term operator +(Variable a, Term b) => a.Get() + b;

    public static Term operator -(Variable a, Term b) => a.Get() - b;

    public static Term operator *(Variable a, Term b) => a.Get() * b;

    public static Term operator /(Variable a, Term b) => a.Get() / b;

    public static Term operator &(Variable a, Term b) => a.Get() & b;

    public static Term operator |(Variable a, Term b) => a.Get() | b;

    public static Term operator ^(Variable a, Term b) => a.Get() ^ b;

    public static Term operator <<(Variable a, Term b) => a.Get() << b;

    public static Term operator >>(Variable a, Term b) => a.Get() >> b;

    public static Term operator >>>(Variable a, Term b) => a.Get() >>> b;

    public static Term operator <(Variable a, Term b) => a.Get() < b;

    public static Term operator >(Variable a, Term b) => a.Get() > b;

    public static Term operator <=(Variable a, Term b) => a.Get() <= b;

    public static Term operator >=(Variable a, Term b) => a.Get() >= b;

    public static Term operator !(Variable a) => !a.Get();

    public Term Get() => Term.Of(Type, body => body.Code.LocalGet(Index));

    /// <summary>Sets it and leaves the value.</summary>
    public Term Tee(Term value) => Term.Of(Type, body =>
    {
        value.As(Type).Push(body);
        body.Code.LocalTee(Index);
    });

    public Term Is(Term other) => Get().Is(other);

    public Term IsNot(Term other) => Get().IsNot(other);

    public Term Below(Term other) => Get().Below(other);

    public Term Above(Term other) => Get().Above(other);

    public Term AtMost(Term other) => Get().AtMost(other);

    public Term AtLeast(Term other) => Get().AtLeast(other);

    public Term Wrap() => Get().Wrap();

    public Term ExtendUnsigned() => Get().ExtendUnsigned();

    public Term Load32(int offset = 0) => Get().Load32(offset);

    public Term Load8(int offset = 0) => Get().Load8(offset);

    public Term Load16(int offset = 0) => Get().Load16(offset);

    public Term Load64(int offset = 0) => Get().Load64(offset);

    public Term LoadF64(int offset = 0) => Get().LoadF64(offset);
}
