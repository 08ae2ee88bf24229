using Microsoft.Win32.SafeHandles;
using Tars.Devices.Wasi.Linux;

namespace Tars.Devices.Host;

/// <summary>
/// A sleep of one thread that ends to the tenth of a millisecond, or as soon as another thread rings.
/// </summary>
/// <remarks>
/// The waits of .NET count whole milliseconds, so a timer would be late by up to one. On Linux this is ppoll(2) on an
/// eventfd(2); elsewhere it is a semaphore and counts milliseconds.
/// </remarks>
public sealed class Alarm : IDisposable
{
    private static readonly byte[] _one = BitConverter.GetBytes(1UL);

    private readonly SafeFileHandle? _event;
    private readonly SemaphoreSlim _bell = new(0, 1);
    private readonly byte[] _count = new byte[sizeof(ulong)];

    public Alarm()
    {
        var handle = LibC.IsHere ? LibC.eventfd(0, LibC.O_NONBLOCK | LibC.O_CLOEXEC) : null;
        _event = handle is { IsInvalid: false } ? handle : null;
    }

    /// <summary>
    /// Ends the sleep, or the next one when nobody sleeps. Any thread may ring, as often as it likes and after the
    /// end.
    /// </summary>
    public void Ring()
    {
        try
        {
            if (_event is null)
            {
                _bell.Release();
            }
            else
            {
                // What a full counter refuses has been rung already.
                _ = LibC.write(_event, _one, sizeof(ulong));
            }
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // It has been rung already, or nobody will sleep here any more.
        }
    }

    /// <summary>Sleeps until somebody rings, a signal comes or the time is over.</summary>
    /// <param name="nanoseconds">Below zero for as long as it takes.</param>
    public void Sleep(long nanoseconds)
    {
        if (_event is null)
        {
            long milliseconds = nanoseconds < 0 ? -1 : Math.Min(int.MaxValue, (nanoseconds + 999_999) / 1_000_000);
            _bell.Wait((int)milliseconds);
            return;
        }

        var watched = new LibC.PollEntry(_event.DangerousGetHandle());
        var time = new LibC.Time(nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        int ready = nanoseconds < 0
            ? LibC.ppoll(ref watched, 1, time: 0, mask: 0)
            : LibC.ppoll(ref watched, 1, ref time, 0);
        if (0 < ready)
        {
            _ = LibC.read(_event, _count, sizeof(ulong));
        }
    }

    public void Dispose()
    {
        _event?.Dispose();
        _bell.Dispose();
    }
}
