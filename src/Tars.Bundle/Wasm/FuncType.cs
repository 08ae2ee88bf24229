using System.Collections.Immutable;

namespace Tars.Bundle.Wasm;

/// <summary>What a function, a block or an instruction takes and gives. Two are equal when their types are.</summary>
public sealed record FuncType(ImmutableArray<ValType> Parameters, ImmutableArray<ValType> Results)
{
    public static FuncType Empty { get; } = new([], []);

    public bool Equals(FuncType? other) =>
        other is not null
        && Parameters.AsSpan().SequenceEqual(other.Parameters.AsSpan())
        && Results.AsSpan().SequenceEqual(other.Results.AsSpan());

    public override int GetHashCode()
    {
        // FNV-1a, because System.HashCode differs from run to run.
        uint hash = 2166136261;
        foreach (var type in Parameters)
        {
            hash = (hash ^ (byte)type) * 16777619;
        }

        hash *= 16777619;
        foreach (var type in Results)
        {
            hash = (hash ^ (byte)type) * 16777619;
        }

        return (int)hash;
    }

    public override string ToString() => $"[{Names(Parameters)}] -> [{Names(Results)}]";

    /// <summary>Reads <c>i32 i32 -> i64</c>, the way the opcode table spells a signature.</summary>
    internal static FuncType Parse(string text)
    {
        string[] sides = text.Split("->");
        return new FuncType(Types(sides[0]), Types(sides[1]));
    }

    private static ImmutableArray<ValType> Types(string names) =>
        [.. names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ValTypes.Named)];

    private static string Names(ImmutableArray<ValType> types) => string.Join(' ', types.Select(ValTypes.Name));
}
