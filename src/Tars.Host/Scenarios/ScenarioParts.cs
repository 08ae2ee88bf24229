using Tars.Evolution.Scenarios;
using Tars.Kernel.Ports;
using Tars.Lang.Checking;
using Introspect = Tars.Devices.Introspect;

namespace Tars.Host.Scenarios;

/// <summary>Gives scenarios the engine that runs everything else, and the twins of the devices.</summary>
public sealed class ScenarioParts(IEngine engine) : IScenarioParts
{
    public ModuleLoad Load(ReadOnlyMemory<byte> bundle)
    {
        var loader = new SystemLoader(engine, new RunOptions());
        return loader.LoadWithImports(bundle) is [var image, .. var imports]
            ? new ModuleLoad.Loaded(image, imports)
            : new ModuleLoad.Refused(string.Join("; ", loader.Reasons));
    }

    public IAskedDevice? Twin(DeviceImage device, CheckedTwin? wanted, ulong seed) =>
        Twins.Make(device, wanted, seed);

    public IAskedDevice? Introspection(DeviceImage device, Func<ProcessId, IEnumerable<ProcessStatus>> processes) =>
        device.Kind.Name == Introspect.Device.Kind ? new Introspect.Host(processes) : null;
}
