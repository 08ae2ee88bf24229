using System.Text;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Caps;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Ipc;

/// <summary>What comes from outside without being asked for goes to those who handle it.</summary>
internal sealed class Inputs(KernelState state)
{
    public void Receive(KernelEvent.DeviceLines lines) =>
        Receive(lines.Batch, DeviceReceivers(lines.Device), $"device {Name(lines.Device)}");

    public void Receive(KernelEvent.ChannelLines lines) =>
        Receive(lines.Batch, ChannelReceivers(lines.Channel), $"channel {lines.Channel}");

    public void Receive(KernelEvent.DeviceInput input) =>
        Receive(input.Value.AsSpan(), DeviceReceivers(input.Device), $"device {Name(input.Device)}");

    public void Receive(KernelEvent.Message message) =>
        Receive(message.Value.AsSpan(), ChannelReceivers(message.Channel), $"channel {message.Channel}");

    /// <summary>Lines that were not yet taken will not be; their batches go back.</summary>
    public void Cut()
    {
        foreach (var process in state.Processes.Values)
        {
            for (int index = process.InFlight; index < process.Mail.Count; index++)
            {
                ref var mail = ref process.Mail.At(index);
                if (mail is { Kind: MailKind.Lines, Lines: { } lines })
                {
                    int left = lines.Count - mail.NextLine;
                    mail.Lines = null;
                    process.Mail.Withdraw(index);
                    state.Audit(process.Id, "input", process.Agent.Name, "the system stops", left);
                    state.Supervisor.Release(lines);
                }
            }
        }
    }

    private string Name(DeviceId device) => state.System.Devices[device.Value].Name;

    private Router.Receiver[] DeviceReceivers(DeviceId id)
    {
        var device = state.System.Devices[id.Value];
        var receivers = new List<Router.Receiver>();
        foreach (var process in state.Processes.Values.Where(one => one.Agent.Module.Manifest.Name == device.Module))
        {
            for (int handler = 0; handler < process.Agent.Handlers.Length; handler++)
            {
                var spec = process.Agent.Handlers[handler].Spec;
                if (spec.Kind == HandlerKind.Device && spec.Subject == device.Name
                    && !state.Denials.Holds(process, new Capability.OfDevice(id))
                    && process.Agent.Narrowing?.MayUse(device.Name) != false)
                {
                    receivers.Add(new Router.Receiver(process, handler, []));
                }
            }
        }

        return [.. receivers];
    }

    private Router.Receiver[] ChannelReceivers(string channel) =>
        state.Router.Find(Encoding.UTF8.GetBytes(channel))?.Receivers ?? [];

    private void Receive(LineBatch batch, Router.Receiver[] receivers, string source)
    {
        batch.Takers = 1;
        if (receivers.Length == 0 || state.IsStopping)
        {
            state.Audit(ProcessId.Outside, "input", source, "nobody takes it", batch.Count);
        }
        else if (0 < batch.Count || batch is { IsLast: true, Form: LineForm.OptionalText })
        {
            foreach (var (process, handler, suffix) in receivers)
            {
                batch.Takers++;
                process.Mail.Push(Input(handler) with { Kind = MailKind.Lines, Lines = batch }, suffix);
                state.Wake(process);
            }
        }

        state.Supervisor.Release(batch);
    }

    private void Receive(ReadOnlySpan<byte> value, Router.Receiver[] receivers, string source)
    {
        int refused = 0;
        foreach (var (process, handler, suffix) in receivers)
        {
            byte[] payload = [.. value, .. suffix];
            var image = process.Agent.Handlers[handler];
            bool valid = !image.HoldsSlots && ValueEncoding.IsValid(image.Payload, payload) && !state.IsStopping;
            refused += valid && state.Link.Send(sender: null, process, Input(handler), payload) is null ? 0 : 1;
        }

        if (0 < refused || receivers.Length == 0)
        {
            state.Audit(ProcessId.Outside, "input", source, "it was not taken", Math.Max(1, refused));
        }
    }

    private Mail Input(int handler) => new()
    {
        Kind = MailKind.Message,
        Handler = handler,
        Instant = state.Now.Instant,
        Arrived = state.Now.Monotonic,
    };
}
