using System.Collections.Immutable;
using Tars.Bundle.Abi;

namespace Tars.Sim.Reference;

/// <summary>An effect as the effect ring would hold it: the scalars in order (floats as bits), then the byte
/// arguments.</summary>
internal sealed record ReferenceEffect(HostCall Call, ImmutableArray<long> Scalars, ImmutableArray<byte[]> Bytes)
{
    public override string ToString() =>
        $"{Call}({string.Join(", ", Scalars)}; {string.Join(", ", Bytes.Select(Convert.ToHexString))})";
}
