using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Kernel.Swapping;

namespace Tars.Kernel.Ports;

/// <summary>What a swap between two versions of a module would do, as far as their manifests say.</summary>
/// <param name="Refusals">Why it would be refused whatever the processes hold; empty when it would not.</param>
/// <param name="Changes">What is added, dropped and migrated.</param>
/// <param name="Warnings">What would be lost.</param>
/// <param name="Conditions">What is refused while something waits for it.</param>
/// <param name="Rights">What has to be granted, because the old version does not use it.</param>
/// <param name="NoWayBack">Why the new version's state could not become one of the old again; else empty.</param>
public sealed record SwapPreview(
    ImmutableArray<string> Refusals,
    ImmutableArray<string> Changes,
    ImmutableArray<string> Warnings,
    ImmutableArray<string> Conditions,
    ImmutableArray<string> Rights,
    ImmutableArray<string> NoWayBack)
{
    public static SwapPreview Of(BundleManifest old, BundleManifest now)
    {
        var plan = SwapPlanner.Plan(old, now);
        return new SwapPreview(
            plan.Reasons,
            plan.Changes,
            plan.Warnings,
            plan.Conditions,
            plan.Rights,
            SwapPlanner.Plan(now, old).Reasons);
    }
}
