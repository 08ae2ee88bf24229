using Tars.Bundle.Schema;

namespace Tars.Bundle.Interfaces;

/// <summary>One way in which a capability for a device can be narrowed: a named argument of `narrow`.</summary>
/// <param name="Name">As it is written: <c>narrow(disk, from = 16)</c>.</param>
public sealed record Restriction(string Name, SchemaType Type, RestrictionRule Rule);

/// <summary>What a restriction leaves. Each can only take away: a stronger one inside a weaker one counts.</summary>
public enum RestrictionRule
{
    /// <summary>So many asks and tells, all together.</summary>
    Uses,

    /// <summary>When true: no operation that changes something.</summary>
    ReadOnly,

    /// <summary>Operations whose first argument begins with the text.</summary>
    Prefix,

    /// <summary>Operations whose first argument is a URL of this host.</summary>
    Host,

    /// <summary>Operations whose texts are all paths of this folder, or below it.</summary>
    Folder,

    /// <summary>Operations on sectors from this one on.</summary>
    From,

    /// <summary>Operations on sectors before this one.</summary>
    Until,
}
