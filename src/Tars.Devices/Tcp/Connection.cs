using System.Net.Sockets;
using System.Threading.Channels;
using Tars.Devices.Host;

namespace Tars.Devices.Tcp;

/// <summary>One connection: what comes is read only while the system keeps up, what goes waits in a bounded queue.
/// </summary>
internal sealed class Connection(long number, Socket socket, Metrics metrics) : IDisposable
{
    private readonly Channel<byte[]> _queue = Channel.CreateUnbounded<byte[]>();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _sending = Task.CompletedTask;
    private int _queued;

    /// <summary>Done once all that was queued before <see cref="End"/> has been given to the system.</summary>
    public Task Sent => _sending;

    /// <summary>Takes octets to be sent; false when too many wait already, or the end of it was told.</summary>
    public bool TrySend(byte[] octets)
    {
        bool fits = Interlocked.Add(ref _queued, octets.Length) <= Limits.SocketQueueBytesMax;
        if (fits && _queue.Writer.TryWrite(octets))
        {
            metrics.CountSent(octets.Length);
            return true;
        }

        Interlocked.Add(ref _queued, -octets.Length);
        return false;
    }

    /// <summary>What waits is still sent, then the other side is told that no more comes.</summary>
    public void End() => _queue.Writer.TryComplete();

    /// <summary>Ends it; what the other side still says is taken for a short time only.</summary>
    public void Close()
    {
        End();
        _closed.TrySetResult();
    }

    /// <summary>Runs until the connection is over.</summary>
    /// <returns>Why it is.</returns>
    public async Task<string> Run(IEventSink sink, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _sending = Send(over.Token);
        var receiving = Receive(sink, over.Token);
        if (await Task.WhenAny(receiving, _closed.Task) != receiving)
        {
            over.CancelAfter(Limits.SocketLingerMillisecondsMax);
        }

        string reason = await receiving;
        End();

        // What was queued before the other side was done is still for it.
        over.CancelAfter(Limits.SocketLingerMillisecondsMax);
        await _sending;
        Dispose();
        return reason;
    }

    public void Dispose() => socket.Dispose();

    // Until the other side says no more, or the connection breaks.
    private async Task<string> Receive(IEventSink sink, CancellationToken stop)
    {
        byte[] buffer = new byte[Limits.SocketReadBytes];
        try
        {
            while (true)
            {
                int read = await socket.ReceiveAsync(buffer, stop);
                if (read == 0)
                {
                    return "end";
                }

                metrics.CountReceived(read);
                await sink.Put(Protocol.Data(number, buffer.AsSpan(0, read)), stop);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            return "broken";
        }
    }

    private async Task Send(CancellationToken stop)
    {
        try
        {
            await foreach (byte[] octets in _queue.Reader.ReadAllAsync(stop))
            {
                for (int sent = 0; sent < octets.Length;)
                {
                    sent += await socket.SendAsync(octets.AsMemory(sent), stop);
                }

                Interlocked.Add(ref _queued, -octets.Length);
            }

            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The reading side finds it broken too, and tells.
            socket.Dispose();
        }
    }
}
