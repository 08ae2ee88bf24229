namespace Tars.Devices.Wasi.Calls;

/// <summary>The calls about the command itself, and those about what is not there.</summary>
internal static class SystemCalls
{
    public static Errno Raise(WasiHost wasi, Frame call) => Errno.Nosys;

    public static Errno Yield(WasiHost wasi, Frame call) => Errno.Success;

    public static Errno RandomGet(WasiHost wasi, Frame call)
    {
        if (!call.Holds(call.U32(0), call.U32(1)))
        {
            return Errno.Fault;
        }

        // In pieces, so that even a span of all memory ends soon after the deadline.
        uint at = call.U32(0);
        uint left = call.U32(1);
        while (left != 0)
        {
            if (wasi.Stop.IsCancellationRequested)
            {
                return Errno.Intr;
            }

            uint size = Math.Min(left, Limits.TransferBytesMax);
            _ = call.TryRange(at, size, out var bytes);
            wasi.Entropy.Fill(bytes);
            at += size;
            left -= size;
        }

        return Errno.Success;
    }

    public static Errno NoSocket(WasiHost wasi, Frame call)
    {
        var errno = wasi.Files.Find(call.U32(0), Rights.None, out _);
        return errno is Errno.Success ? Errno.Notsock : errno;
    }
}
