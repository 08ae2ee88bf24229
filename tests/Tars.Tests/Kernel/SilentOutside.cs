using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Tests.Kernel;

/// <summary>An outside that does nothing with what it hears; tests override what they look at.</summary>
internal class SilentOutside : IOutside
{
    public virtual void InputTaken(LineBatch batch)
    {
    }

    public virtual void HandlerCommitted(int count)
    {
    }

    public virtual void Committed(ProcessId process, int handler, int count, long arrived) => HandlerCommitted(count);

    public virtual void Started(ProcessId process, string module, string agent)
    {
    }

    public virtual void Ended(ProcessId process, EndReason reason, string detail)
    {
    }

    public virtual void Published(
        ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
    {
    }

    public virtual void Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments)
    {
    }

    public virtual void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
    {
    }

    public virtual void Answered(long number, bool failed, SchemaType type, ReadOnlySpan<byte> answer)
    {
    }

    public virtual void Measured(ProcessId from, int metric, double value)
    {
    }

    public virtual void Logged(ProcessId from, ReadOnlySpan<byte> entry)
    {
    }

    public virtual void Audited(Audit entry)
    {
    }

    public virtual void Trapped(DeadLetter letter)
    {
    }
}
