// The long work as a program: each command takes a seed or a budget, prints what it did, and repeats a failure by its
// seed.
using System.Globalization;
using Tars.Sim;
using Tars.Sim.Hostile;
using Tars.Sim.Kills;
using Tars.Sim.Rings;
using Tars.Sim.Robustness;
using Tars.Sim.Sharding;
using Tars.Sim.Sharding.Kept;
using Tars.Sim.Soak;
using Tars.Sim.Swarm;

string command = args.Length > 0 ? args[0] : "";
string argument = args.Length > 1 ? args[1] : "";
return command switch
{
    "sim" when argument == "" => Math.Max(
        SwarmCampaign.Smoke(), Math.Max(Campaigns.Seeds(first: 1, count: 150), Campaigns.Planted(first: 1, count: 20))),
    "sim" when argument == "marks" => SwarmCampaign.Marks((int)Number(args, place: 2, otherwise: 100)),
    "sim" when Option(args, "--seconds") is { } seconds => SwarmCampaign.Seeds(
        ulong.TryParse(argument, CultureInfo.InvariantCulture, out ulong from) ? from : 1, Seconds(seconds)),
    "sim" when ulong.TryParse(argument, CultureInfo.InvariantCulture, out ulong seed) => Math.Max(
        SwarmCampaign.Tell(seed), Math.Max(Campaigns.Seeds(seed, count: 1), Campaigns.Planted(seed, count: 1))),
    "swarm" when argument == "mistakes" => SwarmCampaign.Mistakes(),
    "swarm" => SwarmCampaign.Seeds(
        first: Number(args, place: 2, otherwise: 1), count: Whole(argument) ?? 200, new Coverage()),
    "shards" => ShardsSeed.Campaign(
        first: Number(args, place: 2, otherwise: 1), count: Number(args, place: 1, otherwise: 1_000)),
    "keptshards" when argument == "mistakes" => SwarmCampaign.Mistakes(
        KeptPlan.IsOfKept),
    "keptshards" => KeptShardsSeed.Campaign(
        first: Number(args, place: 2, otherwise: 1), count: Number(args, place: 1, otherwise: 200)),
    "planted" => Campaigns.Planted(first: 1, count: Whole(argument) ?? 100),
    "fuzz" => Campaigns.Fuzz(Seconds(argument), Seeds(args)),
    "modules" => EngineCampaigns.Modules(
        first: Number(args, place: 2, otherwise: 1),
        count: (int)Number(args, place: 1, otherwise: 2_000),
        eachOnMicroVm: args.Contains("--microvm")),
    "binaries" => EngineCampaigns.Binaries(Whole(argument) ?? 100_000),
    "rings" => RingCampaign.Run(
        (long)Number(args, place: 1, otherwise: 1_000_000), first: Number(args, place: 2, otherwise: 1)),
    "spec" when argument != "" => EngineCampaigns.Spec(argument, Option(args, "--engine"), Option(args, "--only")),
    "robust" when args.Length == 4 && Whole(args[3]) is { } number =>
        RobustnessCampaign.Repeat(argument, args[2], number),
    "robust" when args.Length < 3 && Whole(argument) is { } step => RobustnessCampaign.Run(word: "", step),
    "robust" when args.Length < 4 =>
        RobustnessCampaign.Run(argument, args.Length < 3 ? 1 : Whole(args[2]) ?? 1),
    "robust-part" => RobustnessCampaign.RunPart(argument, Whole(args[2])!.Value, Whole(args[3])!.Value, args[4]),
    "kills" => KillCampaign.Run(Whole(argument) ?? 1_000, Whole(Option(args, "--shards") ?? "")),
    "storekills" => StoreCampaign.Run(Whole(argument) ?? 200),
    StoreWork.Command when args.Length == 3 => StoreWork.Run(argument, Number(args, place: 2, otherwise: 1)),
    "soak" => SoakCampaign.Run(Whole(argument) ?? 10),
    "soak-run" => SoakRun.Run(argument, leaks: args.Contains(SoakRun.Leaks)),
    "sealed" => SealedProcess.Run(),
    "hostile" => HostileCampaign.Run(),
    "vmcycles" => MachineCycles.Run(Whole(argument) ?? 100_000),
    "build-all" => BundleFolder.Build(argument),
    _ => Usage(),
};

static int? Whole(string text) =>
    int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

static TimeSpan Seconds(string text) =>
    TimeSpan.FromSeconds(int.TryParse(text, CultureInfo.InvariantCulture, out int seconds) ? seconds : 60);

// Without a number of seeds the time alone is the budget.
static ulong Seeds(string[] args) =>
    args.Length > 2 && ulong.TryParse(args[2], CultureInfo.InvariantCulture, out ulong seeds) ? seeds : ulong.MaxValue;

static ulong Number(string[] args, int place, ulong otherwise) =>
    args.Length > place && ulong.TryParse(args[place], CultureInfo.InvariantCulture, out ulong number)
        ? number
        : otherwise;

static string? Option(string[] args, string name) =>
    Array.IndexOf(args, name) is var place and >= 0 && place + 1 < args.Length ? args[place + 1] : null;

static int Usage()
{
    Console.Error.WriteLine("usage: sim [SEED] [--seconds N] | sim marks [SEEDS]");
    Console.Error.WriteLine("       swarm [SEEDS [FIRST]] | swarm mistakes");
    Console.Error.WriteLine("       planted [SEEDS] | fuzz [SECONDS [SEEDS]] | modules [COUNT [FIRST]] [--microvm]");
    Console.Error.WriteLine("       binaries [COUNT] | kills [COUNT] [--shards N]");
    Console.Error.WriteLine("       storekills [COUNT] | soak [MINUTES]");
    Console.Error.WriteLine("       rings [COUNT [FIRST]] | hostile | vmcycles [COUNT] | shards [COUNT [FIRST]]");
    Console.Error.WriteLine("       keptshards [COUNT [FIRST]] | keptshards mistakes");
    Console.Error.WriteLine("       robust [PROGRAM] [STEP] | robust PROGRAM KIND NUMBER");
    Console.Error.WriteLine("       spec PATH [--engine cil|oracle|microvm] [--only SCRIPT]");
    return 2;
}
