using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Binding;
using Tars.Lang.Types;

namespace Tars.Lang.Symbols;

/// <summary>A declared record. Identity is the symbol itself; the declaring phase sets the fields once.</summary>
/// <param name="module">The module that declares it, or "" for a built-in one.</param>
public sealed class RecordSymbol(string module, string name, TextSpan span)
{
    public string Module { get; } = module;

    public string Name { get; } = name;

    public TextSpan Span { get; } = span;

    public ImmutableArray<FieldSymbol> Fields { get; internal set; } = [];
}

/// <summary>A field of a record or of a case.</summary>
/// <param name="Default">Bound in the declaring module; null when the field must be given.</param>
public sealed record FieldSymbol(string Name, LangType Type, BoundExpr? Default, TextSpan Span);

/// <summary>A declared variant.</summary>
public sealed class VariantSymbol(string module, string name, TextSpan span)
{
    public string Module { get; } = module;

    public string Name { get; } = name;

    public TextSpan Span { get; } = span;

    public ImmutableArray<CaseSymbol> Cases { get; internal set; } = [];

    public bool HasPayload => Cases.Any(one => !one.Fields.IsEmpty);
}

/// <summary>A case of a variant; its index in the variant is its order and its encoding.</summary>
public sealed record CaseSymbol(string Name, int Index, ImmutableArray<FieldSymbol> Fields, TextSpan Span);
