using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.Schema;
using Tars.Bundle.Wasm;
using Tars.Host;
using Tars.Kernel.Ports;
using Tars.Lang;
using Tars.Lang.Checking;

namespace Tars.Bench;

/// <summary>What a scheduling decision costs: built in, and by a module that is asked for one turn or many.</summary>
/// <remarks>
/// A number of processes become ready together, again and again, and each gets a turn with one small event. The price
/// of a policy is what such a turn costs above round-robin, in processor time.
/// </remarks>
internal static class PolicyBench
{
    private const int Turns = 200_000;
    private const int Repeats = 5;

    private static readonly int[] _ready = [4, 64];

    public static int Run()
    {
        var table = new Table("policy", "ready", "ns a turn", "above round-robin", "calls a turn", "fuel a call");
        foreach (int count in _ready)
        {
            ImmutableArray<ModuleImage> workers = [.. Enumerable.Range(0, count).Select(one => Load(Worker(one)))];
            double least = 0;
            foreach (var (name, policy) in Policies())
            {
                double turn = Enumerable.Range(0, Repeats).Min(_ => Measure(workers, policy, out PolicyReport _));
                _ = Measure(workers, policy, out var report);
                least = name == PolicyNames.Of(PolicyKind.RoundRobin) ? turn : least;
                var module = report.Module;
                table.Row(
                    name,
                    Text(count, "N0"),
                    Text(turn, "N0"),
                    Text(turn - least, "N0"),
                    module is null ? "-" : Text((double)module.Calls / report.Turns, "N2"),
                    module is null ? "-" : Text((double)module.Fuel / module.Calls, "N0"));
                if (module?.Failure is { } failure)
                {
                    Console.WriteLine($"FAILED: {name}: {failure}");
                    return 1;
                }
            }
        }

        table.Print(Console.Out);
        return 0;
    }

    private static IEnumerable<(string Name, PolicyChoice Policy)> Policies()
    {
        foreach (string name in PolicyNames.All)
        {
            yield return (name, new PolicyChoice(PolicyNames.Find(name)!.Value));
        }

        yield return ("module, pick", Module(Policy("")));
        yield return ("module, plan", Module(Policy("""

              ask plan:
                with: { ready: list<Ready> }
                returns: list<Choice>
                do: |
                  return ready.map(r => Choice(process = r.process, fuel = 1))
            """)));
    }

    private static PolicyChoice Module(string program)
    {
        var reasons = new List<string>();
        return new PolicyChoice { Module = PolicyModule.Of(Load(program), reasons) };
    }

    private static double Measure(ImmutableArray<ModuleImage> workers, PolicyChoice policy, out PolicyReport report)
    {
        var system = ((LinkResult.Linked)SystemImage.Link(workers)).System;
        var kernel = new Kernel.Kernel(system, new Silence()) { Policy = policy };
        Step(kernel, new KernelEvent.Boot(default, Seed: 1));
        for (int turns = 0; turns < Turns / 10; turns += workers.Length)
        {
            Step(kernel, new KernelEvent.Message(default, "go", [.. BitConverter.GetBytes(1L)]));
        }

        var began = Environment.CpuUsage.TotalTime;
        for (int turns = 0; turns < Turns; turns += workers.Length)
        {
            Step(kernel, new KernelEvent.Message(default, "go", [.. BitConverter.GetBytes(1L)]));
        }

        var took = Environment.CpuUsage.TotalTime - began;
        report = kernel.PolicyReport;
        Step(kernel, new KernelEvent.Stop(default));
        return took.TotalNanoseconds / Turns;
    }

    private static void Step(Kernel.Kernel kernel, KernelEvent happened)
    {
        var answer = kernel.Step(happened);
        while (answer.MoreToDo)
        {
            answer = kernel.Step(new KernelEvent.Turn(default));
        }
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static ModuleImage Load(string program)
    {
        var source = new SourceText("bench.tars", program);
        byte[] bytes = [.. Compiler.Compile(source, new NoModules(), new CompileOptions()).Bundle!.Value];
        var bundle = ((BundleReading.Read)BundleReader.Read(bytes)).Bundle;
        var module = ((DecodeResult.Decoded)ModuleDecoder.Decode(bytes)).Module;
        var valid = ((ValidationResult.Valid)ModuleValidator.Validate(module)).Module;
        var code = ((EngineLoad.Loaded)Compose.Engine("cil")!.Load(valid)).Code;
        return new ModuleImage(bundle.Manifest, code, bundle.Debug, bundle.Hash);
    }

    private static string Worker(int number) => $$"""
        tars: 1
        module: worker{{number}}
        version: 1.0.0
        summary: Counts.
        capabilities:
          subscribe: { go: int }
        state:
          events: int = 0
        handlers:
          message go as n:
            do: |
              events += n
        """;

    private static string Policy(string more) => $$"""
        tars: 1
        module: oldest
        version: 1.0.0
        summary: Whoever has waited longest is next.
        implements: scheduler
        handlers:
          ask pick:
            with: { ready: list<Ready> }
            returns: Choice
            do: |
              let r = ready.max_by(r => r.waiting) else { fail "nobody is ready" }
              return Choice(process = r.process, fuel = 1)
        {{more}}
        """;

    private sealed class Silence : IOutside
    {
        public void Started(ProcessId process, string module, string agent)
        {
        }

        public void Ended(ProcessId process, EndReason reason, string detail)
        {
        }

        public void Published(
            ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
        {
        }

        public void Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments)
        {
        }

        public void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
        {
        }

        public void Answered(long number, bool failed, SchemaType type, ReadOnlySpan<byte> answer)
        {
        }

        public void Measured(ProcessId from, int metric, double value)
        {
        }

        public void Logged(ProcessId from, ReadOnlySpan<byte> entry)
        {
        }

        public void Audited(Audit entry)
        {
        }

        public void Trapped(DeadLetter letter)
        {
        }

        public void InputTaken(LineBatch batch)
        {
        }

        public void Committed(ProcessId process, int handler, int count, long arrived)
        {
        }
    }
}
