using System.Diagnostics;
using Tars.Lang.Syntax;

namespace Tars.Lang.Formatting;

/// <summary>Writes types as text.</summary>
internal static class TypeText
{
    public static string Of(TypeSyntax type) => type switch
    {
        TypeSyntax.Named { Module: { } module } named => $"{module}.{named.Name}",
        TypeSyntax.Named named => named.Name.Text,
        TypeSyntax.List list => $"list<{Of(list.Element)}>",
        TypeSyntax.Map map => $"map<{Of(map.Key)}, {Of(map.Value)}>",
        TypeSyntax.Ref reference => $"ref<{reference.Agent}>",
        TypeSyntax.Cap capability => $"cap<{capability.Kind}>",
        TypeSyntax.Optional optional => $"{Of(optional.Inner)}?",
        TypeSyntax.Fallible fallible => $"{Of(fallible.Inner)}!",
        TypeSyntax.Missing => "",
        _ => throw new UnreachableException(),
    };
}
