using Tars.Kernel.Ports;

namespace Tars.Devices.Introspect;

/// <summary>Shows a guest the processes of the kernel that runs it, between two of its Steps.</summary>
/// <remarks>
/// It is asked on the kernel's own thread and changes nothing. In a scenario it is its own twin: what it shows there is
/// the kernel that the scenario runs.
/// </remarks>
/// <param name="processes">The living processes behind one, in order of birth.</param>
public sealed class Host(Func<ProcessId, IEnumerable<ProcessStatus>> processes) : IAskedDevice
{
    public Metrics Metrics { get; } = new();

    public DeviceAnswer Ask(DeviceAsk asked)
    {
        Metrics.Asks++;
        long number = Protocol.Number(asked);
        if (asked.Operation == Device.Processes)
        {
            ProcessStatus[] rows = [.. processes(new ProcessId(number)).Take(Limits.IntrospectRowsMax)];
            Metrics.Rows += rows.Length;
            return Protocol.Rows(rows);
        }

        var found = 0 < number ? processes(new ProcessId(number - 1)).FirstOrDefault() : null;
        var row = found?.Process.Value == number ? found : null;
        Metrics.Rows += row is null ? 0 : 1;
        return Protocol.Row(row);
    }
}
