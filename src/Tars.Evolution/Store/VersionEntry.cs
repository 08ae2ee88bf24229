using System.Collections.Immutable;

namespace Tars.Evolution.Store;

/// <summary>One thing that happened to the versions of a module.</summary>
/// <param name="Version">Of its text, canonical; none for a prune.</param>
/// <param name="Parent">The version that it was made from, or none.</param>
/// <param name="Notes">What is known of it beside its text, as an object of the store; none for nothing.</param>
/// <param name="Score">The objective's value, where it was measured.</param>
/// <param name="By">Who did it: a person, or `evolve`.</param>
/// <param name="At">When, as the one who did it says; the store has no clock.</param>
/// <param name="Shown">Of an approval: the typed diff that was shown. Of a look: what judged.</param>
/// <param name="Dropped">Of a prune or a squash: the versions whose texts are gone.</param>
public sealed record VersionEntry(
    VersionEvent Event,
    VersionId Version,
    VersionId Parent,
    VersionId Notes,
    double? Score,
    string By,
    string At,
    VersionId Shown,
    ImmutableArray<VersionId> Dropped)
{
    /// <summary>The name of this entry and all before it; nobody else makes one up.</summary>
    public VersionId Chain { get; init; }
}

/// <summary>What can happen to versions.</summary>
public enum VersionEvent
{
    /// <summary>A person put a text in; it becomes the head.</summary>
    Keep,

    /// <summary>Evolution passed all gates with it; it becomes the head.</summary>
    Commit,

    /// <summary>An older one is the head again; nothing is lost.</summary>
    Rollback,

    /// <summary>A person saw how it differs and takes it.</summary>
    Approve,

    /// <summary>The texts of some are gone; that they were there is not.</summary>
    Prune,

    /// <summary>The same of all that lead from the entry's parent to its version.</summary>
    Squash,

    /// <summary>Somebody looked how a version fares in the test scenarios, beside its parent. Neither need be there.
    /// </summary>
    Look,
}
