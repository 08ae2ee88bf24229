using System.Buffers.Binary;

namespace Tars.Devices.Wasi.Calls;

/// <summary><c>poll_oneoff</c>: waits for the first of some clocks, unless a file is named, which is always
/// ready.</summary>
internal static class PollCalls
{
    private const int SubscriptionSize = 48;
    private const int EventSize = 32;
    private const byte ClockTag = 0;
    private const byte ReadTag = 1;
    private const byte WriteTag = 2;
    private const ushort AbsoluteFlag = 1;

    public static Errno Oneoff(WasiHost wasi, Frame call)
    {
        uint count = call.U32(2);
        if (count is 0 or > Limits.SubscriptionCountMax)
        {
            return Errno.Inval;
        }

        if (!call.TryRange(call.U32(0), count * SubscriptionSize, out var read)
            || !call.Holds(call.U32(1), count * EventSize) || !call.Holds(call.U32(3), sizeof(uint)))
        {
            return Errno.Fault;
        }

        // The events may lie over the subscriptions, so these are read first.
        var subscriptions = new Subscription[count];
        for (int place = 0; place < subscriptions.Length; place++)
        {
            var errno = Read(wasi, read.Slice(place * SubscriptionSize, SubscriptionSize), out subscriptions[place]);
            if (errno is not Errno.Success)
            {
                return errno;
            }
        }

        if (!subscriptions.Any(one => one.IsReady) && !wasi.WaitUntil(subscriptions.Min(one => one.Due)))
        {
            return Errno.Intr;
        }

        return Answer(wasi, call, subscriptions);
    }

    private static Errno Answer(WasiHost wasi, Frame call, Subscription[] subscriptions)
    {
        long now = wasi.Clock.Now.Monotonic;
        uint happened = 0;
        _ = call.TryRange(call.U32(1), (uint)subscriptions.Length * EventSize, out var events);
        foreach (var one in subscriptions)
        {
            if (!one.IsReady && now < one.Due)
            {
                continue;
            }

            var to = events.Slice((int)happened * EventSize, EventSize);
            to.Clear();
            BinaryPrimitives.WriteUInt64LittleEndian(to, one.UserData);
            BinaryPrimitives.WriteUInt16LittleEndian(to[8..], (ushort)one.Errno);
            to[10] = one.Tag;
            BinaryPrimitives.WriteUInt64LittleEndian(to[16..], one.Octets);
            happened++;
        }

        return call.Put(call.U32(3), happened);
    }

    private static Errno Read(WasiHost wasi, ReadOnlySpan<byte> from, out Subscription one)
    {
        byte tag = from[8];
        one = new Subscription(BinaryPrimitives.ReadUInt64LittleEndian(from), tag);
        if (WriteTag < tag)
        {
            return Errno.Inval;
        }

        one = tag == ClockTag ? Clock(wasi, from, one) : File(wasi, from, one);
        return Errno.Success;
    }

    private static Subscription Clock(WasiHost wasi, ReadOnlySpan<byte> from, Subscription one)
    {
        uint id = BinaryPrimitives.ReadUInt32LittleEndian(from[16..]);
        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(from[40..]);
        if (!ClockCalls.IsClock(id) || AbsoluteFlag < flags)
        {
            return one with { IsReady = true, Errno = Errno.Inval };
        }

        var now = wasi.Clock.Now;
        ulong timeout = BinaryPrimitives.ReadUInt64LittleEndian(from[24..]);
        long reading = flags == AbsoluteFlag ? ClockCalls.Reading((ClockId)id, now.Instant, now.Monotonic) : 0;
        var due = (Int128)now.Monotonic + timeout - reading;
        return one with { Due = (long)Int128.Clamp(due, long.MinValue, long.MaxValue) };
    }

    private static Subscription File(WasiHost wasi, ReadOnlySpan<byte> from, Subscription one)
    {
        var errno = wasi.Files.Find(
            BinaryPrimitives.ReadUInt32LittleEndian(from[16..]), Rights.PollFdReadwrite, out var entry);
        ulong octets = 1;
        if (errno is Errno.Success && one.Tag == ReadTag
            && entry.File.Stat(out var stat) is Errno.Success
            && entry.File.Seek(0, Whence.Cur, out ulong position) is Errno.Success)
        {
            octets = Math.Max(stat.Size, position) - position;
        }

        return one with { IsReady = true, Errno = errno, Octets = errno is Errno.Success ? octets : 0 };
    }

    /// <summary>What is waited for.</summary>
    /// <param name="Due">By the monotonic clock.</param>
    /// <param name="Octets">At least so many can be read or written.</param>
    private readonly record struct Subscription(
        ulong UserData,
        byte Tag,
        bool IsReady = false,
        Errno Errno = Errno.Success,
        long Due = long.MaxValue,
        ulong Octets = 0);
}
