using Tars.Bundle.Container;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal;

/// <summary>Reads from the head of a journal what ran: as a stranger's, so every bundle is compared with its hash.
/// </summary>
internal static class JournalSystem
{
    /// <summary>A loader with what the recorded run was told of its modules.</summary>
    public static SystemLoader LoaderOf(JournalHeader? header, IEngine engine) => new(engine, OptionsOf(header));

    /// <summary>What of how a run was started its journal says.</summary>
    public static RunOptions OptionsOf(JournalHeader? header) => new()
    {
        Params = header?.Params ?? [], Narrowings = header?.Narrowings ?? [], StandIns = header?.StandIns ?? [],
        Isolated = header?.Isolated ?? [],
    };

    /// <summary>The other way round: the head of a journal of a run that is started so. Its modules are to be named.
    /// </summary>
    public static JournalHeader HeaderOf(RunOptions options) => new([], options.Params, [])
    {
        Policy = new JournalPolicy(options.Policy, options.PolicyModule is { } module ? HashOf(module) : null),
        Narrowings = options.Narrowings,
        StandIns = options.StandIns,
        Isolated = options.Isolated,
    };

    private static BundleHash? HashOf(ReadOnlyMemory<byte> bundle) =>
        BundleReader.Read(bundle) is BundleReading.Read { Bundle.Hash: var hash } ? hash : null;

    /// <summary>The bundles that the header names; null with reasons or damage.</summary>
    public static List<ReadOnlyMemory<byte>>? Bundles(
        JournalReader reader, JournalHeader header, List<string> reasons)
    {
        var bundles = new List<ReadOnlyMemory<byte>>();
        foreach (var hash in header.Modules)
        {
            if (Bundle(reader, hash, reasons) is not { } bytes)
            {
                return null;
            }

            bundles.Add(bytes);
        }

        return bundles;
    }

    /// <summary>The system of those bundles; null with reasons.</summary>
    public static SystemImage? Load(
        List<ReadOnlyMemory<byte>> bundles, JournalHeader header, SystemLoader loader, List<string> reasons)
    {
        var system = header.Imported.IsEmpty ? loader.Load(bundles) : loader.LoadAgain(bundles, header);
        reasons.AddRange(loader.Reasons);
        return system;
    }

    /// <summary>Who decided which process ran next; its module is the next record. Null with reasons.</summary>
    public static PolicyChoice? Policy(
        JournalReader reader, JournalHeader header, IEngine engine, List<string> reasons)
    {
        ReadOnlyMemory<byte>? module = null;
        if (header.Policy.Module is { } hash)
        {
            module = Bundle(reader, hash, reasons);
            if (module is null)
            {
                return null;
            }
        }

        return PolicyLoader.Load(header.Policy.Kind, module, engine, header.Isolated, reasons);
    }

    // The next record, which must be the bundle with that hash; null with reasons or damage.
    private static ReadOnlyMemory<byte>? Bundle(JournalReader reader, BundleHash hash, List<string> reasons)
    {
        if (reader.Next() is not JournalRecord.Module { Bundle: var bytes })
        {
            if (reader.Damage is null)
            {
                reasons.Add("a bundle that it names is not in it");
            }

            return null;
        }

        if (BundleReader.Read(bytes) is not BundleReading.Read { Bundle: var bundle } || bundle.Hash != hash)
        {
            reasons.Add($"what it has for the bundle {hash} is another");
            return null;
        }

        return bytes;
    }
}
