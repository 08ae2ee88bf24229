namespace Tars.Bundle.Abi;

/// <summary>One argument of a host call, as the guest passes it and as it lies in the effect ring.</summary>
/// <param name="Name">What it is called in docs/abi.md and in the text dump.</param>
public readonly record struct HostArgument(string Name, HostArgumentKind Kind);

/// <summary>How an argument crosses: scalars take eight bytes in the ring, bytes are copied there.</summary>
public enum HostArgumentKind
{
    /// <summary>One wasm i32; zero-extended to eight bytes in the ring.</summary>
    I32,

    /// <summary>One wasm i64.</summary>
    I64,

    /// <summary>One wasm f64; its bits in the ring.</summary>
    F64,

    /// <summary>
    /// Two wasm i32, address and size; in the ring the size as u32, four bytes of zero, then the octets, padded to
    /// eight.
    /// </summary>
    Bytes,
}
