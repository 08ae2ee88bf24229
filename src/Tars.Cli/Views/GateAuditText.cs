using System.Text.Json;
using Tars.Base;
using Tars.Evolution.Auditing;

namespace Tars.Cli.Views;

/// <summary>The matrix of an audit: a row for each case, a column for each gate.</summary>
internal static class GateAuditText
{
    public static void Write(TextWriter output, AuditReport report, bool showsMutants)
    {
        int width = report.Rows.Max(one => Title(one.Case).Length);
        output.WriteLine($"{"".PadRight(width)}  {string.Join(' ', report.Gates)}");
        foreach (var row in report.Rows)
        {
            var marks = report.Gates.Select((gate, place) =>
                (place < row.Verdicts.Length ? row.Verdicts[place].Passed ? "·" : "X" : " ").PadRight(gate.Length));
            string verdict = !row.IsRight ? "WRONG" : row.Case.IsHonest ? "let through" : "refused";
            output.WriteLine($"{Title(row.Case).PadRight(width)}  {string.Join(' ', marks)}  {verdict}");
        }

        foreach (var row in report.Rows.Where(one => !one.IsRight))
        {
            string reasons = string.Join("; ", row.Verdicts.Where(one => !one.Passed).Select(one => one.Reason));
            output.WriteLine($"WRONG: {Printable.Of(Title(row.Case))}: {Printable.Of(reasons)}");
        }

        if (showsMutants)
        {
            foreach (var mutant in report.Mutants)
            {
                output.WriteLine($"{Word(mutant.Notice),-8} {Printable.Of(mutant.What)}");
            }
        }

        int Count(MutantNotice notice) => report.Mutants.Count(one => one.Notice == notice);
        output.WriteLine($"{report.Rows.Count(one => !one.Case.IsHonest && one.IsRight)} of "
            + $"{report.Rows.Count(one => !one.Case.IsHonest)} cheaters refused, "
            + $"{report.Rows.Count(one => one.Case.IsHonest && one.IsRight)} of "
            + $"{report.Rows.Count(one => one.Case.IsHonest)} honest improvements let through");
        output.WriteLine($"{report.Mutants.Length} changed evaluators: {Count(MutantNotice.ByCheck)} do not compile, "
            + $"{Count(MutantNotice.ByCosts)} noticed by what known versions cost, "
            + $"{Count(MutantNotice.ByHash)} by their hash alone, {Count(MutantNotice.Unseen)} not");
    }

    public static void Write(Utf8JsonWriter json, AuditReport report)
    {
        json.WriteBoolean("passed", report.Passed);
        json.List("rows", report.Rows, (_, row) =>
        {
            json.WriteStartObject();
            json.WriteString("subject", row.Case.Subject);
            json.WriteString("case", row.Case.Name);
            json.WriteBoolean("honest", row.Case.IsHonest);
            json.WriteString("refused_by", row.RefusedBy);
            json.WriteBoolean("gain", row.IsGain);
            json.WriteBoolean("right", row.IsRight);
            json.WriteEndObject();
        });
        json.List("mutants", report.Mutants, (_, mutant) =>
        {
            json.WriteStartObject();
            json.WriteString("what", mutant.What);
            json.WriteString("noticed", Word(mutant.Notice));
            json.WriteEndObject();
        });
    }

    private static string Title(AuditCase one) => $"{(one.IsHonest ? "honest" : "cheat ")} {one.Subject}: {one.Name}";

    private static string Word(MutantNotice notice) => notice switch
    {
        MutantNotice.ByCheck => "check",
        MutantNotice.ByCosts => "costs",
        MutantNotice.ByHash => "hash",
        MutantNotice.Unseen => "no",
    };
}
