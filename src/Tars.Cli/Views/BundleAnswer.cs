using Tars.Bundle.Container;
using Tars.Bundle.Wasm;

namespace Tars.Cli.Views;

/// <summary>What <c>inspect</c> shows: a bundle, the module inside, and which parts are wanted.</summary>
/// <param name="File">As the user named it.</param>
internal sealed record BundleAnswer(
    string File, BundleFile Bundle, WasmModule Module, IReadOnlySet<BundlePart> Parts, bool ShowsWasm)
{
    public bool Shows(BundlePart part) => Parts.Contains(part);
}

/// <summary>The parts of a bundle, by the words that <c>--section</c> takes.</summary>
internal enum BundlePart
{
    Summary,
    Manifest,
    State,
    Imports,
    Exports,
    Sizes,
    Hash,
    Sites,
    Source,
}
