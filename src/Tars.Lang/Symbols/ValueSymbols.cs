using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Binding;
using Tars.Lang.Types;

namespace Tars.Lang.Symbols;

/// <summary>
/// A name bound inside code: a let, a var, a parameter, what an event binds, a lambda's or pattern's name.
/// </summary>
public sealed class LocalSymbol(string name, LangType type, bool mutable, TextSpan span)
{
    public string Name { get; } = name;

    public LangType Type { get; } = type;

    public bool IsMutable { get; } = mutable;

    public TextSpan Span { get; } = span;
}

/// <summary>A field of an agent's state.</summary>
/// <param name="index">Place in the order of declaration, which is the order of the encoding.</param>
public sealed class StateSymbol(string name, LangType type, int index, TextSpan span)
{
    public string Name { get; } = name;

    public LangType Type { get; } = type;

    public int Index { get; } = index;

    public TextSpan Span { get; } = span;

    /// <summary>False when the spawner gives it.</summary>
    public bool HasInitial { get; internal set; }

    /// <summary>Null when the spawner gives it.</summary>
    public BoundExpr? Initial { get; internal set; }

    /// <summary>The initial value as a tree of literals, where it was worked out; null where it was not.</summary>
    public BoundExpr? Folded { get; internal set; }
}

/// <summary>A constant of a module. Its value is pure and is worked out without any input.</summary>
public sealed class ConstantSymbol(string module, string name, LangType type, TextSpan span)
{
    public string Module { get; } = module;

    public string Name { get; } = name;

    public LangType Type { get; } = type;

    public TextSpan Span { get; } = span;

    public BoundExpr? Value { get; internal set; }

    /// <summary>The value as a tree of literals, where it was worked out; null otherwise.</summary>
    public BoundExpr? Folded { get; internal set; }
}

/// <summary>A parameter of a module; its value and range are literals.</summary>
/// <param name="index">Place in the manifest and in the payload of Birth and Params.</param>
public sealed class ParamSymbol(string name, LangType type, int index, TextSpan span)
{
    public string Name { get; } = name;

    public LangType Type { get; } = type;

    public int Index { get; } = index;

    public TextSpan Span { get; } = span;

    public BoundExpr? Value { get; internal set; }

    public BoundExpr? Low { get; internal set; }

    public BoundExpr? High { get; internal set; }

    public string About { get; internal set; } = "";
}

/// <summary>A pure function, of this module or of an imported one.</summary>
public sealed class FunctionSymbol(
    string module, string name, ImmutableArray<LocalSymbol> parameters, LangType returns, TextSpan span)
{
    public string Module { get; } = module;

    public string Name { get; } = name;

    public ImmutableArray<LocalSymbol> Parameters { get; } = parameters;

    public LangType Returns { get; } = returns;

    public TextSpan Span { get; } = span;

    /// <summary>It stands in a source of the standard library.</summary>
    public bool IsStandard { get; internal init; }

    /// <summary>A template function has one Return of a Template here.</summary>
    public BoundBlock? Body { get; internal set; }
}

/// <summary>A procedure of an agent: it sees state and may have effects.</summary>
public sealed class ProcedureSymbol(
    string name, ImmutableArray<LocalSymbol> parameters, LangType returns, TextSpan span)
{
    public string Name { get; } = name;

    public ImmutableArray<LocalSymbol> Parameters { get; } = parameters;

    public LangType Returns { get; } = returns;

    public TextSpan Span { get; } = span;

    public BoundBlock? Body { get; internal set; }

    /// <summary>It, or a procedure that it calls, asks.</summary>
    public bool Asks { get; internal set; }

    /// <summary>It, or a procedure that it calls, writes state.</summary>
    public bool WritesState { get; internal set; }
}
