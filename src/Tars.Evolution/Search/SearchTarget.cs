using System.Collections.Immutable;

namespace Tars.Evolution.Search;

/// <summary>One thing that a search may change. The family is closed.</summary>
/// <param name="Path">Of what is replaced.</param>
/// <param name="Name">Of the function or param.</param>
public abstract record SearchTarget(string Path, string Name)
{
    /// <summary>What stands there, or null when the search could not make it.</summary>
    internal Gene? First { get; init; }

    /// <summary>The body of a pure function of ints and floats that returns a float.</summary>
    /// <param name="Inputs">What stands for each parameter in an expression of floats.</param>
    /// <param name="Signature">The parameters with their types, as they stand under `with`.</param>
    public sealed record Function(string Path, string Name, ImmutableArray<string> Inputs, string Signature)
        : SearchTarget(Path, Name)
    {
        /// <summary>Arguments to call it with.</summary>
        internal string Zeros => string.Join(", ", Inputs.Select(_ => "0"));
    }

    /// <summary>The value of a param that is a number.</summary>
    /// <param name="Low">The least that it may be.</param>
    public sealed record Param(string Path, string Name, bool IsWhole, double Low, double High)
        : SearchTarget(Path, Name);
}
