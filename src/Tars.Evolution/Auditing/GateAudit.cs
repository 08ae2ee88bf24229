using System.Collections.Immutable;
using Tars.Base;
using Tars.Evolution.Gates;
using Tars.Evolution.Search;

namespace Tars.Evolution.Auditing;

/// <summary>Tries the gates on those who cheat, those who do not, and on evaluators that were changed.</summary>
/// <remarks>To add a case: a row in <see cref="AuditCases"/>.</remarks>
public static class GateAudit
{
    private const string World = "room_world";

    // `run warmth.tars --virtual-time --seed 1 --input room/celsius=… --record warmth.log`, with forty readings: most
    // are as in that world, and a few below zero and above forty degrees are not.
    private const string Recorded = "warmth.log";

    /// <param name="parts">Engines and threads; files come with this program.</param>
    public static AuditReport Run(ISearchParts parts)
    {
        AuditSubject[] subjects =
            [AuditSubject.Of("packing", recording: ""), AuditSubject.Of("warmth", Recorded, World)];
        var cases = AuditCases.All;
        var rows = new AuditRow[cases.Length];
        var before = subjects.ToDictionary(
            one => one.Name, one => VersionGates.Measured(one.Problem, one.Problem.Source.Text, one.Parts(parts)));
        parts.Run(cases.Length, index =>
        {
            var subject = subjects.First(one => one.Name == cases[index].Subject);
            rows[index] = Try(cases[index], subject, before[subject.Name], parts);
        });
        ImmutableArray<MutantRow> mutants =
        [
            .. MutantTrial.Run(subjects[0], file: 0, "handlers.start.do", Panel(subjects[0], cases), parts),
            .. MutantTrial.Run(subjects[1], file: 1, "handlers.timer:step.do", Panel(subjects[1], cases), parts),
            .. MutantTrial.Run(subjects[1], file: 1, "handlers.message:room/heat.do", Panel(subjects[1], cases), parts),
        ];
        return new AuditReport(VersionGates.Names, [.. rows], mutants);
    }

    /// <summary>The text of a case, or an invariant of ours fails: a row names what is not in its subject.</summary>
    internal static string TextOf(AuditCase one, AuditSubject subject)
    {
        string text = subject.Problem.Source.Text;
        foreach (var (old, now) in one.Changes)
        {
            Invariant.Holds(text.Contains(old, StringComparison.Ordinal));
            int at = text.IndexOf(old, StringComparison.Ordinal);
            text = text[..at] + now + text[(at + old.Length)..];
        }

        return text;
    }

    private static AuditRow Try(AuditCase one, AuditSubject subject, Evaluation before, ISearchParts parts)
    {
        Evaluation? after = null;
        var verdicts = VersionGates.Judge(
            subject.Problem,
            TextOf(one, subject),
            subject.Parts(parts),
            new LastChecks(subject.Problem, subject.Parts(parts), CancellationToken.None),
            before,
            ref after);
        bool isGain = after?.Mean("validation") < before.Mean("validation");
        return new AuditRow(one, verdicts, isGain);
    }

    // Versions whose costs are known: the subject itself, and those that are honestly better.
    private static ImmutableArray<string> Panel(AuditSubject subject, ImmutableArray<AuditCase> cases) =>
    [
        subject.Problem.Source.Text,
        .. cases.Where(one => one.Subject == subject.Name && one.IsHonest).Take(2).Select(one => TextOf(one, subject)),
        .. cases.Where(one => one.Subject == subject.Name && one.Gate == "objective").Take(1)
            .Select(one => TextOf(one, subject)),
    ];
}
