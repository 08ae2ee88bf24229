using System.Globalization;
using System.Text.Json;
using Tars.Evolution.Search;

namespace Tars.Bench.Evolving;

/// <summary>What seeds came to, in a file that is added to when one is done.</summary>
internal sealed class EvolveStore
{
    private readonly string _path;

    /// <param name="one">Whatever its judge is, or the search itself, changes the name of the file.</param>
    public EvolveStore(EvolveCase one, SearchKind kind, EvolveOrder order)
    {
        string judge = one.Problem(kind == SearchKind.Tune ? one.Text(one.Tuned) : one.Text()).Judge.Short;
        string search = typeof(GeneSearch).Module.ModuleVersionId.ToString()[..8];
        string budget = order.Minutes is { } minutes
            ? string.Create(CultureInfo.InvariantCulture, $"{minutes}m{order.Workers}")
            : order.Evaluations.ToString(CultureInfo.InvariantCulture);
        _path = Repository.Scratch($"evolve-{one.Name}-{kind}-{budget}-{judge}-{search}.jsonl".ToLowerInvariant());
    }

    public EvolveResult? Find(int seed) => File.Exists(_path)
        ? File.ReadLines(_path).Select(line => JsonSerializer.Deserialize<EvolveResult>(line)!)
            .FirstOrDefault(result => result.Seed == seed)
        : null;

    public EvolveResult Keep(EvolveResult result)
    {
        File.AppendAllText(_path, JsonSerializer.Serialize(result) + "\n");
        return result;
    }
}

/// <summary>What one seed came to: the costs of the version that `validation` chose.</summary>
/// <param name="Seconds">Of processor time, for the search alone.</param>
internal sealed record EvolveResult(
    int Seed, int Evaluations, double Seconds, double Train, double Validation, double Test, string Code)
{
    public string Told() => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {Seed}: test {Test:0.000}, validation {Validation:0.000}, train {Train:0.000}, "
            + $"{Evaluations} evaluations, {Seconds:0} s: {Code}");
}
