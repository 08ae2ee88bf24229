using System.Net;
using System.Net.Sockets;
using Tars.Devices.Host;
using Tars.Kernel.Ports;

namespace Tars.Devices.Udp;

/// <summary>The real outside of a `udp` device: it listens where the operator said, and sends where he allowed or to
/// whom it heard.</summary>
/// <remarks>Datagrams that come while the system is behind are dropped and counted, as the network itself does.
/// </remarks>
public sealed class Host : IAskedDevice, IEventDevice, IDisposable
{
    private readonly SocketGrant _grant;
    private readonly List<Socket> _sockets = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _remembering = new();
    private IEventSink? _sink;
    private readonly Dictionary<string, (Socket Socket, IPEndPoint At)> _peers = new(StringComparer.Ordinal);
    private readonly Queue<string> _peersInOrder = new();

    /// <exception cref="SocketException">An address cannot be had.</exception>
    public Host(SocketGrant grant)
    {
        _grant = grant;
        try
        {
            foreach (var endpoint in grant.Listens)
            {
                Bind(endpoint);
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
    public IEnumerable<string> Addresses => _sockets.Select(one => one.LocalEndPoint!.ToString()!); // They are bound.

    public bool Expects => !_grant.Listens.IsEmpty;

    public void GoOnFrom(long events)
    {
        // Peers have their addresses for names.
    }

    public void Begin(IEventSink sink)
    {
        _sink = sink;
        foreach (var socket in _sockets)
        {
            _ = Receive(socket, sink);
        }
    }

    public void Answered(DeviceAsk asked, DeviceAnswer answer, bool isTaken)
    {
        // No event is about an answer.
    }

    public DeviceAnswer? Ask(DeviceAsk asked)
    {
        if (Protocol.Read(asked, out string to, out byte[] octets) is { } refused)
        {
            return refused;
        }

        try
        {
            if (Find(to) is not var (socket, at))
            {
                Metrics.CountDenied();
                return new DeviceAnswer.Failed(
                    AskFailure.Denied, $"{to} is not among the addresses allowed, nor did anything come from there");
            }

            socket.SendTo(octets, at);
            Metrics.CountSent();
            return Protocol.Done;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return new DeviceAnswer.Failed(AskFailure.Unavailable, $"{to}: it cannot be sent there");
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _sockets.ForEach(one => one.Dispose());
    }

    private Socket Bind(IPEndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _sockets.Add(socket);
        socket.Bind(endpoint);
        return socket;
    }

    // Whom it heard is answered from where it heard him; others from whatever socket fits.
    private (Socket Socket, IPEndPoint At)? Find(string to)
    {
        lock (_remembering)
        {
            if (_peers.TryGetValue(to, out var peer))
            {
                return peer;
            }
        }

        if (!_grant.Reaches(to) || SocketGrant.Split(to) is not var (host, port))
        {
            return null;
        }

        var address = IPAddress.TryParse(host, out var ip) ? ip : Dns.GetHostAddresses(host)[0];
        var any = address.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
        var socket = _sockets.FirstOrDefault(one => Leads(one, address)) ?? BindAny(any);
        return (socket, new IPEndPoint(address, port));
    }

    // From a loopback address nothing leaves the machine.
    private static bool Leads(Socket socket, IPAddress to) => socket.AddressFamily == to.AddressFamily
        && socket.LocalEndPoint is IPEndPoint { Address: var from }
        && (from.Equals(IPAddress.Any) || from.Equals(IPAddress.IPv6Any)
            || IPAddress.IsLoopback(from) == IPAddress.IsLoopback(to));

    // Whoever is sent something may answer.
    private Socket BindAny(IPAddress any)
    {
        var socket = Bind(new IPEndPoint(any, port: 0));
        if (_sink is { } sink)
        {
            _ = Receive(socket, sink);
        }

        return socket;
    }

    private async Task Receive(Socket socket, IEventSink sink)
    {
        byte[] buffer = new byte[Limits.DatagramBytesMax];
        var anyone = new IPEndPoint(
            socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, port: 0);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var came = await socket.ReceiveFromAsync(buffer, anyone, _stop.Token);
                var from = (IPEndPoint)came.RemoteEndPoint;
                Remember(socket, from);
                Metrics.CountReceived(
                    sink.TryPut(Protocol.Datagram(from.ToString(), buffer.AsSpan(0, came.ReceivedBytes))));
            }
            catch (SocketException)
            {
                // Somebody did not want what was sent to him; that says nothing of the next datagram.
                await Task.Delay(Limits.SocketPauseMilliseconds);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    // The oldest give way: who listens for everyone must not remember everyone.
    private void Remember(Socket socket, IPEndPoint from)
    {
        lock (_remembering)
        {
            string name = from.ToString();
            if (_peers.TryAdd(name, (socket, from)))
            {
                _peersInOrder.Enqueue(name);
                if (Limits.DatagramPeersMax < _peersInOrder.Count)
                {
                    _peers.Remove(_peersInOrder.Dequeue());
                }
            }
        }
    }
}
