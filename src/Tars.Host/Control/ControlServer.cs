using System.Collections.Immutable;
using System.Net.Sockets;
using Tars.Kernel.Ports;

namespace Tars.Host.Control;

/// <summary>Lets operators connect to one run, each on a connection that can harm nobody but itself.</summary>
internal sealed class ControlServer : IDisposable
{
    /// <summary>Runs that are over sooner never open a socket.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(Limits.ControlDelayMilliseconds);

    private readonly CancellationTokenSource _stop = new();
    private readonly RunOptions _options;
    private readonly ImmutableArray<string> _modules;
    private readonly Task _accepting;
    private int _clients;
    private string? _notice;

    private ControlServer(RunOptions options, SystemImage system, Action wake, ControlSocket? opened)
    {
        _options = options;
        _modules = [.. system.Modules.Select(one => one.Manifest.Name)];
        Desk = new ControlDesk(wake);
        _accepting = Task.Run(() => AcceptAsync(opened), CancellationToken.None);
    }

    public ControlDesk Desk { get; }

    /// <summary>Opens what the options say.</summary>
    /// <param name="wake">Called from any thread when an operator wants something.</param>
    /// <param name="reason">Why a socket that was asked for by name cannot be opened; else empty.</param>
    /// <returns>Null when the run is not to be operated, or with the reason.</returns>
    public static ControlServer? Open(
        RunOptions options, SystemImage system, Action wake, out string reason)
    {
        reason = "";
        if (options.Control is not { } control)
        {
            return null;
        }

        var socket = control.Path is null ? null : ControlSocket.Open(control.Path, out reason);
        return reason.Length == 0 ? new ControlServer(options, system, wake, socket) : null;
    }

    /// <summary>What the user should be told, once; else null.</summary>
    public string? TakeNotice() => Interlocked.Exchange(ref _notice, null);

    public void Dispose()
    {
        Desk.Close();
        Desk.Drain();
        _stop.Cancel();
        _accepting.Wait();
        Desk.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync(ControlSocket? opened)
    {
        try
        {
            if (opened is null)
            {
                await Task.Delay(_patience, _stop.Token);
                opened = ControlSocket.Open(wanted: null, out string reason);
                if (opened is null)
                {
                    Volatile.Write(ref _notice, $"this run cannot be operated: {reason}");
                    return;
                }
            }

            using var socket = opened;
            while (true)
            {
                await TakeClientAsync(socket);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The run has ended.
        }
    }

    private async Task TakeClientAsync(ControlSocket socket)
    {
        try
        {
            Begin(await socket.AcceptAsync(_stop.Token));
        }
        catch (SocketException)
        {
            // That client has gone again, or there are no descriptors just now; the next one may do better.
            await Task.Delay(Limits.ControlPauseMilliseconds, _stop.Token);
        }
    }

    private void Begin(Socket client)
    {
        if (Limits.ControlClientsMax < Interlocked.Increment(ref _clients))
        {
            _ = Interlocked.Decrement(ref _clients);
            client.Dispose();
            return;
        }

        _ = ServeAsync(client);
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            using var session = new ControlSession(client, Desk, _options, _modules);
            await session.ServeAsync(_stop.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has gone, was too slow, or the run has ended.
        }
        finally
        {
            _ = Interlocked.Decrement(ref _clients);
        }
    }
}
