using System.Collections.Immutable;

namespace Tars.Lang.Syntax;

/// <summary>What may stand at a place of the document: a scalar and how it is read, or a collection.</summary>
public abstract record KeyShape
{
    private KeyShape()
    {
    }

    /// <param name="LiteralType">For a literal: the type it is read as. Empty for every other reading.</param>
    /// <param name="Words">For a word: the closed list of what it may be.</param>
    public sealed record Scalar(Reading Reading, string LiteralType, ImmutableArray<string> Words) : KeyShape;

    /// <summary>A mapping with fixed keys: the block of that name in <see cref="KeyTable"/>.</summary>
    public sealed record Fixed(string Block) : KeyShape;

    /// <summary>A mapping with the author's own keys, in the author's order.</summary>
    public sealed record MapOf(Reading Key, KeyShape Value) : KeyShape;

    public sealed record ListOf(KeyShape Item) : KeyShape;

    /// <summary>The first option whose kind of node is there: a scalar, a mapping or a list.</summary>
    public sealed record Either(ImmutableArray<KeyShape> Options) : KeyShape;

    /// <summary>A value read by the type that its place has, with the rules of JSON.</summary>
    public sealed record Data : KeyShape;
}

/// <summary>How a scalar, or a key of a free mapping, is read.</summary>
public enum Reading
{
    /// <summary>Prose, as it stands.</summary>
    Text,

    /// <summary>A name of something: <c>[a-z][a-z0-9_]*</c>, possibly with a module before it.</summary>
    Name,

    /// <summary>The name of a type: <c>[A-Z][A-Za-z0-9]*</c>.</summary>
    TypeName,

    /// <summary>One of a closed list.</summary>
    Word,

    /// <summary>A channel pattern.</summary>
    Channel,

    /// <summary>A path of a file, of HTTP or into the document, or a host.</summary>
    Path,

    Literal,
    Type,

    /// <summary><c>TYPE</c> or <c>TYPE = EXPR</c>.</summary>
    Declaration,

    Expression,

    /// <summary>Statements in a literal block.</summary>
    Code,

    /// <summary>Text with holes in a literal block.</summary>
    Template,

    /// <summary>A key under <c>handlers</c>.</summary>
    Event,
}
