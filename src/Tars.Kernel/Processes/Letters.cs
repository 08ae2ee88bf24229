using System.Globalization;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Blobs;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Processes;

/// <summary>Writes the dead letter of an event that is rolled back, while the guest shows where it stood.</summary>
internal static class Letters
{
    /// <param name="view">The guest's; its count of committed events says which one it was.</param>
    public static KeptLetter Of(KernelState state, Process process, GuestFault fault, GuestView view)
    {
        var batch = process.Batch;
        int index = (int)view.EventsCommitted - batch.Prelude;
        var found = Find(state, process, index);
        var text = view.TryRange(view[ControlBlock.TrapTextBase], view[ControlBlock.TrapTextSize], out var octets)
            ? octets[..Math.Min(octets.Length, Limits.TrapTextMax)]
            : [];
        var code = (GuestTrap)view[ControlBlock.TrapCode];
        text = code == GuestTrap.BlobWanted ? [] : text; // It is no text.
        uint site = view[ControlBlock.Site];
        int handler = index < 0 ? -1 : batch.Handler;
        var letter = new DeadLetter(
            process.Id,
            handler,
            found.Sender,
            fault.Kind,
            fault.Kind == FaultKind.Unreachable && Enum.IsDefined(code) ? code : GuestTrap.None,
            System.Text.Encoding.UTF8.GetString(text),
            site,
            found.Instant,
            [.. found.Shown[..Math.Min(found.Shown.Length, Limits.DeadLetterBytesMax)]]);
        var image = handler < 0 ? null : process.Agent.Handlers[handler];
        string whyNot = WhyNot(image, batch, found.Event);
        return new KeptLetter(
            Number: 0,
            letter,
            process.Agent.Module.Manifest.Name,
            process.Agent.Name,
            image is null ? "" : HandlerText.Of(image.Spec),
            PlaceOf(process.Agent.Module, site))
        {
            HandlerIndex = handler,
            Turns = found.Turns,
            Event = whyNot.Length == 0 ? [.. found.Event] : [],
            Type = image?.Payload ?? new SchemaType.Record("", []),
            WhyNot = whyNot,
            Blobs = whyNot.Length == 0 ? found.Blobs : null,
        };
    }

    private static string WhyNot(HandlerImage? image, Batch batch, byte[] octets) =>
        image is null ? "none of its handlers ran"
        : batch.Kind is BatchKind.Birth or BatchKind.Start or BatchKind.Stop ? "it is no mail"
        : batch.Kind == BatchKind.Answer ? "whoever was asked has answered once"
        : image.Spec.Kind == HandlerKind.Exit ? "a process ends once"
        : SlotPlaces.AnyOfOneMessage(image.Payload) ? "what it carried has ended with it"
        : Limits.DeadLetterEventBytesMax < octets.Length ? "it is too large to be kept"
        : ValueEncoding.IsValid(image.Payload, octets) ? ""
        : "it does not decode";

    // What is known of the event with an index behind the prelude.
    private static Found Find(KernelState state, Process process, int index)
    {
        var batch = process.Batch;
        if (0 <= index && index < batch.Count && batch.Kind == BatchKind.Mail)
        {
            int offset = 0;
            for (int before = 0; before < index; before++)
            {
                offset += process.Mail.At(before).PayloadSize;
            }

            ref var mail = ref process.Mail.At(index);
            byte[] payload = process.Mail.PayloadFrom(offset, mail.PayloadSize).ToArray();
            return new Found(mail.Sender, mail.Instant, payload, payload, mail.Turns) { Blobs = mail.Blobs };
        }

        if (0 <= index && index < batch.Count && batch.Kind == BatchKind.Lines)
        {
            ref var mail = ref process.Mail.At(0);
            int line = mail.NextLine + index;
            var lines = mail.Lines!; // Mail of kind Lines has them.
            byte[] octets = line < lines.Count ? lines.Line(line).ToArray() : [];
            byte[] payload = BatchComposer.PayloadOf(lines, line, process.Mail.FirstPayload);
            return new Found(ProcessId.Outside, mail.Instant, octets, payload, Turns: 0);
        }

        return new Found(ProcessId.Outside, state.Now.Instant, [], [], Turns: 0);
    }

    private static string PlaceOf(ModuleImage module, uint number)
    {
        var site = module.Debug.Find(number) ?? default;
        bool isKnown = site.Start.Line != 0 && (uint)site.File < (uint)module.Debug.Files.Length;
        return isKnown
            ? string.Create(CultureInfo.InvariantCulture, $"{module.Debug.Files[site.File]}:{site.Start}")
            : "";
    }

    /// <param name="Shown">What a person sees of the event.</param>
    /// <param name="Event">Its payload, with the kernel's ids in place of slots.</param>
    private readonly record struct Found(ProcessId Sender, long Instant, byte[] Shown, byte[] Event, int Turns)
    {
        public BlobHold? Blobs { get; init; }
    }
}
