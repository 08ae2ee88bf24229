using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Sim.Swarm;

/// <summary>An outside that hears nothing, or little: for a run of which the hashes count, or a few effects.</summary>
internal class DeafOutside : IOutside
{
    public void Started(ProcessId process, string module, string agent)
    {
    }

    public void Ended(ProcessId process, EndReason reason, string detail)
    {
    }

    public virtual void Published(
        ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
    {
    }

    public void Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments)
    {
    }

    public virtual void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
    {
    }

    public void Answered(long number, bool failed, SchemaType type, ReadOnlySpan<byte> answer)
    {
    }

    public void Measured(ProcessId from, int metric, double value)
    {
    }

    public void Logged(ProcessId from, ReadOnlySpan<byte> entry)
    {
    }

    public void Audited(Audit entry)
    {
    }

    public void Trapped(DeadLetter letter)
    {
    }

    public void InputTaken(LineBatch batch)
    {
    }

    public void Committed(ProcessId process, int handler, int count, long arrived)
    {
    }
}
