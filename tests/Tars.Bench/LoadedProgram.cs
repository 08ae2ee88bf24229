using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.Wasm;
using Tars.Host;
using Tars.Kernel.Ports;
using Tars.Lang;
using Tars.Lang.Checking;

namespace Tars.Bench;

/// <summary>A metascript, compiled, linked alone and booted in a kernel that a bench moves.</summary>
internal sealed class LoadedProgram
{
    private readonly Kernel.Kernel _kernel;
    private long _now;

    /// <param name="engine">As `--engine` calls it.</param>
    public LoadedProgram(string program, string engine = "cil")
    {
        var linked = (LinkResult.Linked)SystemImage.Link([Load(program, engine)]);
        _kernel = new Kernel.Kernel(linked.System, Outside);
        Rest(_kernel.Step(new KernelEvent.Boot(Next(), Seed: 1)));
    }

    public SilentOutside Outside { get; } = new();

    /// <summary>Sends one message and goes on until nothing is left to do.</summary>
    /// <returns>How many steps that took.</returns>
    public int Send(string channel, ReadOnlySpan<byte> value) =>
        Rest(_kernel.Step(new KernelEvent.Message(Next(), channel, ImmutableArray.Create(value))));

    public static ModuleImage Load(string program, string engine = "cil")
    {
        var source = new SourceText("bench.tars", program);
        var compiled = Compiler.Compile(source, new NoModules(), new CompileOptions());
        if (compiled.Bundle is not { } bundle)
        {
            throw new InvalidOperationException(string.Join('\n', compiled.Files.SelectMany(file => file.Diagnostics)));
        }

        byte[] bytes = [.. bundle];
        var read = ((BundleReading.Read)BundleReader.Read(bytes)).Bundle;
        var module = ((DecodeResult.Decoded)ModuleDecoder.Decode(bytes)).Module;
        var valid = ((ValidationResult.Valid)ModuleValidator.Validate(module)).Module;
        var code = ((EngineLoad.Loaded)Compose.Engine(engine)!.Load(valid)).Code;
        return new ModuleImage(read.Manifest, code, read.Debug, read.Hash);
    }

    private int Rest(StepResult answer)
    {
        int steps = 1;
        for (; answer.MoreToDo; steps++)
        {
            answer = _kernel.Step(new KernelEvent.Turn(Next()));
        }

        return steps;
    }

    private Moment Next()
    {
        _now += 1000;
        return new Moment(_now, _now);
    }
}
