using Tars.Base;

namespace Tars.Kernel.Ipc;

/// <summary>
/// A queue of mail with its payloads. Data plane: nothing is allocated once it has grown to what is needed.
/// </summary>
/// <remarks>
/// Invariants:
///   I1  Payloads lie in one buffer in the order of the mail, without gaps; the first begins at _payloadStart.
///   I2  The capacity of the ring is a power of two.
///   I3  The blobs of each entry are held once for it.
/// How full it may be is not its business: it counts messages, and whoever delivers asks before.
/// </remarks>
internal sealed class Mailbox
{
    private const int WithdrawnMax = 64;

    private Mail[] _ring = [];
    private int _head;
    private byte[] _payloads = [];
    private int _payloadStart;
    private int _payloadEnd;
    private int _withdrawn;
    private int _withdrawnBytes;

    /// <summary>Entries of every kind.</summary>
    public int Count { get; private set; }

    /// <summary>Messages: what a mailbox's length bounds.</summary>
    public int Messages { get; private set; }

    /// <summary>Entries for whose handling somebody waits.</summary>
    public int Asks { get; private set; }

    /// <summary>Octets of the payloads that still count.</summary>
    public int PayloadBytes => _payloadEnd - _payloadStart - _withdrawnBytes;

    /// <summary>The entry that is so many behind the first. The reference lives until the next change.</summary>
    public ref Mail At(int index)
    {
        Invariant.Holds(index < Count);
        return ref _ring[(_head + index) & (_ring.Length - 1)];
    }

    /// <summary>Appends an entry; its payload size is set here. The reference lives until the next change.</summary>
    public ref Mail Push(in Mail mail, ReadOnlySpan<byte> payload)
    {
        mail.Blobs?.Take();
        return ref Append(mail, payload);
    }

    private ref Mail Append(in Mail mail, ReadOnlySpan<byte> payload)
    {
        if (Count == _ring.Length)
        {
            GrowRing();
        }

        payload.CopyTo(Reserve(payload.Length));
        ref var added = ref _ring[(_head + Count) & (_ring.Length - 1)];
        added = mail;
        added.PayloadSize = payload.Length;
        Count++;
        Messages += mail.Kind == MailKind.Message ? 1 : 0;
        Asks += mail.Ask != 0 ? 1 : 0;
        return ref added;
    }

    /// <summary>Appends an entry of a checkpoint: one that was withdrawn is so again.</summary>
    public void PutBack(in Mail mail, ReadOnlySpan<byte> payload)
    {
        Push(mail, payload);
        if (mail.Kind == MailKind.Withdrawn)
        {
            _withdrawn++;
            _withdrawnBytes += payload.Length;
        }
    }

    /// <summary>The payload of the first entry, and the offset behind it for <see cref="PayloadFrom"/>.</summary>
    public ReadOnlySpan<byte> FirstPayload => PayloadFrom(0, At(0).PayloadSize);

    /// <summary>A payload by its distance from that of the first entry: the sum of the sizes before it.</summary>
    public ReadOnlySpan<byte> PayloadFrom(int offset, int size) => _payloads.AsSpan(_payloadStart + offset, size); // I1

    public void Pop()
    {
        ref var first = ref At(0);
        Messages -= first.Kind == MailKind.Message ? 1 : 0;
        Asks -= first.Ask != 0 ? 1 : 0;
        if (first.Kind == MailKind.Withdrawn)
        {
            _withdrawn--;
            _withdrawnBytes -= first.PayloadSize;
        }

        _payloadStart += first.PayloadSize;
        first.Blobs?.Drop();
        first = default;
        _head = (_head + 1) & (_ring.Length - 1);
        Count--;
        if (Count == 0)
        {
            _payloadStart = 0;
            _payloadEnd = 0;
        }
    }

    /// <summary>
    /// Takes an entry out where it stands: it keeps its place until it comes first, or until there are many.
    /// </summary>
    public void Withdraw(int index)
    {
        ref var mail = ref At(index);
        Messages -= mail.Kind == MailKind.Message ? 1 : 0;
        Asks -= mail.Ask != 0 ? 1 : 0;
        mail.Ask = 0;
        mail.Kind = MailKind.Withdrawn;
        mail.Timer = null;
        mail.Blobs?.Drop();
        mail.Blobs = null;
        _withdrawn++;
        _withdrawnBytes += mail.PayloadSize;
        bool areMany = WithdrawnMax < _withdrawn && Count < 2 * _withdrawn;
        if (areMany || Limits.MailboxBytesMax < _withdrawnBytes)
        {
            Compact();
        }
    }

    /// <summary>Another mailbox has taken its entries: it is used no more and holds no blob back.</summary>
    public void LetGo()
    {
        for (int index = 0; index < Count; index++)
        {
            ref var mail = ref At(index);
            mail.Blobs?.Drop();
            mail.Blobs = null;
        }
    }

    private void Compact()
    {
        var kept = new Mailbox();
        int offset = 0;
        for (int index = 0; index < Count; index++)
        {
            ref var mail = ref At(index);
            if (mail.Kind != MailKind.Withdrawn)
            {
                kept.Append(mail, PayloadFrom(offset, mail.PayloadSize));
            }

            offset += mail.PayloadSize;
        }

        (_ring, _head, Count) = (kept._ring, kept._head, kept.Count);
        (_payloads, _payloadStart, _payloadEnd) = (kept._payloads, kept._payloadStart, kept._payloadEnd);
        _withdrawn = 0;
        _withdrawnBytes = 0;
    }

    private Span<byte> Reserve(int size)
    {
        if (_payloads.Length - _payloadEnd < size)
        {
            int used = _payloadEnd - _payloadStart;
            byte[] target = _payloads.Length / 2 < used + size
                ? new byte[(int)Math.Clamp(2L * (used + size), 256, Array.MaxLength)]
                : _payloads;
            _payloads.AsSpan(_payloadStart, used).CopyTo(target);
            _payloads = target;
            _payloadStart = 0;
            _payloadEnd = used;
        }

        _payloadEnd += size;
        return _payloads.AsSpan(_payloadEnd - size, size);
    }

    private void GrowRing()
    {
        var larger = new Mail[Math.Max(8, 2 * _ring.Length)]; // I2
        for (int index = 0; index < Count; index++)
        {
            larger[index] = At(index);
        }

        _ring = larger;
        _head = 0;
    }
}
