using System.Collections.Immutable;

namespace Tars.Packages.Grants;

/// <summary>What an operator grants, as it stands under `[grant]` in one file (docs/policy.md).</summary>
/// <param name="Name">What the file is called in messages.</param>
public sealed record GrantFile(string Name, ImmutableArray<ModuleGrant> Modules)
{
    /// <summary>Whose keys may approve versions of modules, as they stand under `[approvers]`.</summary>
    public ImmutableArray<Approver> Approvers { get; init; } = [];

    /// <summary>What is granted to the module that calls itself so, or null.</summary>
    public ModuleGrant? Find(string module) => Modules.FirstOrDefault(one => one.Module == module);
}

/// <summary>What one module is granted. What is null is not spoken of.</summary>
/// <param name="Line">Where its table begins; so are all lines below.</param>
/// <param name="Subscribe">Patterns of channels that it may hear.</param>
/// <param name="Publish">Patterns of channels that it may publish on.</param>
/// <param name="Serve">Path prefixes that it may answer requests for.</param>
public sealed record ModuleGrant(
    string Module,
    int Line,
    PatternGrant? Subscribe,
    PatternGrant? Publish,
    PatternGrant? Serve,
    ImmutableArray<SpawnGrant> Spawn,
    ImmutableArray<DeviceGrant> Devices,
    ImmutableArray<AgentGrant> Agents)
{
    /// <summary>True where its operator wants it in a machine of its own, whatever it says of itself.</summary>
    public bool IsIsolated { get; init; }
}

/// <summary>These and no others.</summary>
public sealed record PatternGrant(ImmutableArray<string> Patterns, int Line);

/// <param name="Agent">As `capabilities.spawn` names it.</param>
/// <param name="Most">Alive at once; 0 withholds it.</param>
public sealed record SpawnGrant(string Agent, int Most, int Line);

/// <summary>One device of a module.</summary>
/// <param name="IsGiven">False where it is withheld.</param>
/// <param name="Key">Of what is given: `folder`, `origins`; "" for a device that needs nothing given.</param>
/// <param name="Given">A path as written, or each item of a list.</param>
public sealed record DeviceGrant(string Name, bool IsGiven, string Key, ImmutableArray<string> Given, int Line);

/// <summary>What one agent is given of what its module is granted.</summary>
/// <param name="Withheld">Devices of the module that it may not use.</param>
public sealed record AgentGrant(
    string Agent,
    int Line,
    PatternGrant? Subscribe,
    PatternGrant? Publish,
    ImmutableArray<string> Withheld);

/// <summary>Somebody whose key may approve versions.</summary>
/// <param name="Key">The public key, as `tarscli versions key` prints it.</param>
public sealed record Approver(string Name, string Key, int Line);
