using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Evolution.Edits;

/// <summary>Why a change is not taken, by name and place.</summary>
/// <remarks>Whoever proposes may write what he likes, and as much: of both texts only the beginning is told.</remarks>
/// <param name="Path">What it is about; empty for the whole.</param>
/// <param name="Reason">In a sentence's part, without a full stop.</param>
public sealed record Refusal(RefusalKind Kind, string Path, string Reason)
{
    private static readonly ImmutableDictionary<RefusalKind, string> _names =
        ImmutableDictionary.CreateRange<RefusalKind, string>(
        [
            new(RefusalKind.NoSuchPath, "no-such-path"),
            new(RefusalKind.DuplicateId, "duplicate-id"),
            new(RefusalKind.WrongKind, "wrong-kind"),
            new(RefusalKind.NotReadable, "not-readable"),
            new(RefusalKind.ForbiddenField, "forbidden-field"),
            new(RefusalKind.FrozenPath, "frozen-path"),
            new(RefusalKind.JudgeTouched, "judge-touched"),
            new(RefusalKind.CapabilityWidened, "capability-widened"),
            new(RefusalKind.OrphanedBelief, "orphaned-belief"),
            new(RefusalKind.OrphanedAgent, "orphaned-agent"),
            new(RefusalKind.TooLarge, "too-large"),
        ]);

    public string Path { get; } = Printable.Shortened(Path, Limits.ShownTextMax);

    public string Reason { get; } = Printable.Shortened(Reason, Limits.ShownTextMax);

    /// <summary>The name that users and programs know it by.</summary>
    public string Name => _names[Kind];
}

/// <summary>To add a kind: here, and a row in the names of <see cref="Refusal"/>.</summary>
public enum RefusalKind
{
    /// <summary>A path or a way leads nowhere.</summary>
    NoSuchPath,

    /// <summary>Something of that name is there already.</summary>
    DuplicateId,

    /// <summary>What stands there is of another kind: no number, no mapping, no expression.</summary>
    WrongKind,

    /// <summary>What came out is no document.</summary>
    NotReadable,

    /// <summary>A key that the language does not know at that place.</summary>
    ForbiddenField,

    /// <summary>Outside of `may_change`, or within `frozen`.</summary>
    FrozenPath,

    /// <summary>Something by which the module is judged.</summary>
    JudgeTouched,

    /// <summary>More than the version before could touch.</summary>
    CapabilityWidened,

    /// <summary>A belief that nothing bears on any more, or a relation to one that is gone.</summary>
    OrphanedBelief,

    /// <summary>An agent that is there and that nobody brings to life.</summary>
    OrphanedAgent,

    /// <summary>More nodes than `nodes_at_most`.</summary>
    TooLarge,
}
