using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;

namespace Tars.Host.Granting;

/// <summary>The least that will do for a module: neither it nor its operator is given less than was asked.</summary>
internal static class Floor
{
    /// <summary>Whether nothing less than a machine of its own will do.</summary>
    public static bool IsIsolated(BundleManifest manifest, RunOptions options) =>
        options.Isolated.Contains(manifest.Name) || Isolated(manifest) is not null;

    /// <summary>Null, or why an engine gives less, with what to do about it.</summary>
    public static string? WhyNot(IEngine engine, BundleManifest manifest, RunOptions options)
    {
        // In this order: what an engine can give may have to be found out.
        if (!IsIsolated(manifest, options) || engine.Isolation == IsolationFloor.MicroVm)
        {
            return null;
        }

        string mend = $"which the engine {engine.Name} does not give: {Compose.HowToIsolate()}";
        return options.Isolated.Contains(manifest.Name)
            ? $"its operator wants it with isolation \"microvm\", {mend}"
            : Isolated(manifest) is { } agent ? $"agent {agent.Name} asks for isolation: microvm, {mend}"
            : null;
    }

    /// <summary>Options that know of an operator's file what it says of isolation, and nothing else of it.</summary>
    public static RunOptions Of(PolicyFile? grants) => new()
    {
        Isolated = [.. grants?.Grants.Modules.Where(one => one.IsIsolated).Select(one => one.Module) ?? []],
    };

    private static AgentSpec? Isolated(BundleManifest manifest) =>
        manifest.Agents.FirstOrDefault(agent => agent.Isolation == IsolationFloor.MicroVm);
}
