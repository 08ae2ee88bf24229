using System.Collections.Immutable;
using System.Globalization;

namespace Tars.Bench.Evolving;

/// <summary>What the bench of the search is asked for on its command line.</summary>
/// <param name="Cases">Names of tasks; none for all.</param>
/// <param name="Kinds">Of what is measured; none for all.</param>
internal sealed record EvolveOrder(ImmutableArray<string> Cases, ImmutableArray<string> Kinds)
{
    public int Seeds { get; private set; } = 3;

    /// <summary>Seeds of what stands beside the search: random search and the tuned rule.</summary>
    public int SeedsBeside { get; private set; } = 3;

    public int FirstSeed { get; private set; } = 1;

    public int Evaluations { get; private set; } = 20_000;

    /// <summary>Of the clock, for each seed; null for as long as the evaluations take.</summary>
    public double? Minutes { get; private set; }

    public int Workers { get; private set; } = 1;

    /// <summary>Whether the tables go into the page.</summary>
    public bool Writes { get; private set; }

    /// <param name="why">Why not, when the answer is null.</param>
    public static EvolveOrder? Read(string[] words, out string why)
    {
        var cases = ImmutableArray.CreateBuilder<string>();
        var kinds = ImmutableArray.CreateBuilder<string>();
        var numbers = new Dictionary<string, double>(StringComparer.Ordinal);
        bool writes = false;
        for (int at = 0; at < words.Length; at++)
        {
            switch (words[at])
            {
                case "--evolved":
                    kinds.Add("evolved");
                    break;
                case "--random":
                    kinds.Add("random search");
                    break;
                case "--tuned":
                    kinds.Add("tuned rule");
                    break;
                case "--write":
                    writes = true;
                    break;
                case "--seeds" or "--beside" or "--from" or "--evaluations" or "--minutes" or "--workers"
                    when at + 1 < words.Length && double.TryParse(
                        words[at + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                        && 0 < number:
                    numbers[words[at++]] = number;
                    break;
                case var word when EvolveCase.All.Any(one => one.Name == word):
                    cases.Add(word);
                    break;
                default:
                    why = $"not understood: {words[at]}; tasks are "
                        + string.Join(", ", EvolveCase.All.Select(one => one.Name))
                        + "; then --seeds, --beside, --from, --evaluations, --minutes, --workers with a number, "
                        + "--evolved, --random, --tuned for a part, and --write for the page";
                    return null;
            }
        }

        why = "";
        int Whole(string name, int otherwise) => (int)numbers.GetValueOrDefault(name, otherwise);
        return new EvolveOrder(cases.ToImmutable(), kinds.ToImmutable())
        {
            Seeds = Whole("--seeds", 3),
            SeedsBeside = Whole("--beside", Whole("--seeds", 3)),
            FirstSeed = Whole("--from", 1),
            Evaluations = Whole("--evaluations", numbers.ContainsKey("--minutes") ? 10_000_000 : 20_000),
            Minutes = numbers.TryGetValue("--minutes", out double minutes) ? minutes : null,
            Workers = Whole("--workers", 1),
            Writes = writes,
        };
    }
}
