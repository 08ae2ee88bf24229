using System.Globalization;
using System.Text.Json;
using Tars.Base;

namespace Tars.Cli.Views;

/// <summary>What a run shows of itself, for a person.</summary>
internal static class ControlText
{
    public static void Processes(IReadOnlyList<JsonElement> rows, TextWriter output) => Table(
        output,
        [
            ["PROCESS", "AGENT", "STATE", "MAIL", "MEMORY", "FUEL", "TRAPS", "RESTARTS", "UP", "ENGINE"],
            .. rows.Select(row => (string[])
            [
                $"#{row.GetProperty("process")}",
                AgentOf(row),
                StateOf(row),
                Text(row, "waiting"),
                Bytes(row.GetProperty("memory").GetInt64()),
                Text(row, "fuel"),
                Text(row, "traps"),
                Text(row, "restarts"),
                Span(row.GetProperty("up_ns").GetInt64()),
                EngineOf(row),
            ]),
        ]);

    // A run of an older version does not say.
    private static string EngineOf(JsonElement row) =>
        !row.TryGetProperty("engine", out var engine) ? ""
        : Text(row, "floor") == "microvm" ? $"{engine}, no less"
        : $"{engine}";

    public static void Rights(IReadOnlyList<JsonElement> rows, TextWriter output) => Table(
        output,
        [
            ["PROCESS", "AGENT", "RIGHT", "", "ENGINE"],
            .. rows.Select(row => (string[])
            [
                $"#{row.GetProperty("process")}",
                AgentOf(row),
                RightOf(row),
                row.GetProperty("revoked").GetBoolean() ? "revoked" : "",
                EngineOf(row),
            ]),
        ]);

    private static string RightOf(JsonElement row)
    {
        if (!row.TryGetProperty("device", out var device))
        {
            return $"publish {Text(row, "publish")}";
        }

        string right = $"device {device} ({Text(row, "kind")})";
        return row.TryGetProperty("narrowed", out var narrowed) ? $"{right} {NarrowedOf(narrowed)}" : right;
    }

    private static string NarrowedOf(JsonElement row)
    {
        string above = Text(row, "above") is not "0" and var number ? $", from cap {number}" : "";
        string to = Text(row, "to") is { Length: > 0 } bounds ? $": {bounds}" : "";
        string left = row.TryGetProperty("uses_left", out var uses) ? $", {uses} left" : "";
        string shard = row.TryGetProperty("shard", out var where) ? $" on shard {where}" : "";
        string more = row.TryGetProperty("hidden", out var hidden) ? $"; and {hidden} more" : "";
        return $"of {Text(row, "of")}, narrowed by #{Text(row, "by")}{shard} as cap {Text(row, "capability")}"
            + $"{above}{to}{left}{more}";
    }

    public static void Letters(IReadOnlyList<JsonElement> rows, TextWriter output)
    {
        if (rows.Count == 0)
        {
            output.WriteLine("no dead letters");
        }

        foreach (var row in rows)
        {
            string what = WhatOf(row);
            string place = Text(row, "place") is { Length: > 0 } at ? $" at {at}" : "";
            string handler = Text(row, "handler") is { Length: > 0 } name ? $" in {name}" : "";
            output.WriteLine(Printable.Of(
                $"{Text(row, "letter")}  {AgentOf(row)} #{Text(row, "process")}{handler}{place}: {Text(row, "trap")}"));
            output.WriteLine(Printable.Of($"   {what}"));
            if (Text(row, "stays") is { Length: > 0 } why)
            {
                output.WriteLine(Printable.Of($"   it cannot be delivered again: {why}"));
            }

            TellBefore(row, output);
        }
    }

    /// <summary>What became of one letter, or of all that there were.</summary>
    /// <param name="done">What was done with them, as a participle.</param>
    public static void Letters(JsonElement answer, string done, TextWriter output)
    {
        if (!answer.TryGetProperty("letters", out var letters))
        {
            output.WriteLine(Printable.Of(Text(answer, "done")));
            return;
        }

        var refused = answer.GetProperty("refused");
        string rest = refused.GetArrayLength() == 0 ? "" : $", {refused.GetArrayLength()} not";
        output.WriteLine(letters.GetInt64() == 0 && rest.Length == 0
            ? "there were no dead letters"
            : $"{letters} {done}{rest}");
        foreach (var one in refused.EnumerateArray())
        {
            output.WriteLine(Printable.Of($"  {one}"));
        }
    }

    // What its process had handled before. A run of an older version does not say.
    private static void TellBefore(JsonElement row, TextWriter output)
    {
        if (!row.TryGetProperty("before", out var before) || before.GetArrayLength() == 0)
        {
            return;
        }

        output.WriteLine("   before it:");
        foreach (var one in before.EnumerateArray())
        {
            string from = one.GetProperty("sender").GetInt64() is var sender and not 0
                ? string.Create(CultureInfo.InvariantCulture, $" from #{sender}")
                : "";
            output.WriteLine(Printable.Of($"     {Text(one, "at")}  {Text(one, "handler")}{from}: {WhatOf(one)}"));
        }
    }

    private static string WhatOf(JsonElement row) => row.TryGetProperty("event", out var happened)
        ? happened.GetRawText()
        : row.TryGetProperty("begins", out var begins)
            ? $"{Text(row, "octets")} octets, beginning with {begins}"
            : $"{Text(row, "octets")} octets";

    private static string AgentOf(JsonElement row) => Text(row, "module") == Text(row, "agent")
        ? Text(row, "module")
        : $"{Text(row, "module")}.{Text(row, "agent")}";

    private static string StateOf(JsonElement row)
    {
        string waits = Text(row, "device") is { Length: > 0 } device ? device
            : row.GetProperty("waits_for").GetInt64() is var process and > 0
                ? string.Create(CultureInfo.InvariantCulture, $"#{process}")
                : "";
        return waits.Length == 0 ? Text(row, "state") : $"{Text(row, "state")} {waits}";
    }

    private static string Text(JsonElement row, string name) => row.GetProperty(name).ToString();

    private static string Bytes(long bytes) => bytes < 10 << 10
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes} B")
        : bytes < 10 << 20
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes >> 10} KiB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MiB");

    private static string Span(long nanoseconds)
    {
        var span = TimeSpan.FromMilliseconds(nanoseconds / 1_000_000);
        return span.TotalDays >= 1
            ? span.ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture)
            : span.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture);
    }

    private static void Table(TextWriter output, IReadOnlyList<string[]> rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column =>
            rows.Max(row => Printable.Of(row[column]).Length))];
        foreach (string[] row in rows)
        {
            var cells = row.Select((cell, column) => Printable.Of(cell).PadRight(widths[column]));
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }
}
