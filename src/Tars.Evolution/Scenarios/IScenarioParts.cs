using System.Collections.Immutable;
using Tars.Evolution.Loads;
using Tars.Evolution.Trials;
using Tars.Kernel.Ports;
using Tars.Lang;
using Tars.Lang.Checking;

namespace Tars.Evolution.Scenarios;

/// <summary>What a scenario is run with and cannot make itself: an engine's code, and the devices' twins.</summary>
public interface IScenarioParts
{
    /// <summary>Reads a bundle as a stranger's and has its code compiled. Whoever asks disposes of the code.</summary>
    ModuleLoad Load(ReadOnlyMemory<byte> bundle);

    /// <summary>The same, for code of which some functions stay open: an <see cref="IOpenCode"/>.</summary>
    /// <param name="functions">Their names, as the bundle's debug section has them.</param>
    ModuleLoad LoadOpen(ReadOnlyMemory<byte> bundle, ImmutableArray<string> functions);

    /// <summary>The same, for code that counts its branches and burns no fuel for it.</summary>
    /// <param name="counters">Where the bundle counts.</param>
    ModuleLoad LoadCounting(ReadOnlyMemory<byte> bundle, BranchCounters counters);

    /// <summary>Runs a module's own tests, and gives those that fail, in the order of the text.</summary>
    /// <param name="bundle">Compiled with its tests.</param>
    /// <returns>Null when it was stopped before all were run.</returns>
    ImmutableArray<FailedTest>? FailedTests(ReadOnlyMemory<byte> bundle, CancellationToken stop);

    /// <summary>Runs a module's own tests for what they come to, whether they pass or not.</summary>
    /// <param name="bundle">Compiled with its tests, and to count.</param>
    /// <param name="counters">Where the bundle counts.</param>
    /// <param name="counting">Makes the code that is run of the one that was loaded.</param>
    void RunTests(
        ReadOnlyMemory<byte> bundle,
        BranchCounters counters,
        Func<IGuestCode, IGuestCode> counting,
        CancellationToken stop);

    /// <summary>Tries a version of a module on a recorded run. Whatever stands in that, there is an answer.</summary>
    /// <param name="bundle">It takes the place of the recorded module of the same name.</param>
    TrialOutcome Try(Recording recording, ReadOnlyMemory<byte> bundle, CancellationToken stop);

    /// <summary>Reads a recorded run as a stranger's, and replays it, so that it is known to be what it was.</summary>
    /// <returns>Null with reasons. Whoever asks disposes of it.</returns>
    RecordedLoad? LoadRecorded(
        ReadOnlyMemory<byte> octets, ICollection<string> reasons, CancellationToken stop);

    /// <summary>The twin of a device that is asked; null when its kind has none, and then its asks fail.</summary>
    /// <param name="wanted">What the scenario says of it, or null.</param>
    /// <param name="seed">Of the run.</param>
    IAskedDevice? Twin(DeviceImage device, CheckedTwin? wanted, ulong seed);

    /// <summary>What shows a guest the kernel that runs it; null for devices of every other kind.</summary>
    /// <param name="processes">The living processes behind one, between two Steps.</param>
    IAskedDevice? Introspection(DeviceImage device, Func<ProcessId, IEnumerable<ProcessStatus>> processes);
}

/// <param name="Name">As the module names it; empty when none of its tests could be run.</param>
/// <param name="Reason">In words, without a full stop.</param>
public sealed record FailedTest(string Name, string Reason);

/// <summary>What loading one bundle gave. The family is closed.</summary>
public abstract record ModuleLoad
{
    private ModuleLoad()
    {
    }

    /// <param name="Imports">The modules whose agents it names, directly or through others.</param>
    public sealed record Loaded(ModuleImage Image, ImmutableArray<ModuleImage> Imports) : ModuleLoad;

    public sealed record Refused(string Reason) : ModuleLoad;
}
