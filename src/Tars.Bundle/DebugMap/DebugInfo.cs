using System.Collections.Immutable;

namespace Tars.Bundle.DebugMap;

/// <summary>Where the statements of a bundle stand in its sources, and what its functions are called.</summary>
/// <param name="Files">Names of the sources, the module's own first; the same as in the source section.</param>
/// <param name="Sites">
/// Statements: the index is what the control block holds while one is being executed. Site 0 is no statement.
/// </param>
/// <param name="Functions">
/// Names of the module's functions by index, imports counted; "" for one without a name.
/// </param>
public sealed record DebugInfo(
    ImmutableArray<string> Files, ImmutableArray<DebugSite> Sites, ImmutableArray<string> Functions)
{
    public static DebugInfo None { get; } = new([], [], []);

    /// <summary>The statement with a number, or null for a number that no statement has.</summary>
    public DebugSite? Find(uint site) => 0 < site && site < (uint)Sites.Length ? Sites[(int)site] : null;

    /// <summary>The name of a function, or "".</summary>
    public string FunctionName(int index) => (uint)index < (uint)Functions.Length ? Functions[index] : "";

    public bool Equals(DebugInfo? other) =>
        other is not null
        && Files.AsSpan().SequenceEqual(other.Files.AsSpan())
        && Sites.AsSpan().SequenceEqual(other.Sites.AsSpan())
        && Functions.AsSpan().SequenceEqual(other.Functions.AsSpan());

    public override int GetHashCode() => Sites.Length;
}
