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
        if (report.RecordError is { } error)
        {
            json.WriteString("record_error", error);
        }

        json.List("processes", report.Kernel.Processes, (_, process) => WriteProcess(json, process));
        json.List("handlers", Handlers(report), (_, one) => WriteHandler(json, one));
        json.List("metrics", Metrics(report), (_, one) => WriteMetric(json, one.Module, one.Metric));
        json.List("inputs", report.Inputs, (_, input) => WriteInput(json, input));
    }

    private static IEnumerable<(ProcessReport Process, HandlerReport Handler, HandlerLatency? Latency)> Handlers(
        RunReport report)
    {
        var latencies = report.Latencies.ToDictionary(latency => (latency.Process, latency.Handler));
        return from process in report.Kernel.Processes
               from handler in process.Handlers.Index()
               select (process, handler.Item, latencies.GetValueOrDefault((process.Process, handler.Index)));
    }

    private static IEnumerable<(string Module, MetricReport Metric)> Metrics(RunReport report) =>
        from module in report.Kernel.Metrics
        from metric in module.Metrics
        select (module.Module, metric);

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

    private static void WriteHandler(
        Utf8JsonWriter json, (ProcessReport Process, HandlerReport Handler, HandlerLatency? Latency) one)
    {
        json.WriteStartObject();
        json.WriteNumber("process", one.Process.Process.Value);
        json.WriteString("handler", one.Handler.Name);
        json.WriteNumber("events", one.Handler.Events);
        json.WriteNumber("committed", one.Handler.Committed);
        json.WriteNumber("traps", one.Handler.Traps);
        json.WriteNumber("fuel", one.Handler.Fuel);
        if (one.Latency is { } latency)
        {
            json.WriteStartObject("latency_ns");
            json.WriteNumber("p50", latency.Median);
            json.WriteNumber("p90", latency.P90);
            json.WriteNumber("p99", latency.P99);
            json.WriteNumber("p999", latency.P999);
            json.WriteNumber("max", latency.Worst);
            json.WriteEndObject();
        }

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
