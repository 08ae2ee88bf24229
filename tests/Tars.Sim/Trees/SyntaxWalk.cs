using System.Collections;
using System.Reflection;
using Tars.Base;
using Tars.Lang.Syntax;

namespace Tars.Sim.Trees;

/// <summary>Walks a tree of syntax by its properties, whatever its nodes are.</summary>
internal static class SyntaxWalk
{
    public static IEnumerable<Identifier> Identifiers(object node) => Everything(node).OfType<Identifier>();

    public static IEnumerable<Comment> Comments(object node) => Everything(node).OfType<Comment>();

    private static IEnumerable<object> Everything(object? node) => node switch
    {
        null or string or IConvertible or TextSpan => [],
        Identifier => [node],
        IEnumerable list => list.Cast<object?>().SelectMany(Everything),
        _ => node.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.Name != "EqualityContract" && property.GetIndexParameters().Length == 0)
            .SelectMany(property => Everything(property.GetValue(node))).Prepend(node),
    };
}
