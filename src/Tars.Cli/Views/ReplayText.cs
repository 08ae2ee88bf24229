using System.Globalization;
using Tars.Base;
using Tars.Host.Journal;

namespace Tars.Cli.Views;

/// <summary>What a replay found, for a person.</summary>
internal static class ReplayText
{
    public static void Write(ReplayReport report, TextWriter output, bool colors)
    {
        if (report.Difference is { } difference)
        {
            Write(difference, output, new Paint(colors));
            return;
        }

        string end = report.End switch
        {
            JournalEnd.Closed => "",
            JournalEnd.Open => "; the journal ends in the middle of its run",
            JournalEnd.Torn => "; the last record of the journal is not whole and was left out",
            null => "",
        };
        string shards = 1 < report.Shards ? $" on {report.Shards} shards" : "";
        string before = report.EventsBefore == 0 ? ""
            : $" behind event {report.EventsBefore} and transaction {report.TransactionsBefore} of the run";
        string events = Count(report.Events - report.EventsBefore, "event");
        string transactions = Count(report.Transactions - report.TransactionsBefore, "transaction");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"replayed {events}, {transactions}{before}{shards}{end}"));
        if (0 < report.Points)
        {
            output.WriteLine($"the state was compared at {Count(report.Points, "point")} and is the same");
        }

        if (report.End is null && report.Last is { } last)
        {
            output.WriteLine(Of(last));
        }

        foreach (var state in report.States)
        {
            output.WriteLine(Of(state));
        }
    }

    private static void Write(ReplayDifference difference, TextWriter output, Paint paint)
    {
        string shard = difference.Shard is { } number ? $" on shard {number}" : "";
        output.WriteLine(
            paint.Red("different") + $"{shard} at event {difference.Event} ({Printable.Of(difference.EventText)}): "
            + $"{difference.What} of the replay is not what was recorded");
        if (difference.FirstEvent < difference.Event)
        {
            output.WriteLine($"it is one of the events {difference.FirstEvent} to {difference.Event}");
        }

        if (difference.Transaction is { } transaction)
        {
            output.WriteLine(Of(transaction));
        }
        else if (difference.FirstTransaction <= difference.LastTransaction)
        {
            output.WriteLine($"transactions {difference.FirstTransaction} to {difference.LastTransaction}");
        }

        foreach (var before in difference.Before)
        {
            output.WriteLine($"before  {Of(before)}");
        }

        foreach (var after in difference.After)
        {
            output.WriteLine($"after   {Of(after)}");
        }
    }

    private static string Of(TransactionView one)
    {
        string place = one.File.Length == 0 ? "" : $", last at {one.File}:{one.Line}:{one.Column}";
        string trap = one.Trap.Length == 0 ? "" : $"; rolled back: {one.Trap}";
        return Printable.Of($"transaction {one.Number}: #{one.Process} {one.Agent}, {one.Handler}{place}{trap}");
    }

    private static string Of(ProcessView one)
    {
        string waits = one.Waits.Length == 0 ? "" : $" (waits in {one.Waits})";
        return Printable.Of($"#{one.Process} {one.Agent}{waits}: {one.Json ?? one.Reason}");
    }

    private static string Count(long count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
