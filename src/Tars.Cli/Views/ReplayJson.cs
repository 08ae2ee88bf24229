using System.Collections.Immutable;
using System.Text.Json;
using Tars.Host.Journal;

namespace Tars.Cli.Views;

/// <summary>What a replay found, as JSON; docs/cli.md lists the members.</summary>
internal static class ReplayJson
{
    public static void Write(Utf8JsonWriter json, ReplayReport report)
    {
        json.WriteNumber("events", report.Events);
        json.WriteNumber("transactions", report.Transactions);
        json.WriteNumber("points", report.Points);
        if (0 < report.EventsBefore)
        {
            json.WriteNumber("events_before", report.EventsBefore);
            json.WriteNumber("transactions_before", report.TransactionsBefore);
        }

        if (1 < report.Shards)
        {
            json.WriteNumber("shards", report.Shards);
        }

        if (report.End is { } end)
        {
            json.WriteString("end", end switch
            {
                JournalEnd.Closed => "closed",
                JournalEnd.Open => "open",
                JournalEnd.Torn => "torn",
            });
        }

        if (report.Damage is { } damage)
        {
            json.WriteString("damage", damage);
        }

        if (report.Last is { } last)
        {
            json.WriteStartObject("last");
            Write(json, last);
            json.WriteEndObject();
        }

        if (report.Difference is { } difference)
        {
            json.WriteStartObject("difference");
            Write(json, difference);
            json.WriteEndObject();
        }

        Write(json, "states", report.States);
    }

    private static void Write(Utf8JsonWriter json, ReplayDifference difference)
    {
        if (difference.Shard is { } shard)
        {
            json.WriteNumber("shard", shard);
        }

        json.WriteNumber("event", difference.Event);
        json.WriteString("what", difference.EventText);
        json.WriteString("differs", difference.What);
        json.WriteNumber("first_event", difference.FirstEvent);
        json.WriteNumber("first_transaction", difference.FirstTransaction);
        json.WriteNumber("last_transaction", difference.LastTransaction);
        if (difference.Transaction is { } transaction)
        {
            json.WriteStartObject("transaction");
            Write(json, transaction);
            json.WriteEndObject();
        }

        Write(json, "before", difference.Before);
        Write(json, "after", difference.After);
    }

    private static void Write(Utf8JsonWriter json, TransactionView one)
    {
        json.WriteNumber("number", one.Number);
        json.WriteNumber("process", one.Process);
        json.WriteString("agent", one.Agent);
        json.WriteString("handler", one.Handler);
        if (one.File.Length != 0)
        {
            json.WriteString("file", one.File);
            json.WriteNumber("line", one.Line);
            json.WriteNumber("column", one.Column);
        }

        if (one.Trap.Length != 0)
        {
            json.WriteString("trap", one.Trap);
        }
    }

    private static void Write(Utf8JsonWriter json, string name, ImmutableArray<ProcessView> states) =>
        json.List(name, states, (_, one) =>
        {
            json.WriteStartObject();
            json.WriteNumber("process", one.Process);
            json.WriteString("agent", one.Agent);
            if (one.Waits.Length != 0)
            {
                json.WriteString("waits", one.Waits);
            }

            json.WritePropertyName("state");
            if (one.Json is { } state)
            {
                json.WriteRawValue(state);
            }
            else
            {
                json.WriteNullValue();
                json.WriteString("reason", one.Reason);
            }

            json.WriteEndObject();
        });
}
