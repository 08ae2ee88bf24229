using System.Diagnostics;
using System.Globalization;
using Tars.Engine.Vm.Kvm;
using Tars.Engine.Vm.Machine;

namespace Tars.Bench;

/// <summary>What a micro-VM costs, step by step: made, started, called, stopped, set back, a thousand kept.</summary>
/// <remarks>
/// Times are medians on the wall beside CPU time of the thread, which other work on the machine disturbs less. The
/// floor is what KVM alone takes for an exit and the way back in.
/// </remarks>
internal static class VmBench
{
    private const int Rounds = 200;
    private const int Calls = 2_000;

    private static readonly int[] _counts = [1, 10, 100, 1_000];

    private static readonly byte[] _done = [0xE7, GuestMap.Port.Done, 0xEB, 0xFC];        // out Done; jmp back
    private static readonly byte[] _calling = [0xE7, GuestMap.Port.HostCall, 0xEB, 0xFC]; // out HostCall; jmp back
    private static readonly byte[] _endless = [0xEB, 0xFE];                               // jmp to itself
    private static readonly byte[] _faulting = [0xB8, 0, 0, 0, 0x40, 0x8B, 0x00];         // mov eax, [1 GiB]

    // Adds 1 to an octet of each of sixteen pages from 1 MiB on.
    private static readonly byte[] _writing =
    [
        0xB8, 0, 0, 0x10, 0, 0xB9, 0x10, 0, 0, 0, // mov eax, 1 MiB; mov ecx, 16
        0xFE, 0x00, 0x05, 0, 0x10, 0, 0,          // inc byte [rax]; add eax, 4096
        0xFF, 0xC9, 0x75, 0xF5,                   // dec ecx; jnz to inc
        0xE7, GuestMap.Port.Done,
    ];

    public static int Run()
    {
        VmHost host;
        try
        {
            host = VmHost.Open();
        }
        catch (KvmException refusal)
        {
            Console.WriteLine($"  skipped, because there are no micro-VMs here: {refusal.Message}");
            return 0;
        }

        using (host)
        {
            var table = new Table("step", "median", "CPU", "bound");
            List<string> failures = [.. Steps(host, table), .. Restores(host, table)];
            table.Print(Console.Out);
            failures.AddRange(Memory(host));
            failures.ForEach(failure => Console.WriteLine($"FAILED: {failure}"));
            return failures.Count == 0 ? 0 : 1;
        }
    }

    // Which figures are above what is promised.
    private static List<string> Steps(VmHost host, Table table)
    {
        var shape = Shape(memory: GuestMap.WasmPageSize);
        var done = Image(shape, _done);
        var failures = new List<string>();
        MicroVm machine = host.Create(shape);
        Measure(table, "KVM_CREATE_VM and its end", Rounds, () => host.System.CreateVm().Dispose());
        Measure(table, "  and MSRs denied", Rounds, () =>
        {
            using var vm = host.System.CreateVm();
            vm.DenyModelSpecificRegisters();
        });
        Measure(table, "  and KVM_CREATE_VCPU", Rounds, () =>
        {
            using var vm = host.System.CreateVm();
            using var vcpu = vm.CreateVcpu();
        });
        host.Destroy(machine);
        failures.AddRange(Measure(table, new Bound("P70", 1_500), "cold create to first result", () =>
        {
            machine = host.Create(shape);
            machine.Load(done);
            Must(machine.Run(GuestMap.TextBase), VmExitKind.Done);
        }, () => host.Destroy(machine)));
        host.Prepare(shape, count: 4);
        failures.AddRange(Measure(table, new Bound("P71", 100), "from the pool to first result", () =>
        {
            machine = host.Start(done);
            Must(machine.Run(GuestMap.TextBase), VmExitKind.Done);
        }, () => host.Give(machine)));

        machine = host.Start(done);
        Measure(table, "call", Calls, () => Must(machine.Run(GuestMap.TextBase), VmExitKind.Done));
        Measure(table, "  floor: KVM_RUN of one `out`", Calls, () => machine.RunBare());
        host.Destroy(machine);
        Measured(host, table, Image(shape, _calling), "host call", (guest, _) =>
            Must(guest.Resume(), VmExitKind.HostCall));
        Measured(host, table, Image(shape, _faulting), "trap", (guest, _) =>
            Must(guest.Run(GuestMap.TextBase), VmExitKind.Fault));
        Preempt(host, table, Image(shape, _endless));
        return failures;
    }

    private static List<string> Restores(VmHost host, Table table)
    {
        var failures = new List<string>();
        foreach (int memory in (int[])[GuestMap.WasmPageSize, 1 << 20, 16 << 20])
        {
            bool isLarge = 1 << 20 < memory;
            using var machine = host.Start(Image(Shape(memory), isLarge ? _writing : _done));
            Must(machine.Run(GuestMap.TextBase), VmExitKind.Done);
            using var snapshot = machine.Save();
            string name = string.Create(CultureInfo.InvariantCulture,
                $"restore and call, {memory >> 10} KiB{(isLarge ? ", 16 pages written" : "")}");
            failures.AddRange(Measure(table, new Bound("P72", 150), name, () =>
            {
                machine.Restore(snapshot);
                Must(machine.Run(GuestMap.TextBase), VmExitKind.Done);
            }, () => { }));
        }

        return failures;
    }

    private static void Preempt(VmHost host, Table table, VmImage image)
    {
        using var machine = host.Start(image);
        var times = new List<TimeSpan>();
        for (int round = 0; round < Rounds; round++)
        {
            long ended = 0;
            var runner = new Thread(() =>
            {
                Must(machine.Run(GuestMap.TextBase), VmExitKind.Preempted);
                ended = Stopwatch.GetTimestamp();
            });
            runner.Start();
            Thread.Sleep(1);
            long asked;
            do
            {
                asked = Stopwatch.GetTimestamp();
            }
            while (!machine.Preempt());
            runner.Join();
            times.Add(Stopwatch.GetElapsedTime(asked, ended));
        }

        table.Row("preempt, from asking to the exit", Microseconds(Table.Median(times)));
    }

    // What the system lends to so many machines, each of which has run.
    private static List<string> Memory(VmHost host)
    {
        const long Most = 2_000_000_000;
        var table = new Table("machines", "resident", "of the system", "a machine", "bound");
        var image = Image(Shape(GuestMap.WasmPageSize), _done);
        var failures = new List<string>();
        foreach (int count in _counts)
        {
            long resident = Environment.WorkingSet;
            long available = Available();
            var machines = new List<MicroVm>(count);
            for (int made = 0; made < count; made++)
            {
                var machine = host.Create(image.Shape);
                machine.Load(image);
                Must(machine.Run(GuestMap.TextBase), VmExitKind.Done);
                machines.Add(machine);
            }

            long own = Environment.WorkingSet - resident;
            long lent = available - Available();
            bool isBound = count == _counts[^1];
            if (isBound && Most < Math.Max(own, lent))
            {
                string cost = Table.Megabytes(Math.Max(own, lent));
                failures.Add($"P73: {count} machines cost {cost}, promised are {Table.Megabytes(Most)}");
            }

            table.Row(
                count.ToString(CultureInfo.InvariantCulture), Table.Megabytes(own), Table.Megabytes(lent),
                Table.Megabytes(Math.Max(own, lent) / count), isBound ? Table.Megabytes(Most) : "");
            machines.ForEach(host.Destroy);
        }

        table.Print(Console.Out);
        return failures;
    }

    private static long Available()
    {
        const string Name = "MemAvailable:";
        string line = File.ReadLines("/proc/meminfo").First(line => line.StartsWith(Name, StringComparison.Ordinal));
        return long.Parse(line[Name.Length..^" kB".Length], CultureInfo.InvariantCulture) << 10;
    }

    private static void Measured(VmHost host, Table table, VmImage image, string name, Action<MicroVm, int> step)
    {
        using var machine = host.Start(image);
        _ = machine.Run(GuestMap.TextBase);
        Measure(table, name, Calls, () => step(machine, 0));
    }

    private static void Measure(Table table, string name, int rounds, Action step) =>
        _ = Measure(table, bound: null, name, step, () => { }, rounds);

    // Says which figure is above its bound, if it is.
    private static string[] Measure(
        Table table, Bound? bound, string name, Action step, Action after, int rounds = Rounds)
    {
        const int WarmUps = 20;
        var times = new List<TimeSpan>(rounds);
        int thread = StopSignal.Prepare();
        long used = 0;
        for (int round = 0; round < WarmUps + rounds; round++)
        {
            long usedBefore = StopSignal.CpuTime(thread);
            long before = Stopwatch.GetTimestamp();
            step();
            var time = Stopwatch.GetElapsedTime(before);
            long cpu = StopSignal.CpuTime(thread) - usedBefore;
            after();
            if (WarmUps <= round)
            {
                times.Add(time);
                used += cpu;
            }
        }

        var median = Table.Median(times);
        var most = TimeSpan.FromMicroseconds(bound?.Microseconds ?? 0);
        table.Row(
            name, Microseconds(median), Microseconds(TimeSpan.FromMicroseconds(used / 1e3 / rounds)),
            bound is null ? "" : Microseconds(most));
        return bound is not null && most < median
            ? [$"{bound.Promise}: {name}, median: {Microseconds(median)}, promised are {Microseconds(most)}"]
            : [];
    }

    private static VmShape Shape(long memory) => new(
        TextSize: GuestMap.PageSize,
        ReadOnlySize: GuestMap.PageSize,
        ControlSize: GuestMap.Control.Module + GuestMap.PageSize,
        StackSize: 256 << 10,
        memory,
        MemoryMax: 32 << 20);

    private static VmImage Image(VmShape shape, byte[] code) =>
        new(shape, code, ReadOnlyMemory<byte>.Empty, ReadOnlyMemory<byte>.Empty);

    private static void Must(in VmExit exit, VmExitKind kind)
    {
        if (exit.Kind != kind)
        {
            throw new InvalidOperationException($"the machine ended by {exit}");
        }
    }

    private static string Microseconds(TimeSpan time) =>
        time.TotalMicroseconds.ToString("0.0", CultureInfo.InvariantCulture) + " µs";

    /// <summary>What PROMISES.md says of a median.</summary>
    private sealed record Bound(string Promise, double Microseconds);
}
