using System.Collections.Immutable;
using Tars.Engine.Cil;
using Tars.Engine.Vm;
using Tars.Host.Moving;
using Tars.Host.Oracle;
using Tars.Kernel.Ports;

namespace Tars.Host;

/// <summary>The only place where an engine is constructed. To add one: a row in <see cref="Names"/> and in the
/// switch.</summary>
public static class Compose
{
    private const string MicroVm = "microvm";
    private const string Auto = "auto";

    /// <summary>What `--engine` accepts; `auto` begins on the one that is ready soonest and goes over to the one that
    /// separates most, of those that can be had here.</summary>
    public static IReadOnlyList<string> Names { get; } = ["cil", MicroVm, Auto];

    /// <summary>Called before the first module is compiled for micro-VMs: by then the engine is loaded.</summary>
    public static Action? BeforeMicroVms { get; set; }

    /// <summary>The same in a sentence.</summary>
    public static string List => string.Join(", ", Names);

    /// <summary>What `replay --engine` accepts: the oracle is slow, and is there to judge what an engine did.</summary>
    public static IReadOnlyList<string> ReplayNames { get; } = ["cil", MicroVm, Auto, "oracle"];

    /// <summary>What `wasm run --engine` accepts.</summary>
    public static IReadOnlyList<string> CommandNames { get; } = ReplayNames;

    /// <summary>The engine with that name; null where there is none, and <see cref="WhyNot"/> says why.</summary>
    /// <param name="stop">When it is cancelled, what is being compiled is refused.</param>
    public static IEngine? Engine(string name, CancellationToken stop = default) => name switch
    {
        "cil" => new CilEngine(),
        "oracle" => new OracleEngine(),
        MicroVm => MicroVmWhyNot is null ? Machines(stop) : null,
        Auto => MicroVmWhyNot is null
            ? new TieredEngine(new CilEngine(), Machines(stop).InSilence(), Machines(stop))
            : new CilEngine(),
        _ => null,
    };

    /// <summary>The default engine, and machines for modules for which nothing less will do, where they can be
    /// had.</summary>
    /// <param name="stop">When it is cancelled, what is being compiled for a machine is refused.</param>
    public static IEngine WithFloors(CancellationToken stop = default) => MicroVmWhyNot is null
        ? new FloorEngine(new CilEngine(), Machines(stop).InSilence())
        : new CilEngine();

    /// <summary>What tries a version before it takes over: a machine for each module where the run's engine gives them
    /// one, else <see cref="WithFloors"/>. Null where the run's engine cannot be had any more.</summary>
    /// <param name="name">The run's engine; null for the default.</param>
    /// <param name="stop">When it is cancelled, what is being compiled for a machine is refused.</param>
    public static IEngine? ForTrials(string? name, CancellationToken stop) =>
        name == MicroVm ? Engine(MicroVm, stop) : WithFloors(stop);

    /// <summary>Why there is no engine of that name here.</summary>
    public static string WhyNot(string name) => name == MicroVm
        ? $"the engine {MicroVm} cannot be had here: {MicroVmWhyNot}; `tarscli doctor` says how to get it"
        : $"no engine '{name}'; there is {string.Join(", ", ReplayNames)}";

    /// <summary>What `auto` came to, as a line for whoever chose it; null for any other name.</summary>
    public static string? Took(string name, IEngine engine) => name != Auto ? null
        : engine is TieredEngine { Names: var (_, better) } tiered
            ? $"{Tiers(tiered)}; {better} from the beginning where nothing less will do"
            : Took(engine.Name);

    /// <summary>The same for modules of which it is known for which nothing less than a machine will do.</summary>
    internal static string? Took(string name, IEngine engine, (ImmutableArray<string> Isolated, bool AreAll) floors) =>
        name != Auto || engine is not TieredEngine { Names: var (_, better) } tiered ? Took(name, engine)
        : floors.Isolated.IsEmpty ? Tiers(tiered)
        : floors.AreAll ? $"engine: {better}, since nothing less will do"
        : $"{Tiers(tiered)}; {better} from the beginning for {string.Join(", ", floors.Isolated)}";

    /// <summary>The same for commands.</summary>
    public static string? TookForCommands(string name) =>
        name != Auto ? null : Took(CommandEngine(name)!.Name); // There is always one.

    /// <summary>The mend for a module that is to run in a machine of its own.</summary>
    public static string HowToIsolate() => MicroVmWhyNot is { } why
        ? $"{why}; `tarscli doctor` says how to get it"
        : $"run it with --engine {MicroVm}";

    /// <summary>The engine for commands with that name; null where there is none, and <see cref="WhyNot"/> says why.
    /// </summary>
    public static ICommandEngine? CommandEngine(string name) => name switch
    {
        "cil" => new CilCommandEngine(),
        "oracle" => new OracleCommandEngine(),
        MicroVm => MicroVmWhyNot is null ? Commands() : null,
        Auto => MicroVmWhyNot is null ? Commands() : new CilCommandEngine(),
        _ => null,
    };

    private static string? MicroVmWhyNot => VmSupport.WhyNot;

    private static VmEngine Machines(CancellationToken stop)
    {
        BeforeMicroVms?.Invoke();
        return VmEngine.Shared.Until(stop);
    }

    private static VmCommandEngine Commands()
    {
        BeforeMicroVms?.Invoke();
        return new VmCommandEngine();
    }

    private static string Tiers(TieredEngine engine) =>
        $"engine: {engine.Names.Soon}, and {engine.Names.Better} when it is compiled";

    private static string Took(string engine) => MicroVmWhyNot is { } why
        ? $"engine: {engine}, since {MicroVm} cannot be had here: {why}"
        : $"engine: {engine}";
}
