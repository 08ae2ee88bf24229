// The benches as a program: it runs those that are named, or says which there are.
using Tars.Bench;
using Tars.Bench.Evolving;

(string Name, string About, Func<string[], int> Run)[] benches =
[
    ("startup", "how long tarscli takes to do next to nothing", _ => StartupBench.Run()),
    ("blob", "a mebibyte for eight subscribers, as a blob, as bytes and as plain copies", _ => BlobBench.Run()),
    ("beliefs", "repairs of graphs with planted contradictions, beside all that there are", _ => BeliefBench.Run()),
    ("check", "a metascript of 2,000 lines, checked cold and compiled warm", _ => CheckBench.Run()),
    ("durable", "events that are kept in a second, beside what the disk can do", _ => DurableBench.Run()),
    ("evolve", "how well and how fast the search evolves the samples; [TASK…] [--seeds N]", EvolveBench.Run),
    ("engine", "kernels in C under the engine, V8 and natively; [KERNEL…] [--write] [--short]", EngineBench.Run),
    ("journal", "a run with and without a recording, and its replay", _ => JournalBench.Run()),
    ("latency", "how late timers are beside work, for a minute", _ => LatencyBench.Run()),
    ("logwatch", "a million lines counted, beside awk, Python and Lua", _ => LogwatchBench.Run()),
    ("processes", "a hundred thousand processes at once: memory, births, messages", _ => ProcessesBench.Run()),
    ("send", "tells, asks and births between two processes, beside Erlang/OTP", _ => SendBench.Run()),
    ("shards", "pairs of processes on one shard and on two, and over a channel between them", _ => ShardBench.Run()),
    ("isolated", "tells in batches to a process in a machine of its own, beside cil", _ => IsolatedBench.Run()),
    ("policy", "what a scheduling decision costs, built in and by a module", _ => PolicyBench.Run()),
    ("vm", "micro-VMs: made, started, called, stopped, set back; and a thousand of them", _ => VmBench.Run()),
    ("tiers", "from a module to its first call at each tier of the compiler, beside cil", _ => TierBench.Run()),
    ("swap", "1,000 swaps of a process with 1 MB of state while mail waits", _ => SwapBench.Run()),
];

const string All = "all";

// A bench's own words follow its name; only `engine` and `evolve` take any.
var chosen = new List<(string Name, List<string> Words)>();
foreach (string word in args)
{
    if (word == All || benches.Any(bench => bench.Name == word))
    {
        chosen.Add((word, []));
    }
    else if (chosen.LastOrDefault() is { Name: "engine" or "evolve" } taker)
    {
        taker.Words.Add(word);
    }
    else
    {
        Console.Error.WriteLine($"no such bench: {word}");
        return Usage();
    }
}

if (chosen.Count == 0)
{
    Console.Error.WriteLine("which bench?");
    return Usage();
}

int failed = 0;
bool isAll = chosen.Any(choice => choice.Name == All);
foreach (var bench in benches.Where(bench => isAll || chosen.Any(choice => choice.Name == bench.Name)))
{
    Console.WriteLine($"{bench.Name}: {bench.About}");
    failed += bench.Run([.. chosen.Where(choice => choice.Name == bench.Name).SelectMany(choice => choice.Words)]);
}

return failed == 0 ? 0 : 1;

int Usage()
{
    Console.Error.WriteLine($"there are, and `{All}` for all of them:");
    foreach (var bench in benches)
    {
        Console.Error.WriteLine($"  {bench.Name,-10}{bench.About}");
    }

    return 2;
}
