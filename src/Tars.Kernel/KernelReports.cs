using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel;

/// <summary>Prints what the kernel knows into reports. Changes nothing.</summary>
internal static class KernelReports
{
    public static KernelReport Of(KernelState state) => new(
        [.. state.Ended.Concat(state.Processes.Values.Select(Of)).OrderBy(one => one.Process)],
        [
            .. state.System.Modules.Select((module, index) =>
                new ModuleMetrics(module.Manifest.Name, state.Metrics[index].Report())),
        ],
        state.DeadLetters.Total,
        state.Ended.Sum(one => one.Traps) + state.Processes.Values.Sum(one => one.Traps));

    public static ProcessReport Of(Process process) => new(
        process.Id,
        process.Agent.Module.Manifest.Name,
        process.Agent.Name,
        process.IsEnded,
        process.Traps,
        process.Restarts,
        process.Fuel,
        process.MemoryHigh,
        process.Mail.Count,
        [
            .. process.Agent.Handlers.Select((handler, index) => new HandlerReport(
                NameOf(handler.Spec),
                process.Counts[index].Committed + process.Counts[index].Traps,
                process.Counts[index].Committed,
                process.Counts[index].Traps,
                process.Counts[index].Fuel)),
        ],
        process.Agent.OwnsBeliefs ? [.. process.Strengths] : []);

    /// <summary>As the handler is called under `handlers`.</summary>
    public static string NameOf(HandlerSpec handler)
    {
        var kind = handler.Kind switch
        {
            HandlerKind.Start => "start",
            HandlerKind.Stop => "stop",
            HandlerKind.Timer => "timer",
            HandlerKind.Message => "message",
            HandlerKind.Ask => "ask",
            HandlerKind.Exit => "exit",
            HandlerKind.Http => "http",
            HandlerKind.Device => "device",
            HandlerKind.Migrate => "migrate",
            HandlerKind.Refused => "refused",
        };
        return handler.Subject.Length == 0 ? kind : $"{kind} {handler.Subject}";
    }
}
