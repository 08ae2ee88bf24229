using Tars.Bundle.Interfaces;
using Tars.Lang.Diagnostics;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>Turns a type as written into a checked type; what is wrong becomes Error and is reported.</summary>
internal sealed class TypeBinder(ModuleScope module)
{
    private static readonly Dictionary<string, string> _foreignTypes = new(StringComparer.Ordinal)
    {
        ["string"] = "the type is `text`",
        ["String"] = "the type is `text`",
        ["str"] = "the type is `text`",
        ["boolean"] = "the type is `bool`",
        ["number"] = "write `int` or `float`",
        ["double"] = "the type is `float`",
        ["long"] = "the type is `int`",
        ["array"] = "write `list<T>`",
        ["vec"] = "write `list<T>`",
        ["List"] = "write `list<T>`",
        ["Map"] = "write `map<K, V>`",
        ["dict"] = "write `map<K, V>`",
        ["time"] = "write `instant` or `duration`",
        ["date"] = "write `instant`",
        ["timestamp"] = "write `instant`",
        ["object"] = "declare a record under `types:`",
        ["any"] = "declare a variant under `types:`",
    };

    /// <param name="place">Whether a <c>T!</c> may stand there.</param>
    public LangType Bind(TypeSyntax syntax, TypePlace place)
    {
        LangType type = Resolve(syntax);
        if (type is LangType.Fallible && place == TypePlace.Plain)
        {
            Report(Diagnostics.Report.FallibleStored(syntax.Span, TypeText.Of(type)));
            return CoreTypes.Error;
        }

        return type;
    }

    private LangType Resolve(TypeSyntax syntax)
    {
        switch (syntax)
        {
            case TypeSyntax.Named named:
                return ResolveNamed(named);
            case TypeSyntax.List list:
                return new LangType.List(Element(list.Element));
            case TypeSyntax.Map map:
                return new LangType.Map(Key(map.Key), Element(map.Value));
            case TypeSyntax.Ref reference:
                return ResolveRef(reference);
            case TypeSyntax.Cap cap:
                return ResolveCap(cap);
            case TypeSyntax.Optional optional:
                return ResolveOptional(optional);
            case TypeSyntax.Fallible fallible:
                LangType inner = Resolve(fallible.Inner);
                if (inner is LangType.Fallible)
                {
                    Report(Diagnostics.Report.NestedOptional(syntax.Span, $"`{TypeText.Of(inner)}` inside another"));
                    return CoreTypes.Error;
                }

                return inner.IsBad() ? CoreTypes.Error : new LangType.Fallible(inner);
            default:
                return CoreTypes.Error;
        }
    }

    private LangType ResolveOptional(TypeSyntax.Optional optional)
    {
        LangType inner = Resolve(optional.Inner);
        if (inner is LangType.Optional or LangType.Fallible)
        {
            Report(Diagnostics.Report.NestedOptional(optional.Span, $"`{TypeText.Of(inner)}` inside another"));
            return CoreTypes.Error;
        }

        return inner.IsBad() ? CoreTypes.Error : new LangType.Optional(inner);
    }

    private LangType Element(TypeSyntax syntax)
    {
        LangType element = Resolve(syntax);
        if (element is LangType.Optional or LangType.Fallible)
        {
            Report(Diagnostics.Report.NestedOptional(syntax.Span, $"`{TypeText.Of(element)}` as an element"));
            return CoreTypes.Error;
        }

        return element;
    }

    private LangType Key(TypeSyntax syntax)
    {
        LangType key = Resolve(syntax);
        if (!TypeRules.CanBeKey(key))
        {
            Report(Diagnostics.Report.NotAKey(syntax.Span, TypeText.Of(key)));
            return CoreTypes.Error;
        }

        return key;
    }

    private LangType ResolveRef(TypeSyntax.Ref reference)
    {
        if (module.FindAgent(reference.Agent.Text) is AgentScope agent)
        {
            return new LangType.Ref(agent.Symbol);
        }

        if (!module.MayBeLost(reference.Agent.Text))
        {
            ReportUnknown(reference.Agent, "agent", module.AgentNames);
        }

        return CoreTypes.Error;
    }

    private LangType ResolveCap(TypeSyntax.Cap cap)
    {
        if (InterfaceKinds.Find(cap.Kind.Text) is not null)
        {
            return new LangType.Cap(cap.Kind.Text);
        }

        ReportUnknown(cap.Kind, "kind of device", InterfaceKinds.Names);
        return CoreTypes.Error;
    }

    private LangType ResolveNamed(TypeSyntax.Named named)
    {
        string name = named.Name.Text;
        if (named.Module is Identifier alias)
        {
            return ResolveImported(alias, named.Name);
        }

        if (CoreTypes.ByName.TryGetValue(name, out LangType? core))
        {
            return core;
        }

        if (module.Types.TryGetValue(name, out LangType? declared))
        {
            MarkUsed(module, declared);
            return declared;
        }

        if (BuiltInSymbols.FindEverywhere(name) is LangType builtIn)
        {
            return builtIn;
        }

        if (module.InterfaceTypes.TryGetValue(name, out LangType? ofInterface))
        {
            return ofInterface;
        }

        ReportUnknown(named.Name, "type", module.Types.Keys.Concat(CoreTypes.ByName.Keys));
        return CoreTypes.Error;
    }

    private LangType ResolveImported(Identifier alias, Identifier name)
    {
        if (!module.Imports.TryGetValue(alias.Text, out ModuleScope? import))
        {
            ReportUnknown(alias, "imported module", module.Imports.Keys);
            return CoreTypes.Error;
        }

        if (import is null)
        {
            return CoreTypes.Error;
        }

        if (import.Types.TryGetValue(name.Text, out LangType? declared))
        {
            MarkUsed(import, declared);
            return declared;
        }

        if (!import.Complaints.Recovery.MayBeDeclared(name.Text))
        {
            ReportUnknown(name, $"type in `{alias.Text}`", import.Types.Keys);
        }

        return CoreTypes.Error;
    }

    private static void MarkUsed(ModuleScope scope, LangType type)
    {
        switch (type)
        {
            case LangType.Record record:
                scope.Usage.Mark(record.Symbol);
                break;
            case LangType.Variant variant:
                scope.Usage.Mark(variant.Symbol);
                break;
            default:
                break;
        }
    }

    private void ReportUnknown(Identifier name, string what, IEnumerable<string> known)
    {
        if (name.IsMissing || module.Complaints.IsSettled || module.Complaints.Recovery.MayBeDeclared(name.Text))
        {
            return;
        }

        string nearest = NearestName.Of(name.Text, known);
        module.Complaints.Recovery.Mention(nearest);
        string near = nearest.Length == 0 ? "" : $"did you mean `{nearest}`?";
        string mend = _foreignTypes.GetValueOrDefault(name.Text, near);
        Report(Diagnostics.Report.UnknownType(name.Span, what, name.Text, mend));
    }

    private void Report(Diagnostic diagnostic) => module.Complaints.Add(diagnostic);
}

/// <summary>Where a type stands.</summary>
internal enum TypePlace
{
    /// <summary>Where a value is kept: a <c>T!</c> cannot be.</summary>
    Plain,

    /// <summary>After <c>returns</c>.</summary>
    Returns,
}
