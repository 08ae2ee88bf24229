using System.Collections.Immutable;
using Tars.Bundle.Wasm;

namespace Tars.Bundle.Container;

/// <summary>What the sections of a bundle take, in the order of the file.</summary>
/// <param name="Name">The name of a custom section, or the specification's word for another.</param>
/// <param name="Bytes">The whole section, its number and size included.</param>
public sealed record BundleSize(string Name, int Bytes)
{
    public static ImmutableArray<BundleSize> Of(BundleFile bundle)
    {
        var sizes = ImmutableArray.CreateBuilder<BundleSize>();
        var walk = new SectionWalk(bundle.Bytes.Span);
        while (walk.Next())
        {
            sizes.Add(new BundleSize(walk.Id == 0 ? walk.Name : NameOf(walk.Id), walk.Whole.Length));
        }

        return sizes.DrainToImmutable();
    }

    private static string NameOf(byte id) => ((SectionId)id).ToString().ToLowerInvariant();
}
