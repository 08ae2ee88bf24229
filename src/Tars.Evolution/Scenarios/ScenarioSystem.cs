using System.Collections.Immutable;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Scenarios;

/// <summary>The modules that one scenario runs: those that play the world, and the one that is judged.</summary>
/// <param name="World">In the order of `environment`.</param>
/// <param name="Begins">The version that the run begins with, where it is another one.</param>
internal sealed record ScenarioSystem(ImmutableArray<ModuleImage> World, ModuleImage Module, ModuleImage? Begins)
{
    /// <summary>What these modules import, each once.</summary>
    public ImmutableArray<ModuleImage> Imports { get; init; } = [];

    /// <summary>Joins them, with their code on a core and the scenario's values of params.</summary>
    /// <param name="values">Name and value of each param that the scenario sets.</param>
    public LinkResult Link(VirtualCore core, IReadOnlyList<KeyValuePair<string, ImmutableArray<byte>>> values) =>
        SystemImage.Link(
            [.. World.Append(With(Begins ?? Module, values)).Concat(Imports).Select(one => On(core, one))]);

    /// <summary>The judged module with the scenario's values of params.</summary>
    public ModuleImage Judged(IReadOnlyList<KeyValuePair<string, ImmutableArray<byte>>> values) => With(Module, values);

    /// <summary>A module whose guests run on a core.</summary>
    public static ModuleImage On(VirtualCore core, ModuleImage image) => image with { Code = core.Wrap(image.Code) };

    /// <summary>A module with other values of its params; a value out of its range is left out.</summary>
    public static ModuleImage With(ModuleImage image, IReadOnlyList<KeyValuePair<string, ImmutableArray<byte>>> values)
    {
        var changed = image.Manifest.Params.ToBuilder();
        foreach (var (name, value) in values)
        {
            int place = changed.ToList().FindIndex(one => one.Name == name);
            if (0 <= place && Bundle.Manifest.ParamRange.Holds(changed[place], value.AsSpan()))
            {
                changed[place] = changed[place] with { Value = value };
            }
        }

        return image with { Manifest = image.Manifest with { Params = changed.ToImmutable() } };
    }
}
