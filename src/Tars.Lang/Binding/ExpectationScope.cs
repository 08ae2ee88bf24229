using Tars.Lang.Symbols;

namespace Tars.Lang.Binding;

/// <summary>What a scenario may name of the modules that play the world.</summary>
/// <param name="Environment">By the name in the scenario; null where the module could not be found.</param>
internal sealed record ExpectationScope(IReadOnlyDictionary<string, ModuleScope?> Environment)
{
    public static ExpectationScope Empty { get; } = new(new Dictionary<string, ModuleScope?>());

    /// <summary>Every param of these modules, as `world.param`.</summary>
    public IEnumerable<string> Params =>
        Environment.SelectMany(one => (one.Value?.Params.Keys ?? Enumerable.Empty<string>())
            .Select(param => $"{one.Key}.{param}"));

    /// <summary>The param that `world.param` names, and the name of its world in the scenario; else null.</summary>
    public (string World, ParamSymbol Param)? ParamOf(string name) =>
        name.Split('.') is [var world, var param]
        && Environment.TryGetValue(world, out ModuleScope? module) && module is not null
        && module.Params.TryGetValue(param, out ParamSymbol? found)
            ? (world, found)
            : null;

    /// <summary>Whether the world of `world.param` could not be found or read, so the param may be there.</summary>
    public bool MayBeParam(string name) =>
        name.Split('.') is [var world, var param]
        && Environment.TryGetValue(world, out ModuleScope? module)
        && (module is null || module.Complaints.Recovery.MayBeDeclared(param));
}
