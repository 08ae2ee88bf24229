using System.Collections.Immutable;
using Tars.Lang.Lowering;
using Tars.Lang.Symbols;

namespace Tars.Lang.Emitting;

/// <summary>The waits of one handler: their numbers, and where the record of the agent holds what each keeps.</summary>
/// <param name="First">Number of the first among those of the agent.</param>
internal sealed record WaitPlan(int First, ImmutableArray<PlannedWait> Points)
{
    /// <summary>The locals that some wait keeps: each has a home of its own and shares nothing.</summary>
    public HashSet<LocalSymbol> KeptLocals { get; } =
    [
        .. Points.SelectMany(point => point.Values)
            .Where(value => value.Key.Role == KeptRole.Local)
            .Select(value => value.Key.Owner),
    ];
}

/// <summary>A wait with the places of what it keeps.</summary>
internal sealed record PlannedWait(WaitPoint Point, ImmutableArray<PlannedValue> Values);

/// <param name="Offset">From the beginning of the record's fields.</param>
internal readonly record struct PlannedValue(KeptKey Key, Layout Layout, int Offset);
