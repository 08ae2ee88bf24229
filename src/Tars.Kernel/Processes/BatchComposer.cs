using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Kernel.Caps;
using Tars.Kernel.Ipc;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Processes;

/// <summary>Writes the next batch of a process straight into its guest's event ring. Data plane.</summary>
/// <remarks>
/// Nothing is taken from the mailbox: that is done when the batch is over and what was committed is known.
/// </remarks>
internal ref struct BatchComposer
{
    private readonly KernelState _state;
    private readonly Process _process;
    private readonly Span<byte> _ring;
    private readonly int _eventsMax;
    private int _used;
    private int _events;

    // Up to this one events stand in this batch whatever its size: windows, and the event that they are for.
    private int _mustFit;

    public BatchComposer(KernelState state, Process process, Span<byte> ring, int eventsMax)
    {
        _state = state;
        _process = process;
        _ring = ring;
        _eventsMax = eventsMax;
    }

    /// <summary>Bytes written.</summary>
    public readonly int Used => _used;

    /// <summary>How large the ring must be for the first event, when it did not fit; else zero.</summary>
    public int Needed { get; private set; }

    /// <summary>The batch, or null when there is nothing to do or the ring is too small.</summary>
    public Batch? Compose()
    {
        if (_process.BirthDue)
        {
            return Birth();
        }

        bool hasBeliefs = _process.BeliefsDue && Beliefs();
        bool hasParams = _process.ParamsDue && Params();
        int prelude = (hasBeliefs ? 1 : 0) + (hasParams ? 1 : 0);
        if (Needed != 0)
        {
            return null;
        }

        // What does not fit behind the prelude has a batch of its own, and so have windows and what they are for.
        int windows = 0 < prelude || !_process.HasWindows ? 0 : Windows();
        bool goesOn = Needed == 0 && (prelude == 0 || !_process.HasWindows);
        if (goesOn && Events(prelude + windows, hasBeliefs) is { } batch)
        {
            return batch with { Windows = windows };
        }

        return 0 < prelude
            ? new Batch(BatchKind.Mail, prelude, hasBeliefs, 0, Handler: -1, HasAsks: false)
            : null;
    }

    // What the process wished to see of blobs; how many events that are.
    private int Windows()
    {
        var windows = CollectionsMarshal.AsSpan(_process.Windows);
        _mustFit = windows.Length;
        long room = 0;
        foreach (var window in windows)
        {
            room += EventRecord.Payload + BlobPart.Octets + window.Count + 7;
        }

        if (_ring.Length < room)
        {
            Needed = (int)BitOperations.RoundUpToPowerOf2((uint)room);
            return 0;
        }

        foreach (var window in windows)
        {
            int size = BlobPart.Octets + window.Count;
            _ = Record(EventKind.Blob, handler: 0, size, _state.Now.Instant, turns: 1, out var payload); // It has room.
            BinaryPrimitives.WriteInt64LittleEndian(payload[BlobPart.Slot..], window.Slot);
            BinaryPrimitives.WriteInt64LittleEndian(payload[BlobPart.Length..], window.Blob.Length);
            BinaryPrimitives.WriteInt64LittleEndian(payload[BlobPart.From..], window.From);
            BinaryPrimitives.WriteUInt32LittleEndian(payload[BlobPart.Count..], (uint)window.Count);
            window.Blob.Octets.Slice(window.From, window.Count).CopyTo(payload[BlobPart.Octets..]);
        }

        return windows.Length;
    }

    private Batch? Events(int prelude, bool hasBeliefs)
    {
        var agent = _process.Agent;
        if (_process.StartDue)
        {
            return Alone(BatchKind.Start, prelude, hasBeliefs, agent.Start);
        }

        if (_process.Waiting is { } ask)
        {
            return Answer(ask, prelude, hasBeliefs);
        }

        if (_process.StopDue)
        {
            return Alone(BatchKind.Stop, prelude, hasBeliefs, agent.Stop);
        }

        while (0 < _process.Mail.Count && _process.Mail.At(0).Kind == MailKind.Withdrawn)
        {
            _process.Mail.Pop();
        }

        if (_process.Mail.Count == 0)
        {
            return null;
        }

        return _process.Mail.At(0).Kind == MailKind.Lines ? Lines(prelude, hasBeliefs) : Mails(prelude, hasBeliefs);
    }

    private Batch? Answer(PendingAsk ask, int prelude, bool hasBeliefs)
    {
        if (ask.Payload is not { } payload
            || !Record(EventKind.Answer, ask.Continuation, payload.Length, ask.Instant, turns: 1, out var answer))
        {
            return null;
        }

        payload.Span.CopyTo(answer);
        int handler = _process.Agent.Waits[ask.Continuation];
        return new Batch(BatchKind.Answer, prelude, hasBeliefs, 1, handler, HasAsks: true);
    }

    private Batch? Birth()
    {
        var agent = _process.Agent;
        byte[] values = _state.Params[agent.ModuleIndex];
        int size = 20 + values.Length + _process.Given.Length;
        if (!Record(EventKind.Birth, handler: 0, size, _process.Opened.Instant, turns: 1, out var payload))
        {
            return null;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(payload, (uint)agent.AgentIndex);
        BinaryPrimitives.WriteUInt64LittleEndian(payload[4..], _process.Seed);
        BinaryPrimitives.WriteInt64LittleEndian(payload[12..], _process.Self.Encoded);
        values.CopyTo(payload[20..]);
        var given = payload[(20 + values.Length)..];
        _process.Given.CopyTo(given);
        if (agent.GivenHoldsSlots && SlotTranslation.ToSlots(agent.Given, given, _process.Caps) is not null)
        {
            // The table is full: the event arrives with no octets, which is trap MalformedEvent.
            BinaryPrimitives.WriteUInt32LittleEndian(_ring[EventRecord.PayloadSize..], 0);
        }

        return new Batch(BatchKind.Birth, Prelude: 0, HasBeliefs: false, 1, Handler: -1, HasAsks: false);
    }

    private Batch? Alone(BatchKind kind, int prelude, bool hasBeliefs, int handler) =>
        Record(EventKind.Handler, handler, 0, _process.Opened.Instant, turns: 1, out _)
            ? new Batch(kind, prelude, hasBeliefs, 1, handler, HasAsks: false)
            : null;

    private bool Beliefs()
    {
        var strengths = _process.Strengths;
        if (!Record(EventKind.Beliefs, 0, 8 * strengths.Length, _state.Now.Instant, turns: 1, out var payload))
        {
            return false;
        }

        for (int index = 0; index < strengths.Length; index++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(payload[(8 * index)..], strengths[index]);
        }

        return true;
    }

    private bool Params()
    {
        byte[] values = _state.Params[_process.Agent.ModuleIndex];
        bool fits = Record(EventKind.Params, handler: 0, values.Length, _state.Now.Instant, turns: 1, out var payload);
        values.CopyTo(payload);
        return fits;
    }

    private Batch? Mails(int prelude, bool hasBeliefs)
    {
        var mailbox = _process.Mail;
        int handler = mailbox.At(0).Handler;
        var image = _process.Agent.Handlers[handler];
        int count = 0;
        int offset = 0;
        bool hasAsks = false;
        while (count < mailbox.Count)
        {
            ref var mail = ref mailbox.At(count);
            if (mail.Handler != handler || mail.Kind is MailKind.Lines or MailKind.Withdrawn
                || !Deliver(ref mail, image, mailbox.PayloadFrom(offset, mail.PayloadSize)))
            {
                break;
            }

            hasAsks |= mail.Ask != 0;
            offset += mail.PayloadSize;
            count++;
        }

        return 0 < count ? new Batch(BatchKind.Mail, prelude, hasBeliefs, count, handler, hasAsks) : null;
    }

    private bool Deliver(ref Mail mail, HandlerImage image, ReadOnlySpan<byte> content)
    {
        long waiting = mail.Timer?.WaitingTurns ?? 0;
        bool isTold = image.Spec.Kind == HandlerKind.Ask && mail.Ask == 0;
        int turns = isTold ? 0 : (int)Math.Clamp(mail.Turns + waiting, 1, int.MaxValue);
        int before = _used;
        if (!Record(EventKind.Handler, mail.Handler, content.Length, mail.Instant, turns, out var payload))
        {
            return false;
        }

        if (mail.Timer is { } timer)
        {
            // From here on a due time makes a tick of its own: this one is being handled.
            mail.Turns = turns;
            timer.WaitingTurns = 0;
        }

        content.CopyTo(payload);
        if (image.HoldsSlots && SlotTranslation.ToSlots(image.Payload, payload, _process.Caps) is not null)
        {
            // The receiver's table is full: the event arrives with no octets, which is trap MalformedEvent.
            BinaryPrimitives.WriteUInt32LittleEndian(_ring[(before + EventRecord.PayloadSize)..], 0);
        }

        return true;
    }

    private Batch? Lines(int prelude, bool hasBeliefs)
    {
        ref var mail = ref _process.Mail.At(0);
        var batch = mail.Lines!; // Mail of kind Lines has one.
        var suffix = _process.Mail.FirstPayload;
        int count = 0;
        for (int index = mail.NextLine; index < batch.Count; index++)
        {
            if (!Line(mail, batch, index, suffix))
            {
                break;
            }

            count++;
        }

        bool all = mail.NextLine + count == batch.Count;
        if (all && batch is { IsLast: true, Form: LineForm.OptionalText })
        {
            count += Record(EventKind.Handler, mail.Handler, 1, mail.Instant, turns: 1, out var none) ? 1 : 0;
            none.Clear();
        }

        return 0 < count ? new Batch(BatchKind.Lines, prelude, hasBeliefs, count, mail.Handler, HasAsks: false) : null;
    }

    private bool Line(in Mail mail, LineBatch batch, int index, ReadOnlySpan<byte> suffix)
    {
        var line = batch.Line(index);
        int size = HeadOf(batch.Form) + line.Length + suffix.Length;
        if (!Record(EventKind.Handler, mail.Handler, size, mail.Instant, turns: 1, out var payload))
        {
            return false;
        }

        Write(batch.Form, line, suffix, payload);
        return true;
    }

    /// <summary>Octets of the payload of the event that a line is; the one behind the last line is the end.</summary>
    public static int SizeOf(LineBatch batch, int index, ReadOnlySpan<byte> suffix) =>
        batch.Count <= index ? 1 : HeadOf(batch.Form) + batch.Line(index).Length + suffix.Length;

    /// <summary>Writes that payload.</summary>
    public static void Write(LineBatch batch, int index, ReadOnlySpan<byte> suffix, Span<byte> payload)
    {
        if (batch.Count <= index)
        {
            payload[0] = 0;
            return;
        }

        Write(batch.Form, batch.Line(index), suffix, payload);
    }

    /// <summary>That payload.</summary>
    public static byte[] PayloadOf(LineBatch batch, int index, ReadOnlySpan<byte> suffix)
    {
        byte[] payload = new byte[SizeOf(batch, index, suffix)];
        Write(batch, index, suffix, payload);
        return payload;
    }

    private static int HeadOf(LineForm form) => form switch
    {
        LineForm.OptionalText => 5,
        LineForm.Text => 4,
        LineForm.Encoded => 0,
    };

    private static void Write(LineForm form, ReadOnlySpan<byte> line, ReadOnlySpan<byte> suffix, Span<byte> payload)
    {
        int head = HeadOf(form);
        if (head == 5)
        {
            payload[0] = 1;
        }

        if (head != 0)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(payload[(head - 4)..], (uint)line.Length);
        }

        line.CopyTo(payload[head..]);
        suffix.CopyTo(payload[(head + line.Length)..]);
    }

    // One record with its payload zeroed at the end only; false when it does not fit any more.
    private bool Record(
        EventKind kind, int handler, int payloadSize, long instant, int turns, out Span<byte> payload)
    {
        int size = (EventRecord.Payload + payloadSize + 7) & ~7;
        bool mustFit = _events <= _mustFit;
        bool fits = size <= _ring.Length - _used
            && (mustFit || (_used + size <= Limits.BatchBytesMax && _events < _eventsMax));
        if (!fits)
        {
            // Behind windows, which come and go, it grows to a power of two, so that it grows seldom.
            Needed = !mustFit ? 0 : _events == 0 ? size : (int)BitOperations.RoundUpToPowerOf2((uint)(_used + size));
            payload = [];
            return false;
        }

        var record = _ring.Slice(_used, size);
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)size);
        BinaryPrimitives.WriteUInt16LittleEndian(record[EventRecord.Kind..], (ushort)kind);
        BinaryPrimitives.WriteUInt16LittleEndian(record[EventRecord.Handler..], (ushort)Math.Max(0, handler));
        BinaryPrimitives.WriteInt64LittleEndian(record[EventRecord.Instant..], instant);
        BinaryPrimitives.WriteInt64LittleEndian(record[EventRecord.NextSlot..], _process.Caps.NextMade.Encoded);
        BinaryPrimitives.WriteUInt32LittleEndian(record[EventRecord.PayloadSize..], (uint)payloadSize);
        BinaryPrimitives.WriteUInt32LittleEndian(record[EventRecord.Turns..], (uint)turns);
        record[(EventRecord.Payload + payloadSize)..].Clear();
        payload = record.Slice(EventRecord.Payload, payloadSize);
        _used += size;
        _events++;
        return true;
    }
}
