using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel;

/// <summary>Prints what the kernel knows into reports. Changes nothing.</summary>
internal static class KernelReports
{
    public static KernelReport Of(KernelState state) => new(
        [.. state.Ended.Processes.Concat(state.Processes.Values.Select(Of)).OrderBy(one => one.Process)],
        [.. state.Ended.Older],
        [
            .. state.System.Modules.Select((module, index) =>
                new ModuleMetrics(module.Manifest.Name, state.Metrics[index].Report())),
        ],
        state.DeadLetters.Total);

    public static IEnumerable<ProcessStatus> StatusOf(KernelState state, ProcessId after) =>
        state.Processes.Values.Where(one => after < one.Id).Select(one => StatusOf(state, one));

    private static ProcessStatus StatusOf(KernelState state, Process process)
    {
        var ask = process.Waiting;
        var activity =
            process.Phase != GuestPhase.Idle ? ProcessActivity.Running
            : process.IsBlocked ? ProcessActivity.Blocked
            : ask is { Payload: null } ? ProcessActivity.Asking
            : process.Hold == Hold.Still ? ProcessActivity.Swapping
            : process.IsReady || process.IsResting ? ProcessActivity.Ready
            : ProcessActivity.Idle;
        var device = activity == ProcessActivity.Asking ? ask?.Device : null;
        return new ProcessStatus(
            process.Id,
            process.Agent.Module.Manifest.Name,
            process.Agent.Name,
            process.Parent,
            activity,
            activity switch
            {
                ProcessActivity.Asking => ask!.Target, // It is asking.
                ProcessActivity.Blocked => FirstReceiver(process),
                _ => ProcessId.Outside,
            },
            device is { } place ? state.System.Devices[place.Value].Name : "",
            process.Mail.Count,
            process.Outbox.Messages,
            process.Guest?.Memory.Length ?? 0,
            process.Fuel,
            process.Traps,
            process.Restarts,
            process.Born);
    }

    private static ProcessId FirstReceiver(Process process)
    {
        for (int index = 0; index < process.Outbox.Count; index++)
        {
            ref var mail = ref process.Outbox.At(index);
            if (mail.Kind is Ipc.MailKind.Message or Ipc.MailKind.Elsewhere)
            {
                return mail.Target;
            }
        }

        return ProcessId.Outside;
    }

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
