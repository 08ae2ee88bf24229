using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;

namespace Tars.Host.Granting;

/// <summary>Which devices are meant by <c>--bind NAME=MODULE</c>, and what is wrong with what was said.</summary>
public static class StandInNames
{
    /// <param name="manifests">Of all modules of the system.</param>
    /// <param name="named">`NAME` or `MODULE.NAME`, and the module that takes the place.</param>
    /// <param name="reasons">Gets a line for each mistake.</param>
    public static ImmutableArray<StandIn> Of(
        IReadOnlyList<BundleManifest> manifests,
        IEnumerable<KeyValuePair<string, string>> named,
        ICollection<string> reasons)
    {
        var standIns = ImmutableArray.CreateBuilder<StandIn>();
        foreach (var (name, implementer) in named)
        {
            var devices =
                (from manifest in manifests
                 where manifest.Name != implementer
                 from device in manifest.Devices
                 where name == device.Name || name == $"{manifest.Name}.{device.Name}"
                 select new StandIn(manifest.Name, device.Name, implementer)).ToArray();
            if (devices.Length == 0)
            {
                reasons.Add($"--bind {name}: no module has a device of that name");
            }

            if (manifests.All(one => one.Name != implementer))
            {
                reasons.Add($"--bind {name}={implementer}: no module is called `{implementer}`");
            }

            foreach (var one in devices.Where(one => standIns.Any(other => IsSame(one, other))))
            {
                reasons.Add(
                    $"--bind {name}={implementer}: {one.Module}.{one.Device} has a module in its place already");
            }

            standIns.AddRange(devices);
        }

        return standIns.ToImmutable();
    }

    private static bool IsSame(StandIn left, StandIn right) =>
        (left.Module, left.Device) == (right.Module, right.Device);
}
