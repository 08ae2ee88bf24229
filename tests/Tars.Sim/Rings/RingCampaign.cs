using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.DebugMap;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;
using Tars.Lang;
using Tars.Lang.Checking;

namespace Tars.Sim.Rings;

/// <summary>
/// Random rings of effects against the kernel: it does not throw, and nothing leaves without a route.
/// </summary>
internal static class RingCampaign
{
    private const int EventsOfOneWorld = 200;
    private const string Vault = "vault";
    private const int StillAgent = 2;

    // Two that act, with what can be narrowed, handed on, spawned, asked and waited for; and one that never does.
    private const string Program = """
        tars: 1
        module: rings
        version: 1.0.0
        summary: What hostile effects are about.

        capabilities:
          subscribe: { go: int, nothing/here: int }
          publish: { out: int }
          timers: { shortest: 1ms }
          spawn: { child: 3 }
          devices: { screen: console, disk: block, vault: block }

        agentic:
          agents:
            first:
              role: Has a screen and a disk.
              state: { n: int = 0 }
              handlers:
                message go as x:
                  do: |
                    n = x
                    publish("out", x)
                    tell screen.print(line = "x")
                    ask disk.read(sector = 0, count = 1) within 1s else { return }
                    ask disk.write(sector = 0, data = bytes_of(1)) within 1s else { return }
                    let c = narrow(screen, uses = 2)
                    let d = narrow(disk, from = 1)
                    tell second.take(c = c, d = d)
                    let f = spawn child(c = c)
                    tell f.use(d = c)
                    after 1s later
                timer later:
                  do: |
                    n = 0
                ask take:
                  with: { c: cap<console>, d: cap<block> }
                  do: |
                    n += 1
                refused as what:
                  do: |
                    n += 1

            second:
              role: Has nothing of its own.
              state: { n: int = 0 }
              handlers:
                message go as x:
                  do: |
                    n = x
                ask take:
                  with: { c: cap<console>, d: cap<block> }
                  do: |
                    tell c.print(line = "x")
                    ask d.read(sector = 0, count = 1) within 1s else { return }
                    let e = narrow(d, uses = 1)
                    tell first.take(c = c, d = e)
                    n += 1

            third:
              role: Never acts.
              state: { n: int = 0 }
              handlers:
                message nothing/here as x:
                  do: |
                    ask vault.read(sector = 0, count = x) within 1s else { return }
                    n = x

            child:
              role: Is spawned.
              starts: by_spawn
              state: { c: cap<console> }
              handlers:
                ask use:
                  with: { d: cap<console> }
                  do: |
                    tell d.print(line = "x")
        """;

    public static int Run(long count, ulong first = 1)
    {
        var manifest = Compiled();
        long rings = 0;
        long reached = 0;
        long refused = 0;
        for (ulong seed = first; rings < count; seed++)
        {
            var (failure, world) = One(manifest, seed, ref rings);
            if (failure is not null)
            {
                Console.WriteLine($"seed {seed}: {failure}\n  repeat with: ./dev.cs rings 1 {seed}");
                return 1;
            }

            reached += world.Reached;
            refused += world.Refused;
        }

        Console.WriteLine($"rings: {rings} passed, 0 failed; {reached} calls reached a device, {refused} were refused");
        return 0;
    }

    // A world lasts for so many events, or until one of those that act has ended.
    private static (string? Failure, RingOutside World) One(BundleManifest manifest, ulong seed, ref long rings)
    {
        var random = new Xoshiro256(seed);
        var code = new RingCode(random);
        var linked = SystemImage.Link([new ModuleImage(manifest, code, DebugInfo.None, default)]);
        var system = ((LinkResult.Linked)linked).System;
        var outside = new RingOutside(system.Devices.Single(one => one.Name == Vault).Id.Value);
        try
        {
            var kernel = new Tars.Kernel.Kernel(system, outside);
            long now = 0;
            Settle(kernel, kernel.Step(new KernelEvent.Boot(new Moment(now, now), seed)), now);
            for (int count = 0; count < EventsOfOneWorld && !outside.AnyEnded && outside.Escaped is null; count++)
            {
                now += random.Next(4) == 0 ? 1_100_000_000 : 1_000;
                Settle(kernel, kernel.Step(Next(random, outside, new Moment(now, now))), now);
            }

            rings += code.Drawn;

            Settle(kernel, kernel.Step(new KernelEvent.Stop(new Moment(now, now))), now);
        }
#pragma warning disable CA1031 // Whatever the kernel throws is what the campaign looks for.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            return (thrown.ToString(), outside);
        }

        return (outside.Escaped, outside);
    }

    // Who waits draws nothing, so asks are answered soon.
    private static KernelEvent Next(Xoshiro256 random, RingOutside outside, Moment at) => random.Next(12) switch
    {
        0 => new KernelEvent.Turn(at),
        < 5 when outside.Asks.TryDequeue(out long ask) =>
            new KernelEvent.Answer(at, ask, new DeviceAnswer.Value([])),
        2 when random.Next(10) == 0 => new KernelEvent.Crash(at, "rings", random.Next(2) == 0 ? "first" : "second"),
        3 when random.Next(6) == 0 => new KernelEvent.Revoke(
            at, ProcessId.Outside, "rings", new Right(RightKind.Device, "screen")),
        4 when random.Next(3) == 0 => new KernelEvent.Grant(
            at, ProcessId.Outside, "rings", new Right(RightKind.Device, "screen")),
        _ => new KernelEvent.Message(at, "go", [1, 0, 0, 0, 0, 0, 0, 0]),
    };

    private static void Settle(Tars.Kernel.Kernel kernel, StepResult last, long now)
    {
        for (int turns = 0; last.MoreToDo && turns < 100; turns++)
        {
            last = kernel.Step(new KernelEvent.Turn(new Moment(now, now)));
        }
    }

    private static BundleManifest Compiled()
    {
        var source = new SourceText("rings.tars", Program);
        var result = Compiler.Compile(source, new NoModules(), new CompileOptions());
        Invariant.Holds(result.Bundle is not null);
        return ((BundleReading.Read)BundleReader.Read(result.Bundle!.Value.AsMemory())).Bundle.Manifest;
    }

    private sealed class RingCode(Xoshiro256 random) : IGuestCode
    {
        private readonly RingMaker _maker = new();

        public IGuest Instantiate(GuestLimits limits, out GuestFault? fault)
        {
            fault = null;
            return new RingGuest(_maker, random, StillAgent);
        }

        /// <summary>Rings that its guests left.</summary>
        public long Drawn => _maker.Drawn;

        public void Dispose()
        {
        }
    }
}
