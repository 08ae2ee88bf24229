// The benches as a program: it runs those that are named, or all of them.
using Tars.Bench;

(string Name, string About, Func<int> Run)[] benches =
[
    ("startup", "how long tarscli takes to do next to nothing", StartupBench.Run),
    ("check", "a metascript of 2,000 lines, checked cold and compiled warm", CheckBench.Run),
    ("engine", "what a step costs under the engine, beside the same in C#", EngineBench.Run),
    ("logwatch", "a million lines counted, beside awk, Python and Lua", LogwatchBench.Run),
];

var unknown = args.Except(benches.Select(bench => bench.Name)).ToList();
if (0 < unknown.Count)
{
    Console.Error.WriteLine($"no such bench: {string.Join(", ", unknown)}");
    foreach (var bench in benches)
    {
        Console.Error.WriteLine($"  {bench.Name,-10}{bench.About}");
    }

    return 2;
}

int failed = 0;
foreach (var bench in benches.Where(bench => args.Length == 0 || args.Contains(bench.Name)))
{
    Console.WriteLine($"{bench.Name}: {bench.About}");
    failed += bench.Run();
}

return failed == 0 ? 0 : 1;
