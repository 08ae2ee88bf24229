namespace Tars.Lang.Binding;

/// <summary>
/// What the language cannot say and its standard library needs: instructions and memory. Only the library's own
/// sources may call them; <see cref="Intrinsics"/> has their names and types.
/// </summary>
public enum Intrinsic
{
    /// <summary>The bits of a float.</summary>
    Bits,

    /// <summary>The float with those bits.</summary>
    FromBits,

    /// <summary>Toward zero, of a float that is known to fit.</summary>
    Truncate,

    /// <summary>Of 64 bits without a sign.</summary>
    FloatOfUnsigned,
    WrapAdd,
    WrapSub,
    WrapMul,

    /// <summary>By 0 to 63, as are the others.</summary>
    ShiftUp,

    /// <summary>Zeros come in from above.</summary>
    ShiftDown,
    RotateUp,
    LeadingZeros,

    /// <summary>Less, without a sign.</summary>
    Below,
    DivideUnsigned,
    RemainderUnsigned,

    /// <summary>One octet at an address.</summary>
    Load8,
    Load32,
    Load64,
    Store8,
    Store32,
    Store64,

    /// <summary>(to, from, size); they may overlap.</summary>
    Copy,

    /// <summary>(at, octet, size)</summary>
    Fill,

    /// <summary>So many octets of the stack.</summary>
    Take,

    /// <summary>What was taken is free again, and all that was taken since.</summary>
    Give,

    /// <summary>Room for a text of that size, which <see cref="TextOf"/> makes of it.</summary>
    Allocate,

    /// <summary>(at, end, wanted, size): where those octets begin first, or 0; the size is not 0.</summary>
    Find,

    /// <summary>Where a text lies.</summary>
    Address,

    /// <summary>Where the octets of bytes lie.</summary>
    Octets,

    /// <summary>(at, size): a text that lies there and belongs to somebody else.</summary>
    TextAt,

    /// <summary>(at, size): a text that lies in room that was allocated for it.</summary>
    TextOf,

    /// <summary>The argument is out of range: the event ends.</summary>
    Refuse,
}
