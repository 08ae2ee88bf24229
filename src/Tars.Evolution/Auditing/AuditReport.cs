using System.Collections.Immutable;
using Tars.Evolution.Gates;

namespace Tars.Evolution.Auditing;

/// <summary>What the audit of the gates came to.</summary>
/// <param name="Gates">The names of the gates, in their order.</param>
public sealed record AuditReport(
    ImmutableArray<string> Gates, ImmutableArray<AuditRow> Rows, ImmutableArray<MutantRow> Mutants)
{
    /// <summary>Every cheater refused by its gate, every honest improvement let through, every mutated evaluator
    /// noticed; and there were some of each.</summary>
    public bool Passed =>
        Rows.All(one => one.IsRight) && Mutants.All(one => one.IsNoticed)
        && Rows.Any(one => one.Case.IsHonest) && Rows.Any(one => !one.Case.IsHonest)
        && Mutants.Any(one => one.Notice == MutantNotice.ByCosts);
}

/// <param name="Verdicts">Up to the first gate that refused.</param>
/// <param name="IsGain">Whether it costs less than the subject.</param>
public sealed record AuditRow(AuditCase Case, ImmutableArray<GateVerdict> Verdicts, bool IsGain)
{
    /// <summary>The gate that refused it; empty for none.</summary>
    public string RefusedBy => Verdicts.FirstOrDefault(one => !one.Passed)?.Gate ?? "";

    /// <summary>A cheater has to be refused by the gate that is there for it: by another it was so by luck.</summary>
    public bool IsRight => Case.IsHonest ? RefusedBy.Length == 0 && IsGain : RefusedBy == Case.Gate;
}

/// <summary>An evaluator with one expression of it changed.</summary>
/// <param name="What">The file, the place and the change, for people.</param>
public sealed record MutantRow(string What, MutantNotice Notice)
{
    public bool IsNoticed => Notice != MutantNotice.Unseen;
}

/// <summary>How a changed evaluator was told from the right one.</summary>
public enum MutantNotice
{
    /// <summary>It does not compile.</summary>
    ByCheck,

    /// <summary>Of known versions, one costs something else, or its run counts for nothing.</summary>
    ByCosts,

    /// <summary>Known versions cost the same; the hash of the judge is another, so no verdict of it is taken for one of
    /// the right evaluator.</summary>
    ByHash,

    /// <summary>Nothing tells them apart.</summary>
    Unseen,
}
