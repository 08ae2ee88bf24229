using Tars.Bundle.Manifest;

namespace Tars.Host.Journal;

/// <summary>Finds the agents that are to be durable in a run that is kept nowhere.</summary>
internal static class Unkept
{
    /// <summary>Why a module cannot run; nothing when it can.</summary>
    public static IReadOnlyList<string> WhyNot(BundleManifest manifest, RunOptions options) =>
        options.Journal is not null || options.JournalDisk is not null
            ? []
            :
            [
                .. manifest.Agents.Where(agent => agent.Journal == JournalLevel.Durable).Select(agent =>
                    $"{manifest.Name}: agent {agent.Name} is `journal: durable`, and the run is kept nowhere; say "
                    + "where: --journal FOLDER"),
            ];
}
