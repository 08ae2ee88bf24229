using System.Collections.Immutable;

namespace Tars.Kernel.Ports;

/// <summary>On what terms a new version may take the place of the running one.</summary>
public sealed record SwapTerms
{
    private const long Second = 1_000_000_000;

    /// <summary>Nanoseconds that the swap waits for handlers that wait for an answer.</summary>
    public long Within { get; init; } = 5 * Second;

    /// <summary>
    /// Nanoseconds for which the old version is kept: a trap of the new one brings it back. Zero for no such time.
    /// </summary>
    public long Probation { get; init; }

    /// <summary>True when the swap is wanted though there may be no way back.</summary>
    public bool NoReturn { get; init; }

    /// <summary>What the new version may use that the old one does not, in the words of the comparison.</summary>
    public ImmutableArray<string> Granted { get; init; } = [];

    /// <summary>True when whatever the new version uses is granted.</summary>
    public bool GrantsAll { get; init; }
}
