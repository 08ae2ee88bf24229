using System.Collections.Concurrent;
using System.Net.Sockets;
using Tars.Base;
using Tars.Devices.Host;
using Tars.Kernel.Ports;

namespace Tars.Devices.Tcp;

/// <summary>The real outside of a `tcp` device: sockets that listen where the operator said and reach what he allowed.
/// </summary>
/// <remarks>
/// Invariants:
///   I1  No event of a connection comes before the guest knows its number: `opened`, or the answer to `connect`.
///   I2  What peers can make wait is bounded: connections, octets to send, events that are not taken.
/// </remarks>
public sealed class Host : IAskedDevice, IEventDevice, IDisposable
{
    // Each number that a guest has seen came with an event, but for as many as there are connections at once.
    private const int NumbersPerEventBits = 20;

    private readonly SocketGrant _grant;
    private readonly List<Socket> _listeners = [];
    private readonly ConcurrentDictionary<long, Connection> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private IEventSink? _sink;
    private long _last;

    /// <exception cref="SocketException">An address to listen on cannot be had.</exception>
    public Host(SocketGrant grant)
    {
        _grant = grant;
        try
        {
            foreach (var endpoint in grant.Listens)
            {
                var listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                _listeners.Add(listener);
                listener.Bind(endpoint);
                listener.Listen();
            }
        }
        catch (SocketException)
        {
            Dispose();
            throw;
        }
    }

    public Metrics Metrics { get; } = new();

    /// <summary>Where it listens, such as `127.0.0.1:9000`.</summary>
    public IEnumerable<string> Addresses => _listeners.Select(one => one.LocalEndPoint!.ToString()!); // They are bound.

    public bool Expects => _listeners.Count != 0 || !_connections.IsEmpty;

    public void GoOnFrom(long events) => _last = events << NumbersPerEventBits;

    public void Begin(IEventSink sink)
    {
        _sink = sink;
        foreach (var listener in _listeners)
        {
            _ = Accept(listener, sink);
        }
    }

    public DeviceAnswer? Ask(DeviceAsk asked)
    {
        var reader = new ByteReader(asked.Arguments.AsSpan());
        return asked.Operation switch
        {
            Device.Connect => Connect(reader.Text()),
            Device.Send => Send(reader.I64(), reader.Bytes(reader.U32())),
            Device.Close => Close(reader.I64()),
            _ => Protocol.NoSuchAsk,
        };
    }

    public void Answered(DeviceAsk asked, DeviceAnswer answer, bool isTaken)
    {
        if (asked.Operation != Device.Connect || answer is not DeviceAnswer.Value { Octets: var octets })
        {
            return;
        }

        long number = new ByteReader(octets.AsSpan()).I64();
        if (isTaken)
        {
            _ = Task.Run(() => Start(number)); // I1; the kernel does not wait for a socket.
        }
        else if (_connections.TryRemove(number, out var unknown))
        {
            unknown.Dispose();
        }
    }

    public void Dispose()
    {
        _listeners.ForEach(one => one.Dispose());
        var open = _connections.Values.ToList();
        open.ForEach(one => one.End());
        Task.WaitAll([.. open.Select(one => one.Sent)], Limits.SocketCloseMillisecondsMax);
        _stop.Cancel();
        open.ForEach(one => one.Dispose());
    }

    private async Task Accept(Socket listener, IEventSink sink)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(_stop.Token);
                string peer = socket.RemoteEndPoint?.ToString() ?? "";
                if (Add(socket) is { } number)
                {
                    await sink.Put(Protocol.Opened(number, peer), _stop.Token);
                    Start(number); // I1
                }
            }
            catch (SocketException)
            {
                // That peer has gone again, or there are no descriptors just now; the next one may do better.
                await Task.Delay(Limits.SocketPauseMilliseconds);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private DeviceAnswer Connect(string to)
    {
        if (!_grant.Reaches(to) || SocketGrant.Split(to) is not var (host, port))
        {
            Metrics.CountDenied();
            return new DeviceAnswer.Failed(AskFailure.Denied, $"{to} is not among the addresses allowed");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            patience.CancelAfter(Limits.SocketConnectMillisecondsMax);
            socket.ConnectAsync(host, port, patience.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ArgumentException)
        {
            socket.Dispose();
            string why = e is OperationCanceledException ? "it took too long" : "nobody there takes connections";
            return new DeviceAnswer.Failed(AskFailure.Unavailable, $"{to}: {why}");
        }

        return Add(socket) is { } number
            ? Protocol.Connected(number)
            : new DeviceAnswer.Failed(AskFailure.Refused, "there are too many connections");
    }

    private DeviceAnswer Send(long number, ReadOnlySpan<byte> octets) =>
        !_connections.TryGetValue(number, out var connection)
            ? new DeviceAnswer.Failed(AskFailure.Refused, "the connection is over")
            : connection.TrySend(octets.ToArray()) ? Protocol.Done
            : new DeviceAnswer.Failed(AskFailure.Refused, "the other side does not keep up, or the end was told");

    private DeviceAnswer Close(long number)
    {
        if (_connections.TryGetValue(number, out var connection))
        {
            connection.Close();
        }

        return Protocol.Done;
    }

    private long? Add(Socket socket)
    {
        if (Limits.SocketConnectionsMax <= _connections.Count) // I2
        {
            socket.Dispose();
            return null;
        }

        long number = Interlocked.Increment(ref _last);
        socket.NoDelay = true;
        _connections[number] = new Connection(number, socket, Metrics);
        Metrics.CountConnection();
        return number;
    }

    private void Start(long number)
    {
        if (_sink is { } sink && _connections.TryGetValue(number, out var connection))
        {
            _ = Run(number, connection, sink);
        }
    }

    private async Task Run(long number, Connection connection, IEventSink sink)
    {
        string reason = await connection.Run(sink, _stop.Token);

        // Who has taken the last event must find that nothing more is to be expected.
        _connections.TryRemove(number, out _);
        await sink.Put(Protocol.Closed(number, reason), _stop.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
