using System.Globalization;
using Tars.Base;
using Tars.Evolution.Loads;
using Tars.Host.Journal;

namespace Tars.Cli.Views;

/// <summary>What another policy would have made of a load, for a person.</summary>
internal static class WhatIfText
{
    private static readonly string[] _head =
        ["agent", "policy", "events", "median", "p99", "worst", "late", "slowdown"];

    public static void Write(WhatIfReport report, TextWriter output)
    {
        output.WriteLine(
            Of($"{CoresOf(report)}, {report.NanosecondsPerFuel} ns for a unit of fuel; times from arrival to commit"));
        WriteTable(report, output);
        foreach (var load in new[] { report.Before, report.After })
        {
            output.WriteLine(Summary(load));
        }

        foreach (string note in Notes(report))
        {
            output.WriteLine(note);
        }
    }

    private static string CoresOf(WhatIfReport report) =>
        report.Before.Cores == 1 ? "one core" : Of($"{report.Before.Cores} cores, one for each shard");

    private static void WriteTable(WhatIfReport report, TextWriter output)
    {
        var names = report.Before.Agents.Concat(report.After.Agents).Select(one => one.Name)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        string[][] rows =
        [
            _head,
            .. from name in names
               from load in new[] { report.Before, report.After }
               from agent in load.Agents.Where(one => one.Name == name)
               select Row(load.Policy.Name, agent),
        ];
        int[] widths = [.. _head.Select((_, column) => rows.Max(row => row[column].Length))];
        foreach (var row in rows)
        {
            // Words to the left, numbers to the right.
            var cells = row.Select((cell, column) =>
                column < 2 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }

    private static string[] Row(string policy, AgentLoad agent) =>
    [
        Printable.Of(agent.Name),
        Printable.Of(policy),
        Of($"{agent.Events}"),
        Time(agent.Median),
        Time(agent.P99),
        Time(agent.Worst),
        agent.Late is { } late ? Of($"{late}") : "-",
        Of($"{agent.Slowdown:F2}"),
    ];

    private static string Summary(LoadReport load)
    {
        string price = load.Policy.Module is { Calls: > 0 } module
            ? Of($"; {module.Calls} calls at {(double)module.Fuel / module.Calls:F0} fuel")
            : "";
        return Of($"{Printable.Of(load.Policy.Name)}: fairness {load.Fairness:F3}, ")
            + Of($"busy {Time(load.Busy)} of {Time(load.Elapsed)}, {load.Policy.Turns} turns{price}");
    }

    private static IEnumerable<string> Notes(WhatIfReport report)
    {
        foreach (var load in new[] { report.Before, report.After })
        {
            string name = Printable.Of(load.Policy.Name);
            if (load.Policy.Module?.Failure is { } failure)
            {
                yield return $"{name} was replaced: {Printable.Of(failure)}";
            }

            if (load.Inconclusive is { } reason)
            {
                yield return Of($"inconclusive after event {load.Handled} of {report.Recorded} under {name}: ")
                    + Printable.Of(reason);
            }
            else if (0 < load.Waiting)
            {
                yield return Of($"{load.Waiting} events were still waiting under {name} when it was broken off");
            }
        }

        bool differs = report.Inconclusive is null && report.Before.Handled != report.After.Handled;
        if (differs)
        {
            yield return Of(
                $"the work itself differs: {report.Before.Handled} events before, {report.After.Handled} after");
        }
    }

    private static string Time(long nanoseconds) => nanoseconds switch
    {
        < 10_000 => Of($"{nanoseconds} ns"),
        < 10_000_000 => Of($"{nanoseconds / 1_000.0:F1} µs"),
        < 10_000_000_000 => Of($"{nanoseconds / 1_000_000.0:F1} ms"),
        _ => Of($"{nanoseconds / 1_000_000_000.0:F1} s"),
    };

    private static string Of(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
