// The long work as a program: each command takes a seed or a budget, prints what it did, and repeats a failure by its
// seed.
using System.Globalization;
using Tars.Sim;

string command = args.Length > 0 ? args[0] : "";
string argument = args.Length > 1 ? args[1] : "";
return command switch
{
    "sim" when argument == "" => Campaigns.Seeds(first: 1, count: 300),
    "sim" when ulong.TryParse(argument, CultureInfo.InvariantCulture, out ulong seed) =>
        Campaigns.Seeds(seed, count: 1),
    "fuzz" => Campaigns.Fuzz(Seconds(argument)),
    "spec" => Campaigns.Spec(argument, engine: args.Length > 2 ? args[2] : ""),
    _ => Usage(),
};

static TimeSpan Seconds(string text) =>
    TimeSpan.FromSeconds(int.TryParse(text, CultureInfo.InvariantCulture, out int seconds) ? seconds : 60);

static int Usage()
{
    Console.Error.WriteLine("usage: sim [SEED] | fuzz [SECONDS] | spec PATH [cil|oracle]");
    return 2;
}
