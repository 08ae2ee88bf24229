using System.Buffers.Binary;
using Tars.Bundle.Schema;

namespace Tars.Bundle.Manifest;

/// <summary>Whether a value may stand in a parameter: of its type, and inside its closed range.</summary>
public static class ParamRange
{
    public static bool Holds(ParamSpec param, ReadOnlySpan<byte> value) =>
        ValueEncoding.IsValid(param.Type, value)
        && (param.Low is not { } low || NotBefore(param.Type, value, low.AsSpan()))
        && (param.High is not { } high || NotBefore(param.Type, high.AsSpan(), value));

    // A NaN is neither before nor after anything, so it lies in no range.
    private static bool NotBefore(SchemaType type, ReadOnlySpan<byte> later, ReadOnlySpan<byte> earlier) => type switch
    {
        SchemaType.Float =>
            BinaryPrimitives.ReadDoubleLittleEndian(earlier) <= BinaryPrimitives.ReadDoubleLittleEndian(later),
        _ => ValueEncoding.MayBeKey(type) && ValueEncoding.Compare(type, earlier, later) <= 0,
    };
}
