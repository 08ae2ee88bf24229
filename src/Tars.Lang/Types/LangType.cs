using Tars.Lang.Symbols;

namespace Tars.Lang.Types;

/// <summary>The type of an expression, as the checker sees it: nominal, by the symbol that declared it.</summary>
/// <remarks>
/// The last three cases exist only while an expression is being checked; no bound tree without errors holds them.
/// </remarks>
public abstract record LangType
{
    private LangType()
    {
    }

    /// <summary>No value: a call for its effect.</summary>
    public sealed record Unit : LangType;

    public sealed record Bool : LangType;

    public sealed record Int : LangType;

    public sealed record Float : LangType;

    public sealed record Text : LangType;

    public sealed record Bytes : LangType;

    public sealed record Duration : LangType;

    public sealed record Instant : LangType;

    public sealed record Blob : LangType;

    public sealed record List(LangType Element) : LangType;

    public sealed record Map(LangType Key, LangType Value) : LangType;

    public sealed record Optional(LangType Inner) : LangType;

    public sealed record Fallible(LangType Inner) : LangType;

    public sealed record Ref(AgentSymbol Agent) : LangType;

    public sealed record Cap(string Kind) : LangType;

    public sealed record Record(RecordSymbol Symbol) : LangType;

    public sealed record Variant(VariantSymbol Symbol) : LangType;

    /// <summary><c>none</c> before its place is known.</summary>
    public sealed record NoneLiteral : LangType;

    /// <summary><c>[]</c> before its place is known.</summary>
    public sealed record EmptyLiteral : LangType;

    /// <summary>
    /// Something that was already reported; it fits everywhere, so that one mistake gives one message.
    /// </summary>
    public sealed record Error : LangType;
}
