using System.Collections.Immutable;
using Tars.Bundle.Manifest;

namespace Tars.Kernel.Swapping;

/// <summary>How one version of a module takes the place of another, as far as their manifests say.</summary>
/// <param name="Reasons">Why it cannot; empty when it can.</param>
/// <param name="Changes">What is added and migrated, in few words each.</param>
/// <param name="Warnings">What is lost.</param>
/// <param name="Conditions">What is refused while something waits for it.</param>
/// <param name="Rights">What the new version may use and the old one may not.</param>
/// <param name="Agents">For each agent of the old version its move; null when it is gone.</param>
internal sealed record SwapPlan(
    ImmutableArray<string> Reasons,
    ImmutableArray<string> Changes,
    ImmutableArray<string> Warnings,
    ImmutableArray<string> Conditions,
    ImmutableArray<string> Rights,
    ImmutableArray<AgentMove?> Agents);

/// <summary>How the processes of one agent become processes of the new version.</summary>
/// <param name="Agent">Index of the agent in the new version.</param>
/// <param name="Fields">For each new state field where its value comes from.</param>
/// <param name="Migrate">The handler that runs then; -1 for none.</param>
/// <param name="Arguments">What that handler is given: old fields, converted, in order.</param>
/// <param name="Handlers">For each old handler what becomes of it and its mail.</param>
internal sealed record AgentMove(
    AgentSpec Old,
    AgentSpec New,
    int Agent,
    ImmutableArray<FieldSource> Fields,
    int Migrate,
    ImmutableArray<FieldSource.Old> Arguments,
    ImmutableArray<HandlerMove> Handlers)
{
    /// <summary>True when the initial values of the new version are asked of a newborn guest.</summary>
    public bool NeedsNewborn => Fields.Any(one => one is FieldSource.Newborn);

    /// <summary>True when some field that the spawner gives has its value from `migrate`.</summary>
    public bool MigrateGives =>
        New.State.Zip(Fields).Any(one => !one.First.HasDefault && one.Second is FieldSource.Least);
}

/// <summary>Where a new state field has its value from. The family is closed.</summary>
internal abstract record FieldSource
{
    private FieldSource()
    {
    }

    /// <summary>From an old state field.</summary>
    public sealed record Old(int Index, Conversion How) : FieldSource;

    /// <summary>Its initial value is known.</summary>
    public sealed record Initial(ImmutableArray<byte> Octets) : FieldSource;

    /// <summary>Its initial value is worked out by the guest.</summary>
    public sealed record Newborn : FieldSource;

    /// <summary>It has no initial value; `migrate` gives it one.</summary>
    public sealed record Least : FieldSource;
}

/// <summary>What becomes of an old handler and of the mail that waits for it.</summary>
/// <param name="Handler">Index in the new version; -1 when it is gone.</param>
/// <param name="Payload">How waiting mail becomes mail of the new version; null when it cannot.</param>
/// <param name="Why">Why not; else empty.</param>
/// <param name="KeepsAnswer">True when who waits for its answer may go on waiting.</param>
internal sealed record HandlerMove(int Handler, Conversion? Payload, string Why, bool KeepsAnswer = true)
{
    /// <summary>True when its mail stays as it is but for the handler's number.</summary>
    public bool KeepsPayload => Payload is { IsCopy: true };
}
