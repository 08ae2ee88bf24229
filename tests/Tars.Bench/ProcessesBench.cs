using System.Globalization;
using System.Runtime;

namespace Tars.Bench;

/// <summary>A hundred thousand processes that live at once: what they cost in memory and time.</summary>
/// <remarks>
/// All of the memory of the program counts: what is resident, page tables and the managed heap. A birth is allowed
/// what its page faults cost on this machine, measured here, and ten microseconds. All times are of processors, so that
/// other work beside it matters less.
/// </remarks>
internal static class ProcessesBench
{
    private const int Branches = 100;
    private const int Leaves = 1_000;
    private const int Count = Branches * Leaves;
    private const int WarmUps = 4;
    private const int WarmUpLeaves = 30;
    private const int FaultPages = 1 << 19;
    private const int PagesAtOnce = 1 << 15;
    private const int PageSize = 4096;

    // What PROMISES.md says.
    private const double MegabytesMax = 2_500;
    private const double BeyondFaultsMax = 10_000;

    private static readonly TimeSpan _settling = TimeSpan.FromMilliseconds(400);

    private const string Program = """
        tars: 1
        module: forest
        version: 1.0.0
        summary: A root that spawns branches, which spawn leaves that wait.

        capabilities:
          subscribe: { grow: int, count: int }
          publish: { done: int }
          spawn: { branch: 100, leaf: 100000 }

        agentic:
          agents:
            root:
              role: Spawns branches.
              state:
                branches: list<ref<branch>> = []
                counted: int = 0
              handlers:
                message grow as leaves:
                  do: |
                    for i in 0..100 {
                      let one = spawn branch(by = self)
                      branches.push(one)
                      tell one.grow(count = leaves)
                    }
                    publish("done", 100)
                message count as leaves:
                  do: |
                    counted = 0
                    for one in branches { tell one.visit() }
                ask again:
                  with: { one: ref<branch> }
                  do: |
                    tell one.more()
                ask counts:
                  with: { leaves: int }
                  do: |
                    counted += leaves
                    if counted >= branches.len() * 1000 { publish("done", counted) }
            branch:
              role: Spawns leaves.
              starts: by_spawn
              mailbox: { length: 2000, when_full: reject }
              state:
                by: ref<root>
                leaves: list<ref<leaf>> = []
                counted: int = 0
                wanted: int = 0
              handlers:
                ask grow:
                  with: { count: int }
                  do: |
                    wanted = count
                    tell by.again(one = self)
                ask more:
                  do: |
                    for i in 0..min(wanted, 100) {
                      let one = spawn leaf(by = self, number = leaves.len())
                      leaves.push(one)
                    }
                    wanted -= min(wanted, 100)
                    if wanted > 0 { tell by.again(one = self) }
                ask visit:
                  do: |
                    counted = 0
                    for one in leaves { tell one.visit() }
                ask back:
                  with: { number: int }
                  do: |
                    counted += if number < leaves.len() { 1 } else { 0 }
                    if counted == leaves.len() { tell by.counts(leaves = counted) }
            leaf:
              role: Waits.
              starts: by_spawn
              state:
                by: ref<branch>
                number: int
                visits: int = 0
              handlers:
                ask visit:
                  do: |
                    visits += 1
                    tell by.back(number = number)
        """;

    public static int Run()
    {
        WarmUp();
        var system = new LoadedProgram(Program);
        double fault = PriceOfFault();
        long before = Kilobytes("VmRSS:");
        long faultsBefore = PageFaults();
        long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        var begun = Environment.CpuUsage.TotalTime;
        system.Send("grow", BitConverter.GetBytes((long)Leaves));
        double birth = (Environment.CpuUsage.TotalTime - begun).TotalNanoseconds / Count;
        double pages = (PageFaults() - faultsBefore) / (double)Count;
        double allocated = (GC.GetAllocatedBytesForCurrentThread() - allocatedBefore) / (double)Count;
        begun = Environment.CpuUsage.TotalTime;
        system.Send("count", BitConverter.GetBytes((long)Leaves));
        double visit = (Environment.CpuUsage.TotalTime - begun).TotalNanoseconds / Count;
        GC.Collect();
        long resident = Kilobytes("VmRSS:");
        long tables = Kilobytes("VmPTE:");
        double all = (resident + tables) * 1024 / 1e6;
        var table = new Table("what", "seen", "at most");
        table.Row("processes alive", Number(system.Outside.Started), "");
        table.Row("answered a message", Number(system.Outside.LastPublished), "");
        table.Row("memory, all of it", $"{Number(all)} MB", $"{Number(MegabytesMax)} MB");
        table.Row("  of it page tables", $"{Number(tables * 1024 / 1e6)} MB", "");
        table.Row("  of it managed heap", $"{Number(GC.GetTotalMemory(false) / 1e6)} MB", "");
        table.Row("  a process", $"{Number((resident - before) / (double)Count)} KiB", "");
        table.Row("birth", $"{Number(birth)} ns", $"{Number((pages * fault) + BeyondFaultsMax)} ns");
        table.Row("  of it page faults", $"{Number(pages)} at {Number(fault)} ns", "");
        table.Row("  allocates", $"{Number(allocated)} octets", "");
        table.Row("a message there and back", $"{Number(visit)} ns", "");
        table.Print(Console.Out);
        string?[] failures =
        [
            system.Outside.Started == Count + Branches + 1 ? null : $"not all were born: {system.Outside.Refusal}",
            system.Outside.LastPublished == Count ? null : $"not all answered: {system.Outside.Refusal}",
            all <= MegabytesMax ? null : "more memory than promised",
            birth <= (pages * fault) + BeyondFaultsMax ? null : "a birth takes longer than promised",
        ];
        foreach (var failure in failures.OfType<string>())
        {
            Console.WriteLine($"FAILED: {failure}");
        }

        return failures.OfType<string>().Count();
    }

    // What .NET compiles once something has run often is compiled once in the life of a program. It takes a second of
    // processor time beside the first births, and is no part of any.
    private static void WarmUp()
    {
        for (int round = 0; round < WarmUps; round++)
        {
            new LoadedProgram(Program).Send("grow", BitConverter.GetBytes((long)WarmUpLeaves));
            long compiled;
            do
            {
                compiled = JitInfo.GetCompiledMethodCount();
                Thread.Sleep(_settling);
            }
            while (compiled != JitInfo.GetCompiledMethodCount());
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    /// <summary>Nanoseconds of the first touch of a page of fresh memory, of as many pages as the births touch.
    /// </summary>
    /// <remarks>
    /// What no program has touched since a virtual machine started must first be had from the hypervisor, which takes
    /// several times as long, so all of it is touched once before.
    /// </remarks>
    private static double PriceOfFault()
    {
        TouchPages();
        double price = TouchPages();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        return price;
    }

    private static double TouchPages()
    {
        // What was collected so is the system's again.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        var blocks = new byte[FaultPages / PagesAtOnce][];
        var begun = Environment.CpuUsage.TotalTime;
        foreach (ref byte[] block in blocks.AsSpan())
        {
            block = GC.AllocateUninitializedArray<byte>(PagesAtOnce * PageSize);
            for (int page = 0; page < PagesAtOnce; page++)
            {
                block[page * PageSize] = 1;
            }
        }

        return (Environment.CpuUsage.TotalTime - begun).TotalNanoseconds / FaultPages;
    }

    /// <summary>Of this program so far, that were served without a disk.</summary>
    private static long PageFaults()
    {
        // proc_pid_stat(5): the name in brackets may hold blanks, the tenth field counts faults.
        var stat = File.ReadAllText("/proc/self/stat");
        return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[7], CultureInfo.InvariantCulture);
    }

    private static long Kilobytes(string mark)
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(mark, StringComparison.Ordinal));
        string digits = line[mark.Length..].Replace("kB", "", StringComparison.Ordinal);
        return long.Parse(digits, CultureInfo.InvariantCulture);
    }

    private static string Number(double value) =>
        value.ToString(value < 100 ? "0.#" : "#,0", CultureInfo.InvariantCulture);
}
