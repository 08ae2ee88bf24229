using System.Runtime.CompilerServices;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm;
using Tars.Engine.Vm.Objects;
using Tars.Kernel.Ports;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Kernel.Swapping;

/// <summary>Versions that come and go in micro-VMs leave no image, no machine and no mapping behind.</summary>
public sealed class VmSwapTests
{
    private const int Swaps = 40;

    private const string Program = """
        tars: 1
        module: counts
        version: 1.0.0
        summary: Counts what it hears.
        capabilities: { subscribe: { go: int } }
        state: { sum: int = 0 }
        handlers:
          message go as n:
            do: |
              sum += n
        """;

    [Fact]
    public void Swaps_leave_nothing_behind()
    {
        Assert.SkipWhen(VmSupport.WhyNot is not null, VmSupport.WhyNot ?? "");
        using var compiler = new ObjectCompiler(
            () => CompileChild.Program(CompileLimits.Usual),
            CompileLimits.Usual,
            new ObjectCache(ObjectCache.UsualFolder()!, Tars.Engine.Vm.Limits.CacheBytesMax));
        var engine = new VmEngine(compiler);
        using var host = engine.Host!; // There are machines here.
        var rig = new SystemRig(running: false).WithoutCheckpoints();
        var images = SwapAll(rig, engine);
        rig.Forget();
        for (int round = 0; round < 10 && 2 < images.Count(one => one.IsAlive); round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        // What runs, and what it could return to.
        Assert.InRange(images.Count(one => one.IsAlive), 1, 2);
        rig.Look(1);
        Assert.Contains(
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"sum = {Swaps + 1}"),
            rig.Journal,
            StringComparison.Ordinal);

        // All versions have the same shape, so the machine of one is that of the next.
        Assert.InRange(host.Counts.Created, 1, 3);
        Assert.Equal(host.Counts.Created - host.Counts.Destroyed - 1, host.ReadyCount);
    }

    // Not in line, so that no local of the test keeps an image alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static List<WeakReference> SwapAll(SystemRig rig, VmEngine engine)
    {
        var bundle = CompiledProcess.Compile(Program);
        var module = Assert.IsType<DecodeResult.Decoded>(ModuleDecoder.Decode(bundle.Bytes.Span)).Module;
        var valid = Assert.IsType<ValidationResult.Valid>(ModuleValidator.Validate(module)).Module;
        var images = new List<WeakReference>();
        Func<IGuest> Version()
        {
            var code = (VmCode)Assert.IsType<EngineLoad.Loaded>(engine.Load(valid)).Code;
            images.Add(new WeakReference(code.Images.Image));
            return () => CompiledModule.Instance(code);
        }

        rig.Add(bundle.Manifest, Version()).Boot().Message("go", SystemRig.Int(1));
        for (int swap = 0; swap < Swaps; swap++)
        {
            rig.Swap(rig.Image(bundle.Manifest, Version())).Message("go", SystemRig.Int(1));
            Assert.True(rig.Swaps[^1].IsDone);
        }

        return images;
    }
}
