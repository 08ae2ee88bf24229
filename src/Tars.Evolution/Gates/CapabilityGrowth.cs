using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Evolution.Edits;

namespace Tars.Evolution.Gates;

/// <summary>What a version may touch and the one before could not, asked of what the compiler made of them.</summary>
/// <remarks>A document can give an agent more without a new line under `capabilities`: its code names another device.
/// </remarks>
public static class CapabilityGrowth
{
    public static ImmutableArray<Refusal> Between(BundleManifest before, BundleManifest after)
    {
        var had = All(before).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. All(after).Where(one => !had.Contains(one)).Distinct(StringComparer.Ordinal)
                .Select(one => new Refusal(RefusalKind.CapabilityWidened, "", $"{one} is new")),
        ];
    }

    private static IEnumerable<string> All(BundleManifest manifest) =>
    [
        .. manifest.Devices.Select(device => $"device {device.Name} {device.Kind} {Options(device)}".TrimEnd()),
        .. manifest.Subscribes.Select(channel => $"subscription {channel.Pattern}"),
        .. manifest.Publishes.Select(channel => $"channel {channel.Pattern}"),
        .. manifest.Serves.Select(prefix => $"route {prefix}"),
        .. manifest.Imports.Select(import => $"module {import.Module} {import.Hash}"),
        .. manifest.Spawns.Select(spawn => $"spawn {spawn.Agent} {spawn.AliveMax}"),
        .. manifest.Agents.SelectMany(agent =>
            agent.Slots.Select(slot => $"{agent.Name}: {slot.Kind} {slot.Subject}")),
        $"timers down to {manifest.ShortestTimer ?? long.MaxValue}",
    ];

    private static string Options(DeviceSpec device) =>
        string.Join(' ', device.Options.Select(option => $"{option.Key}={option.Value}"));
}
