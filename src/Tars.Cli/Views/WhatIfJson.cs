using System.Text.Json;
using Tars.Evolution.Loads;
using Tars.Host.Journal;

namespace Tars.Cli.Views;

/// <summary>What another policy would have made of a load, as JSON; docs/cli.md lists the members.</summary>
internal static class WhatIfJson
{
    public static void Write(Utf8JsonWriter json, WhatIfReport report)
    {
        json.WriteNumber("ns_per_fuel", report.NanosecondsPerFuel);
        json.WriteNumber("recorded_events", report.Recorded);
        if (1 < report.Before.Cores)
        {
            json.WriteNumber("shards", report.Before.Cores);
        }

        if (report.Inconclusive is { } reason)
        {
            json.WriteString("inconclusive", reason);
        }

        json.List("policies", [report.Before, report.After], (_, one) => Write(json, one));
    }

    private static void Write(Utf8JsonWriter json, LoadReport load)
    {
        json.WriteStartObject();
        json.WriteString("policy", load.Policy.Name);
        json.WriteNumber("handled", load.Handled);
        json.WriteNumber("waiting", load.Waiting);
        json.WriteNumber("elapsed_ns", load.Elapsed);
        json.WriteNumber("busy_ns", load.Busy);
        json.WriteNumber("turns", load.Policy.Turns);
        json.WriteNumber("fairness", load.Fairness);
        if (load.Policy.Module is { } module)
        {
            json.WriteNumber("policy_calls", module.Calls);
            json.WriteNumber("policy_fuel", module.Fuel);
            if (module.Failure is { } failure)
            {
                json.WriteString("policy_failure", failure);
            }
        }

        json.List("agents", load.Agents, (_, agent) =>
        {
            json.WriteStartObject();
            json.WriteString("agent", agent.Name);
            json.WriteNumber("events", agent.Events);
            json.WriteStartObject("latency_ns");
            json.WriteNumber("p50", agent.Median);
            json.WriteNumber("p99", agent.P99);
            json.WriteNumber("max", agent.Worst);
            json.WriteEndObject();
            if (agent.Late is { } late)
            {
                json.WriteNumber("late", late);
            }

            json.WriteNumber("slowdown", agent.Slowdown);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }
}
