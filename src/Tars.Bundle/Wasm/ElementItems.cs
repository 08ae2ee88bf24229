using System.Collections.Immutable;

namespace Tars.Bundle.Wasm;

/// <summary>How the references of an element segment are written. The family is closed.</summary>
public abstract record ElementItems
{
    private ElementItems()
    {
    }

    public abstract int Count { get; }

    public sealed record Functions(ImmutableArray<FuncIndex> Indices) : ElementItems
    {
        public override int Count => Indices.Length;
    }

    /// <summary>Constant expressions, each ending with <c>end</c>.</summary>
    public sealed record Expressions(ImmutableArray<ReadOnlyMemory<byte>> Codes) : ElementItems
    {
        public override int Count => Codes.Length;
    }
}
