using System.Collections.Immutable;
using Tars.Lang.Syntax;

namespace Tars.Lang.Binding;

/// <summary>A place as written: the name at its root, and the fields on the way; an index is a star.</summary>
internal sealed record PlacePath(string Root, ImmutableArray<string> Steps)
{
    private const string AnyElement = "*";

    /// <summary>Null for what is no place.</summary>
    public static PlacePath? Of(Expr expr)
    {
        var steps = new Stack<string>();
        while (true)
        {
            switch (expr)
            {
                case Expr.Name name:
                    return new PlacePath(name.Value, [.. steps]);
                case Expr.Field field:
                    steps.Push(field.Member.Text);
                    expr = field.Target;
                    break;
                case Expr.Index index:
                    steps.Push(AnyElement);
                    expr = index.Target;
                    break;
                case Expr.Parenthesized inner:
                    expr = inner.Inner;
                    break;
                default:
                    return null;
            }
        }
    }

    /// <summary>Whether a write to the one can change the other: one leads into the other.</summary>
    public bool Touches(PlacePath other)
    {
        if (Root != other.Root)
        {
            return false;
        }

        int common = Math.Min(Steps.Length, other.Steps.Length);
        return Steps.AsSpan(0, common).SequenceEqual(other.Steps.AsSpan(0, common));
    }
}
