using System.Collections.Immutable;

namespace Tars.Lang.Syntax;

/// <summary>What stands round a node and means nothing to the program: the formatter writes it back.</summary>
/// <param name="Leading">Comments on lines of their own before the node, and those from inside its expressions.</param>
/// <param name="Trailing">The comment at the end of the node's last line.</param>
/// <param name="BlankBefore">Whether an empty line stands before the node, after its leading comments.</param>
public sealed record Trivia(ImmutableArray<Comment> Leading, Comment? Trailing, bool BlankBefore)
{
    public static Trivia None { get; } = new([], Trailing: null, BlankBefore: false);

    public bool HasComments => !Leading.IsEmpty || Trailing is not null;
}
