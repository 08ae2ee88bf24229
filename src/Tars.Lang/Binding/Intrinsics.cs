using System.Collections.Immutable;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>
/// The intrinsics by name. To add one: a case of the enum, a row here, its instructions in the emitter.
/// </summary>
internal static class Intrinsics
{
    private static readonly LangType _int = CoreTypes.Int;
    private static readonly LangType _float = CoreTypes.Float;
    private static readonly LangType _text = CoreTypes.Text;
    private static readonly LangType _none = CoreTypes.Unit;

    private static readonly Dictionary<string, IntrinsicRow> _rows = new(StringComparer.Ordinal)
    {
        ["bits"] = new(Intrinsic.Bits, _int, _float),
        ["from_bits"] = new(Intrinsic.FromBits, _float, _int),
        ["truncate"] = new(Intrinsic.Truncate, _int, _float),
        ["float_of_unsigned"] = new(Intrinsic.FloatOfUnsigned, _float, _int),
        ["wrap_add"] = new(Intrinsic.WrapAdd, _int, _int, _int),
        ["wrap_sub"] = new(Intrinsic.WrapSub, _int, _int, _int),
        ["wrap_mul"] = new(Intrinsic.WrapMul, _int, _int, _int),
        ["shift_up"] = new(Intrinsic.ShiftUp, _int, _int, _int),
        ["shift_down"] = new(Intrinsic.ShiftDown, _int, _int, _int),
        ["rotate_up"] = new(Intrinsic.RotateUp, _int, _int, _int),
        ["leading_zeros"] = new(Intrinsic.LeadingZeros, _int, _int),
        ["below"] = new(Intrinsic.Below, CoreTypes.Bool, _int, _int),
        ["divide_unsigned"] = new(Intrinsic.DivideUnsigned, _int, _int, _int),
        ["remainder_unsigned"] = new(Intrinsic.RemainderUnsigned, _int, _int, _int),
        ["load8"] = new(Intrinsic.Load8, _int, _int),
        ["load32"] = new(Intrinsic.Load32, _int, _int),
        ["load64"] = new(Intrinsic.Load64, _int, _int),
        ["store8"] = new(Intrinsic.Store8, _none, _int, _int),
        ["store32"] = new(Intrinsic.Store32, _none, _int, _int),
        ["store64"] = new(Intrinsic.Store64, _none, _int, _int),
        ["copy"] = new(Intrinsic.Copy, _none, _int, _int, _int),
        ["fill"] = new(Intrinsic.Fill, _none, _int, _int, _int),
        ["take"] = new(Intrinsic.Take, _int, _int),
        ["give"] = new(Intrinsic.Give, _none, _int),
        ["allocate"] = new(Intrinsic.Allocate, _int, _int),
        ["find"] = new(Intrinsic.Find, _int, _int, _int, _int, _int),
        ["address"] = new(Intrinsic.Address, _int, _text),
        ["octets"] = new(Intrinsic.Octets, _int, CoreTypes.Bytes),
        ["text_at"] = new(Intrinsic.TextAt, _text, _int, _int),
        ["text_of"] = new(Intrinsic.TextOf, _text, _int, _int),
        ["refuse"] = new(Intrinsic.Refuse, _none),
    };

    public static IntrinsicRow? Find(string name) => _rows.GetValueOrDefault(name);
}

/// <summary>An intrinsic with its types.</summary>
internal sealed record IntrinsicRow(Intrinsic Intrinsic, LangType Returns, params ImmutableArray<LangType> Parameters);
