using System.Collections.Immutable;
using Tars.Bundle.Container;
using Tars.Bundle.Wasm;
using Tars.Evolution.Loads;
using Tars.Evolution.Scenarios;
using Tars.Evolution.Trials;
using Tars.Host.Granting;
using Tars.Host.Journal;
using Tars.Host.Testing;
using Tars.Kernel.Ports;
using Tars.Lang;
using Tars.Lang.Checking;
using Introspect = Tars.Devices.Introspect;

namespace Tars.Host.Scenarios;

/// <summary>Gives scenarios the engine that runs everything else, and the twins of the devices.</summary>
/// <param name="grants">What an operator says of the modules: here only with what isolation they run.</param>
public sealed class ScenarioParts(IEngine engine, PolicyFile? grants = null) : IScenarioParts
{
    private const string WhyNotCounted = "nothing is counted in a machine of its own";

    public ModuleLoad Load(ReadOnlyMemory<byte> bundle) => LoadOn(engine, bundle);

    public ModuleLoad LoadOpen(ReadOnlyMemory<byte> bundle, ImmutableArray<string> functions)
    {
        if (BundleReader.Read(bundle) is not BundleReading.Read { Bundle: var file })
        {
            return new ModuleLoad.Refused("it is no bundle");
        }

        ImmutableArray<FuncIndex> open =
            [.. functions.Select(name => new FuncIndex(file.Debug.Functions.IndexOf(name)))];
        return open.Any(one => one.Value < 0)
            ? new ModuleLoad.Refused($"nothing in it uses {string.Join(" or ", functions)}")
            : LoadOn(
                new FirstModuleEngine(
                    engine,
                    module => engine.LoadOpen(module, open),
                    "no single function is replaced in a machine of its own"),
                bundle);
    }

    public ModuleLoad LoadCounting(ReadOnlyMemory<byte> bundle, BranchCounters counters) => LoadOn(
        new FirstModuleEngine(
            engine,
            module => engine.Load(MemoryCounter.Uncharged(module, counters.Address, BranchCounters.AreaSize)),
            WhyNotCounted),
        bundle);

    public void RunTests(
        ReadOnlyMemory<byte> bundle,
        BranchCounters counters,
        Func<IGuestCode, IGuestCode> counting,
        CancellationToken stop)
    {
        IGuestCode? plain = null;
        var engineOfTests = new FirstModuleEngine(
            engine,
            module =>
            {
                var load = engine.Load(MemoryCounter.Uncharged(module, counters.Address, BranchCounters.AreaSize));
                plain = (load as EngineLoad.Loaded)?.Code;
                return plain is null ? load : new EngineLoad.Loaded(counting(plain));
            },
            WhyNotCounted);
        try
        {
            _ = ModuleTests.Run(bundle, engineOfTests, grants, stop);
        }
        finally
        {
            plain?.Dispose(); // What counts is not its owner.
        }
    }

    public ImmutableArray<FailedTest>? FailedTests(ReadOnlyMemory<byte> bundle, CancellationToken stop) =>
        ModuleTests.Run(bundle, engine, grants, stop) switch
        {
            TestRun.Stopped => null,
            TestRun.Refused refused => [new FailedTest("", refused.Reason)],
            TestRun.Ran ran =>
            [
                .. ran.Outcomes.Where(one => one.Failure is not null)
                    .Select(one => new FailedTest(one.Name, one.Failure!.Reason)),
            ],
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    public TrialOutcome Try(Recording recording, ReadOnlyMemory<byte> bundle, CancellationToken stop) =>
        Trial.Run(recording.Shards, [bundle], engine, stop, grants);

    private ModuleLoad LoadOn(IEngine on, ReadOnlyMemory<byte> bundle)
    {
        var loader = new SystemLoader(on, Floor.Of(grants));
        return loader.LoadWithImports(bundle) is [var image, .. var imports]
            ? new ModuleLoad.Loaded(image, imports)
            : new ModuleLoad.Refused(string.Join("; ", loader.Reasons));
    }

    public RecordedLoad? LoadRecorded(
        ReadOnlyMemory<byte> octets, ICollection<string> reasons, CancellationToken stop) => LoadReading.Of(
            new MemoryStream(octets.ToArray(), writable: false), engine, Floor.Of(grants).Isolated, reasons, stop);

    public IAskedDevice? Twin(DeviceImage device, CheckedTwin? wanted, ulong seed) =>
        Twins.Make(device, wanted, seed);

    public IAskedDevice? Introspection(DeviceImage device, Func<ProcessId, IEnumerable<ProcessStatus>> processes) =>
        device.Kind.Name == Introspect.Device.Kind ? new Introspect.Host(processes) : null;
}
