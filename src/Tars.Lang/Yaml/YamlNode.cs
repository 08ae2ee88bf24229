using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Syntax;
using Tars.Lang.Text;

namespace Tars.Lang.Yaml;

/// <summary>A node of the strict YAML subset. Every scalar is text; its place says how it is read.</summary>
/// <remarks>Spans are in offsets of the file. A mapping never has the same key twice.</remarks>
public abstract record YamlNode
{
    private YamlNode(TextSpan span) => Span = span;

    /// <summary>The whole node, quotes and brackets included.</summary>
    public TextSpan Span { get; }

    /// <param name="Slice">The value, and where each of its characters stands in the file.</param>
    public sealed record Scalar(TextSpan Span, ScalarStyle Style, SourceSlice Slice) : YamlNode(Span)
    {
        public string Value => Slice.Text;
    }

    /// <param name="Dangling">Comments after the last entry.</param>
    public sealed record Mapping(
        TextSpan Span, CollectionStyle Style, ImmutableArray<YamlEntry> Entries, ImmutableArray<Comment> Dangling)
        : YamlNode(Span)
    {
        /// <summary>The value of a key, or null where the key is absent.</summary>
        public YamlNode? Find(string key) => Entries.FirstOrDefault(entry => entry.Key.Value == key)?.Value;
    }

    public sealed record Sequence(
        TextSpan Span, CollectionStyle Style, ImmutableArray<YamlItem> Items, ImmutableArray<Comment> Dangling)
        : YamlNode(Span);

    /// <summary>Nothing was written, or what was written could not be read.</summary>
    /// <param name="IsReported">True where a diagnostic says so already: then every reader keeps silent.</param>
    public sealed record Missing(TextSpan Span, bool IsReported) : YamlNode(Span);
}

/// <summary>A key and its value.</summary>
public sealed record YamlEntry(YamlNode.Scalar Key, YamlNode Value, Trivia Trivia)
{
    public TextSpan Span => Key.Span.Join(Value.Span);
}

/// <summary>One item of a sequence.</summary>
public sealed record YamlItem(YamlNode Value, Trivia Trivia);

public enum ScalarStyle
{
    Plain,
    SingleQuoted,
    DoubleQuoted,

    /// <summary>The block <c>|</c>; its value ends with one line end.</summary>
    Literal,
}

public enum CollectionStyle
{
    Block,
    Flow,
}
