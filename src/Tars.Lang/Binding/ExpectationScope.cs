namespace Tars.Lang.Binding;

/// <summary>What an expectation of a scenario may name: the modules that play the world.</summary>
/// <param name="Environment">By the name in the scenario; null where the module could not be found.</param>
internal sealed record ExpectationScope(IReadOnlyDictionary<string, ModuleScope?> Environment)
{
    public static ExpectationScope Empty { get; } = new(new Dictionary<string, ModuleScope?>());
}
