using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Bundle.Schema;

namespace Tars.Evolution.Search;

/// <summary>An expression of floats that the search makes and changes; as text it is code of a metascript.</summary>
/// <param name="Value">Of a constant.</param>
/// <param name="Input">Of an input: its place among the parameters.</param>
internal sealed record Gene(GeneKind Kind, double Value, int Input, ImmutableArray<Gene> Parts)
{
    /// <summary>How many genes there are, this one and those of its parts included.</summary>
    public int Count { get; } = 1 + Parts.Sum(part => part.Count);

    public int Depth { get; } = 1 + (Parts.IsEmpty ? 0 : Parts.Max(part => part.Depth));

    public static Gene Constant(double value) => new(GeneKind.Constant, value, 0, []);

    public static Gene OfInput(int input) => new(GeneKind.Input, 0, input, []);

    public static Gene Of(GeneKind kind, params ImmutableArray<Gene> parts) => new(kind, 0, 0, parts);

    /// <summary>How many parts a kind has.</summary>
    public static int Arity(GeneKind kind) => kind switch
    {
        GeneKind.Input or GeneKind.Constant => 0,
        GeneKind.Negate or GeneKind.Absolute => 1,
        GeneKind.Add or GeneKind.Subtract or GeneKind.Multiply or GeneKind.Divide or GeneKind.Least
            or GeneKind.Greatest => 2,
        GeneKind.IfLess => 4,
    };

    /// <summary>The gene at a place, counted from this one on, each before its parts.</summary>
    public Gene At(int place)
    {
        if (place == 0)
        {
            return this;
        }

        int rest = place - 1;
        foreach (var part in Parts)
        {
            if (rest < part.Count)
            {
                return part.At(rest);
            }

            rest -= part.Count;
        }

        throw new UnreachableException();
    }

    /// <summary>The same with another gene at a place.</summary>
    public Gene With(int place, Gene other)
    {
        if (place == 0)
        {
            return other;
        }

        int rest = place - 1;
        for (int index = 0; index < Parts.Length; index++)
        {
            if (rest < Parts[index].Count)
            {
                return new Gene(Kind, Value, Input, Parts.SetItem(index, Parts[index].With(rest, other)));
            }

            rest -= Parts[index].Count;
        }

        throw new UnreachableException();
    }

    /// <summary>The code, with every group in brackets; the formatter takes those away that it can.</summary>
    /// <param name="inputs">What stands for each input.</param>
    public string Text(ImmutableArray<string> inputs)
    {
        string Part(int index) => Parts[index].Text(inputs);
        return Kind switch
        {
            GeneKind.Input => inputs[Input],
            GeneKind.Constant when Value < 0 => $"(-{FloatText.Of(-Value)})",
            GeneKind.Constant => FloatText.Of(Value),
            GeneKind.Negate => $"(-{Part(0)})",
            GeneKind.Absolute => $"abs({Part(0)})",
            GeneKind.Add => $"({Part(0)} + {Part(1)})",
            GeneKind.Subtract => $"({Part(0)} - {Part(1)})",
            GeneKind.Multiply => $"({Part(0)} * {Part(1)})",
            GeneKind.Divide => $"({Part(0)} / {Part(1)})",
            GeneKind.Least => $"min({Part(0)}, {Part(1)})",
            GeneKind.Greatest => $"max({Part(0)}, {Part(1)})",
            GeneKind.IfLess => $"(if {Part(0)} < {Part(1)} {{ {Part(2)} }} else {{ {Part(3)} }})",
        };
    }
}

/// <summary>To add a kind: here, its arity, its text, and in <see cref="GeneReader"/>.</summary>
internal enum GeneKind
{
    Input,
    Constant,
    Negate,
    Absolute,
    Add,
    Subtract,
    Multiply,
    Divide,
    Least,
    Greatest,
    IfLess,
}
