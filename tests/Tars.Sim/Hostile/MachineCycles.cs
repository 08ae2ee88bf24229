using System.Diagnostics;
using System.Globalization;
using Tars.Engine.Vm.Kvm;
using Tars.Engine.Vm.Machine;

namespace Tars.Sim.Hostile;

/// <summary>Creates, runs and destroys micro-VMs, and counts what they leave: descriptors, mappings, memory.</summary>
internal static class MachineCycles
{
    private const int SettledAfter = 100;

    // Of the garbage collector's own; a leak of one page for each of 100,000 cycles would be 400 MB.
    private const long MemorySlack = 64L << 20;
    private const int CountSlack = 64;

    private static readonly VmShape _shape = new(
        TextSize: GuestMap.PageSize,
        ReadOnlySize: GuestMap.PageSize,
        ControlSize: GuestMap.Control.Module + GuestMap.PageSize,
        StackSize: 64 << 10,
        MemorySize: GuestMap.WasmPageSize,
        MemoryMax: 4 << 20);

    /// <returns>An exit status.</returns>
    public static int Run(int cycles)
    {
        VmHost host;
        try
        {
            host = VmHost.Open();
        }
        catch (KvmException refusal)
        {
            Console.WriteLine($"vmcycles: skipped, because there are no micro-VMs here: {refusal.Message}");
            return 0;
        }

        using (host)
        {
            string? mistake = Run(host, cycles, out var first, out var last);
            Console.WriteLine($"  after {SettledAfter,7}: {first}");
            Console.WriteLine($"  after {cycles,7}: {last}");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"vmcycles: {(mistake is null ? cycles : 0)} passed, {(mistake is null ? 0 : 1)} failed {mistake}"));
            return mistake is null ? 0 : 1;
        }
    }

    /// <summary>So many cycles.</summary>
    /// <returns>What was left behind, or null.</returns>
    internal static string? Run(VmHost host, int cycles, out Use first, out Use last)
    {
        // mov [0], al; out Done: memory, stack page and code are all touched. Every seventh guest is a breach.
        var good = new VmImage(_shape, new byte[] { 0x50, 0x88, 0x04, 0x25, 0, 0, 0, 0, 0xE7, 0x10 }, default, default);
        var bad = good with { Text = new byte[] { 0xF4 } };
        var started = Stopwatch.GetTimestamp();
        first = Use.Now(started);
        for (int cycle = 0; cycle < cycles; cycle++)
        {
            bool isGood = cycle % 7 != 0;
            var machine = host.Create(_shape);
            machine.Load(isGood ? good : bad);
            bool isGrown = machine.TryResize(window: 0, (1 + (cycle % 64)) * (long)GuestMap.WasmPageSize);
            var exit = machine.Run(GuestMap.TextBase);
            host.Destroy(machine);
            if (!isGrown || exit.Kind != (isGood ? VmExitKind.Done : VmExitKind.Fault))
            {
                last = Use.Now(started);
                return $"cycle {cycle}: {exit}";
            }

            if (cycle == SettledAfter)
            {
                first = Use.Now(started);
            }
        }

        last = Use.Now(started);
        return first.Descriptors + CountSlack < last.Descriptors ? "descriptors are left"
            : first.Mappings + CountSlack < last.Mappings ? "mappings are left"
            : first.Resident + MemorySlack < last.Resident ? "memory is left"
            : null;
    }

    /// <summary>What this process holds.</summary>
    internal readonly record struct Use(int Descriptors, int Mappings, long Resident, TimeSpan Time)
    {
        // What nobody holds any more is no leak, but the collector may leave tens of megabytes of it for later.
        public static Use Now(long started)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            return new(
                Directory.GetFiles("/proc/self/fd").Length,
                File.ReadLines("/proc/self/maps").Count(),
                Environment.WorkingSet,
                Stopwatch.GetElapsedTime(started));
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{Descriptors} descriptors, {Mappings} mappings, {Resident >> 20} MB, {Time.TotalSeconds:F1} s");
    }
}
