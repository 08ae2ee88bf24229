using System.Text.Unicode;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Journal;

/// <summary>Looks at the events of a journal before a kernel is stepped with them: a file may say anything.</summary>
/// <remarks>A host's own events are its promise; here nobody has promised anything.</remarks>
public sealed class EventAdmission(SystemImage system)
{
    private long? _monotonic;

    /// <summary>Another one after a swap.</summary>
    public SystemImage System { get; set; } = system;

    /// <summary>The events go on behind a checkpoint, whose newest event came at this time.</summary>
    public void GoOn(long monotonic) => _monotonic = monotonic;

    /// <summary>Null when the kernel may be stepped with the event; else why not.</summary>
    public string? WhyNot(KernelEvent happened)
    {
        if (_monotonic is null != happened is KernelEvent.Boot)
        {
            return _monotonic is null ? "its first event is not the start" : "it starts twice";
        }

        if (happened.At.Monotonic < (_monotonic ?? 0))
        {
            return "its clock goes back";
        }

        _monotonic = happened.At.Monotonic;
        return happened switch
        {
            KernelEvent.DeviceLines lines =>
                Device(lines.Device) ?? Lines(lines.Batch, EventOf(lines)),
            KernelEvent.DeviceInput input => Device(input.Device),
            KernelEvent.ChannelLines lines => Channel(lines),
            KernelEvent.Swap { Image: null } or KernelEvent.SwapElsewhere { Image: null } =>
                "it swaps a module, and the new version's bundle is not there",
            KernelEvent.GuestDone =>
                "it was recorded with an engine that runs guests elsewhere, which no engine here does",
            _ => null,
        };
    }

    private string? Device(DeviceId device) =>
        device.Value < System.Devices.Length ? null : "it names a device that the modules do not have";

    // Lines as they are have no type of their own; values have the one that their device brings.
    private SchemaType? EventOf(KernelEvent.DeviceLines lines) =>
        lines.Batch.Form == LineForm.Encoded ? System.Devices[lines.Device.Value].Kind.Event : null;

    private string? Channel(KernelEvent.ChannelLines lines) => System.TypeOf(lines.Channel) is { } type
        ? Lines(lines.Batch, type)
        : "it names a channel that the modules do not have";

    /// <param name="type">Of the channel; null for a device.</param>
    private static string? Lines(LineBatch batch, SchemaType? type)
    {
        bool fits = batch.Form switch
        {
            LineForm.OptionalText => true,
            LineForm.Text => type is null or SchemaType.Text,
            LineForm.Encoded => type is not null,
        };
        for (int index = 0; fits && index < batch.Count; index++)
        {
            fits = batch.Form == LineForm.Encoded
                ? ValueEncoding.IsValid(type!, batch.Line(index)) // It fits, so there is one.
                : Utf8.IsValid(batch.Line(index));
        }

        return fits ? null : "a line is not what its device or channel takes";
    }
}
