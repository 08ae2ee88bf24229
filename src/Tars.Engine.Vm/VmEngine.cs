using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Compiling;
using Tars.Engine.Vm.Kvm;
using Tars.Engine.Vm.Llvm;
using Tars.Engine.Vm.Loading;
using Tars.Engine.Vm.Machine;
using Tars.Engine.Vm.Objects;
using Tars.Kernel.Ports;

namespace Tars.Engine.Vm;

/// <summary>Runs each guest in a machine of its own: compiled by LLVM, separated by the processor.</summary>
public sealed class VmEngine : IEngine
{
    private static readonly Lazy<VmEngine> _shared = new(() => new VmEngine(
        new ObjectCompiler(
            () => CompileChild.Program(CompileLimits.Usual),
            CompileLimits.Usual,
            ObjectCache.UsualFolder() is { } folder
                ? new ObjectCache(folder, Limits.CacheBytesMax, why => OnWarning?.Invoke(why))
                : null)));

    private readonly ObjectCompiler _compiler;
    private readonly Lazy<(VmHost? Host, string WhyNot)> _host;
    private readonly CancellationToken _stop;
    private readonly bool _isSilent;

    internal VmEngine(ObjectCompiler compiler)
        : this(compiler, new Lazy<(VmHost?, string)>(OpenHost), isSilent: false, stop: default)
    {
    }

    private VmEngine(
        ObjectCompiler compiler, Lazy<(VmHost? Host, string WhyNot)> host, bool isSilent, CancellationToken stop)
    {
        _compiler = compiler;
        _host = host;
        _stop = stop;
        _isSilent = isSilent;
    }

    /// <summary>The one of this process: its compiler and its machines serve all who run guests.</summary>
    public static VmEngine Shared => _shared.Value;

    /// <summary>Hears how far compiling is: once before each piece that was not kept and once at the end, on the
    /// thread that waits for it. Set where the program begins.</summary>
    public static Action<VmProgress>? OnProgress { get; set; }

    /// <summary>Hears, at most once, that compiled code of before is not used since others can change it, and the mend.
    /// Any thread may say so. Set where the program begins.</summary>
    public static Action<string>? OnWarning { get; set; }

    public string Name => "microvm";

    public IsolationFloor Isolation => IsolationFloor.MicroVm;

    /// <summary>Null, or why this machine runs none.</summary>
    internal string? WhyNot => Host is null ? HostWhyNot : LlvmLibrary.Missing;

    internal VmHost? Host => _host.Value.Host;

    /// <summary>Why there are no machines; empty when there are.</summary>
    internal string HostWhyNot => _host.Value.WhyNot;

    /// <summary>What code is compiled for.</summary>
    internal ProcessorLevel Level => Host?.System.Level ?? ProcessorLevel.V2;

    /// <summary>The same engine; what it compiles is refused once the token is cancelled.</summary>
    public VmEngine Until(CancellationToken stop) => new(_compiler, _host, _isSilent, stop);

    /// <summary>The same engine; nobody hears how far it is, since nobody waits.</summary>
    public VmEngine InSilence() => new(_compiler, _host, isSilent: true, _stop);

    public EngineLoad Load(ValidatedModule module)
    {
        if (GuestShape.WhyNot(module) is { } reason)
        {
            return new EngineLoad.Refused(reason);
        }

        // Whose imports are host calls has a plan; see WhyNot.
        var plan = ModulePlan.OfProcess(module, GuestMap.Control.Module, Limits.TableElementsMax)!
            with { Level = Level };
        if (Limits.ControlBytesMax < plan.Layout.Start + plan.Layout.Size)
        {
            return new EngineLoad.Refused("its globals and tables are larger than a machine has room for");
        }

        var image = Compile(new ModuleFacts(plan), out string refusal);
        if (image is null)
        {
            return new EngineLoad.Refused(refusal);
        }

        return VmCode.Of(Host!, image) is { } code // What was compiled has a host.
            ? new EngineLoad.Loaded(code)
            : new EngineLoad.Refused("what it exports for its host is a call of the host's own");
    }

    /// <summary>Null when it is refused, and why.</summary>
    internal GuestImage? Compile(ModuleFacts facts, out string refusal)
    {
        refusal = WhyNot ?? "";
        if (refusal.Length != 0 || LlvmCompiler.Options is not { } options)
        {
            return null;
        }

        var image = Compile(facts, options, isAnew: false, out bool isKept, out refusal);

        // An object that was kept can have been altered since: that is no fault of the module.
        return image is null && isKept ? Compile(facts, options, isAnew: true, out _, out refusal) : image;
    }

    /// <param name="isKept">Of its objects one at least comes from the cache.</param>
    private GuestImage? Compile(
        ModuleFacts facts, string options, bool isAnew, out bool isKept, out string refusal)
    {
        isKept = false;
        var objects = new List<ReadOnlyMemory<byte>>();
        using var progress = new ProgressTeller(_isSilent ? null : OnProgress, ModuleEmitter.GroupCount(facts.Module));
        foreach (byte[]? group in ModuleEmitter.Emit(facts))
        {
            progress.Next();
            var answer = group is null
                ? new ObjectAnswer.Refused(ModuleEmitter.TooLong)
                : _compiler.Compile(group, CodeTier.O2, options, isAnew, progress.Compiles, _stop);
            switch (answer)
            {
                case ObjectAnswer.Made made:
                    isKept |= made.IsKept;
                    objects.Add(made.Octets);
                    break;
                case ObjectAnswer.Refused refused:
                    isKept = false; // It would be refused again.
                    refusal = refused.Reason;
                    return null;
                default:
                    throw new UnreachableException();
            }
        }

        var image = ImageLinker.Link(
            facts, objects, ImmutableDictionary<string, long>.Empty, ImagePlace.Alone, out refusal);
        if (image?.Stack.WhyNot() is not { } tooDeep)
        {
            return image;
        }

        refusal = tooDeep;
        return null;
    }

    private static (VmHost? Host, string WhyNot) OpenHost()
    {
        try
        {
            return (VmHost.Open(), "");
        }
        catch (KvmException failed)
        {
            return (null, failed.Message);
        }
    }
}
