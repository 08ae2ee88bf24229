using Tars.Evolution.Auditing;
using Tars.Host.Evolving;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Evolution.Auditing;

/// <summary>The audit: everybody who cheats is refused, everybody who does not is let through.</summary>
public sealed class GateAuditTests
{
    private static readonly Lazy<AuditReport> _report =
        new(() => GateAudit.Run(new SearchParts(RepoRoot.File("audit.tars"), "", workers: 2)));

    [Fact]
    public void Every_cheater_is_refused_by_the_gate_that_is_there_for_it()
    {
        var cheaters = _report.Value.Rows.Where(one => !one.Case.IsHonest).ToList();
        Assert.True(30 <= cheaters.Count);
        Assert.Equal(
            cheaters.Select(one => $"{one.Case.Name}: {one.Case.Gate}"),
            cheaters.Select(one => $"{one.Case.Name}: {one.RefusedBy}"));
    }

    [Fact]
    public void Every_honest_improvement_is_let_through_and_is_a_gain()
    {
        var honest = _report.Value.Rows.Where(one => one.Case.IsHonest).ToList();
        Assert.Equal(20, honest.Count);
        Assert.Equal("", string.Join('\n', honest.Where(one => !one.IsRight).Select(one =>
            $"{one.Case.Name}: {one.Verdicts[^1].Gate} {one.Verdicts[^1].Reason} {one.IsGain}")));
    }

    [Fact]
    public void Who_leaves_a_world_no_time_is_a_gain_and_refused_for_that_alone()
    {
        var row = _report.Value.Rows.Single(one => one.Case.Name == "a world that is left no time to measure");
        Assert.True(row.IsGain);
        Assert.StartsWith("room_world had no time to measure: ", row.Verdicts[^1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_changed_evaluator_is_noticed_and_most_by_what_they_say()
    {
        var mutants = _report.Value.Mutants;
        Assert.DoesNotContain(mutants, one => !one.IsNoticed);
        int running = mutants.Count(one => one.Notice is MutantNotice.ByCosts or MutantNotice.ByHash);
        int told = mutants.Count(one => one.Notice == MutantNotice.ByCosts);
        Assert.True(50 < mutants.Length);
        Assert.True(running * 0.7 <= told, $"{told} of {running}");
    }

    [Fact]
    public void An_audit_fails_when_another_gate_than_the_one_meant_refused_a_cheater()
    {
        var report = _report.Value;
        var cheater = report.Rows.First(one => !one.Case.IsHonest);
        var other = cheater with { Case = cheater.Case with { Gate = "schema" } };
        Assert.NotEqual(cheater.Case.Gate, other.Case.Gate);
        Assert.False((report with { Rows = report.Rows.Replace(cheater, other) }).Passed);
    }

    [Fact]
    public void An_empty_audit_fails()
    {
        var report = _report.Value;
        Assert.True(report.Passed);
        Assert.False((report with { Rows = [] }).Passed);
        Assert.False((report with { Mutants = [] }).Passed);
        Assert.False((report with { Rows = [.. report.Rows.Where(one => one.Case.IsHonest)] }).Passed);
        Assert.False((report with { Rows = [.. report.Rows.Where(one => !one.Case.IsHonest)] }).Passed);
    }
}
