using System.Text.Json;
using Tars.Host;
using Tars.Kernel.Ports;

namespace Tars.Cli.Views;

/// <summary>What a run did, as JSON; docs/cli.md lists the members. All times are nanoseconds.</summary>
internal static class RunJson
{
    public static void Write(Utf8JsonWriter json, RunReport report)
    {
        json.WriteNumber("events", report.Events);
        json.WriteNumber("committed", report.Committed);
        json.WriteNumber("traps", report.Kernel.Traps);
        json.WriteNumber("refused", report.Refused);
        json.WriteNumber("elapsed_ns", report.Elapsed);
        json.WriteNumber("peak_memory", report.PeakMemory);
        json.WriteNumber("allocated", report.Allocated);
        json.WriteNumber("collections", report.Collections);
        if (report.RecordError is { } error)
        {
            json.WriteString("record_error", error);
        }

        if (report.Policy is { } policy)
        {
            json.WritePropertyName("policy");
            WritePolicy(json, policy);
        }

        if (!report.ShardPolicies.IsEmpty)
        {
            json.List("policies", report.ShardPolicies, (_, one) => WritePolicy(json, one));
        }

        json.List("engines", report.Engines, (_, one) => WriteEngine(json, one));
        json.List("processes", report.Kernel.Processes, (_, process) => WriteProcess(json, process));
        json.List("ended", report.Kernel.Ended, (_, agent) => WriteEnded(json, agent));
        json.List("handlers", Handlers(report), (_, one) => WriteHandler(json, one.Process, one.Handler));
        json.List("latencies", report.Latencies, (_, latency) => WriteLatency(json, latency));
        json.List("metrics", Metrics(report), (_, one) => WriteMetric(json, one.Module, one.Metric));
        json.List("inputs", report.Inputs, (_, input) => WriteInput(json, input));
    }

    private static IEnumerable<(ProcessReport Process, HandlerReport Handler)> Handlers(RunReport report) =>
        from process in report.Kernel.Processes
        from handler in process.Handlers
        select (process, handler);

    private static IEnumerable<(string Module, MetricReport Metric)> Metrics(RunReport report) =>
        from module in report.Kernel.Metrics
        from metric in module.Metrics
        select (module.Module, metric);

    private static void WriteEngine(Utf8JsonWriter json, ModuleEngine row)
    {
        json.WriteStartObject();
        json.WriteString("module", row.Module);
        json.WriteString("engine", row.Engine);
        json.WriteString("floor", row.IsIsolated ? "microvm" : "any");
        if (row.WhyStays is { } why)
        {
            json.WriteString("stays", why);
        }

        json.WriteEndObject();
    }

    private static void WritePolicy(Utf8JsonWriter json, PolicyReport policy)
    {
        json.WriteStartObject();
        json.WriteString("name", policy.Name);
        json.WriteNumber("turns", policy.Turns);
        if (policy.Module is { } module)
        {
            json.WriteNumber("turns_of_module", module.Turns);
            json.WriteNumber("calls", module.Calls);
            json.WriteNumber("fuel", module.Fuel);
            if (module.Failure is { } failure)
            {
                json.WriteString("failure", failure);
                json.WriteString("successor", PolicyNames.Of(module.Successor));
            }

            json.List("metrics", module.Metrics.Metrics, (_, one) => WriteMetric(json, module.Metrics.Module, one));
        }

        json.WriteEndObject();
    }

    private static void WriteProcess(Utf8JsonWriter json, ProcessReport process)
    {
        json.WriteStartObject();
        json.WriteNumber("process", process.Process.Value);
        json.WriteString("module", process.Module);
        json.WriteString("agent", process.Agent);
        json.WriteBoolean("ended", process.IsEnded);
        json.WriteNumber("traps", process.Traps);
        json.WriteNumber("restarts", process.Restarts);
        json.WriteNumber("fuel", process.Fuel);
        json.WriteNumber("memory", process.MemoryHigh);
        json.WriteNumber("waiting", process.Waiting);
        json.WriteEndObject();
    }

    private static void WriteEnded(Utf8JsonWriter json, EndedAgents agent)
    {
        json.WriteStartObject();
        json.WriteString("module", agent.Module);
        json.WriteString("agent", agent.Agent);
        json.WriteNumber("processes", agent.Processes);
        json.WriteNumber("events", agent.Events);
        json.WriteNumber("committed", agent.Committed);
        json.WriteNumber("traps", agent.Traps);
        json.WriteNumber("restarts", agent.Restarts);
        json.WriteNumber("fuel", agent.Fuel);
        json.WriteNumber("memory", agent.MemoryHigh);
        json.WriteEndObject();
    }

    private static void WriteHandler(Utf8JsonWriter json, ProcessReport process, HandlerReport handler)
    {
        json.WriteStartObject();
        json.WriteNumber("process", process.Process.Value);
        json.WriteString("handler", handler.Name);
        json.WriteNumber("events", handler.Events);
        json.WriteNumber("committed", handler.Committed);
        json.WriteNumber("traps", handler.Traps);
        json.WriteNumber("fuel", handler.Fuel);
        json.WriteEndObject();
    }

    private static void WriteLatency(Utf8JsonWriter json, HandlerLatency latency)
    {
        json.WriteStartObject();
        json.WriteString("module", latency.Module);
        json.WriteString("agent", latency.Agent);
        json.WriteString("handler", latency.Handler);
        json.WriteNumber("events", latency.Count);
        json.WriteNumber("p50", latency.Median);
        json.WriteNumber("p90", latency.P90);
        json.WriteNumber("p99", latency.P99);
        json.WriteNumber("p999", latency.P999);
        json.WriteNumber("max", latency.Worst);
        json.WriteEndObject();
    }

    private static void WriteMetric(Utf8JsonWriter json, string module, MetricReport metric)
    {
        json.WriteStartObject();
        json.WriteString("module", module);
        json.WriteString("metric", metric.Name);
        json.WritePropertyName("value");
        if (metric.Value is { } value)
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteNumber("reports", metric.Count);
        json.WriteEndObject();
    }

    private static void WriteInput(Utf8JsonWriter json, InputReport input)
    {
        json.WriteStartObject();
        json.WriteString("input", input.Name);
        json.WriteNumber("octets", input.Octets);
        json.WriteNumber("lines", input.Lines);
        json.WriteNumber("repaired", input.Repaired);
        json.WriteNumber("too_long", input.TooLong);
        json.WriteNumber("malformed", input.Malformed);
        json.WriteEndObject();
    }
}
