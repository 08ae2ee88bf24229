using System.Collections.Immutable;
using Tars.Lang.Binding;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Lowering;

/// <summary>One way to one ask: through the procedures that are asked, to where the handler waits.</summary>
/// <param name="Kept">What must outlive the wait, outermost code first, in order of declaration.</param>
internal sealed record WaitPoint(BoundSource.Ask Ask, ImmutableArray<KeptValue> Kept);

/// <summary>A value that outlives a wait.</summary>
/// <param name="Name">
/// That of the local; behind a point what a loop hides; before a point the procedure that was asked.
/// </param>
internal sealed record KeptValue(KeptKey Key, string Name, LangType Type);

/// <summary>What a kept value is, for whoever writes the code: a local, or where a loop stands.</summary>
/// <param name="Owner">The local, or the first name that the loop binds.</param>
internal readonly record struct KeptKey(LocalSymbol Owner, KeptRole Role);

/// <summary>The parts that values play which outlive a wait.</summary>
internal enum KeptRole
{
    Local,

    /// <summary>Where a range stands.</summary>
    RangePlace,

    /// <summary>The end of a range.</summary>
    RangeEnd,

    /// <summary>The list that is walked, as it was when the loop began.</summary>
    ListItems,

    /// <summary>The place of the item, from 0.</summary>
    ListPlace,

    /// <summary>The map that is walked, as it was when the loop began.</summary>
    MapEntries,

    /// <summary>The key of the entry; the next one is the first above it.</summary>
    MapKey,
}
