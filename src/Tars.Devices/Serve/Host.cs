using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Tars.Bundle.Schema;

namespace Tars.Devices.Serve;

/// <summary>The real outside of modules that serve: HTTP/1.1 on the addresses that the operator named.</summary>
/// <remarks>
/// Invariants:
///   I1  A request is handed on once, whole, and answered once.
///   I2  What clients can make wait is bounded: connections, requests, octets, and the time for each part of a request.
///   I3  A request counts as waiting until the system has answered it, even when its client is gone.
/// </remarks>
public sealed class Host : IHttpApplication<IFeatureCollection>, IDisposable
{
    private static readonly TimeSpan _answerTime = TimeSpan.FromMilliseconds(Limits.ServeAnswerMillisecondsMax);

    private readonly ImmutableArray<KeyValuePair<string, string>> _modulesByPrefix;
    private readonly Action<Exchange> _arrived;
    private readonly KestrelServer _server;
    private readonly CancellationTokenSource _cut = new();
    private Task? _stopping;
    private int _waiting;
    private long _held;

    /// <param name="endpoints">Port zero takes any that is free.</param>
    /// <param name="modulesByPrefix">Who serves what lies under a path.</param>
    /// <param name="arrived">Called on threads of the server's; it must not wait.</param>
    /// <exception cref="IOException">An address is in use, or cannot be had.</exception>
    public Host(
        IReadOnlyList<IPEndPoint> endpoints,
        ImmutableArray<KeyValuePair<string, string>> modulesByPrefix,
        Action<Exchange> arrived)
    {
        _modulesByPrefix = modulesByPrefix;
        _arrived = arrived;
        var sockets = new SocketTransportFactory(
            Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        _server = new KestrelServer(Options.Create(OptionsFor(endpoints)), sockets, NullLoggerFactory.Instance);
        try
        {
            _server.StartAsync(this, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            _server.Dispose();
            throw new IOException(e.Message, e);
        }
    }

    public Metrics Metrics { get; } = new();

    /// <summary>Where it can be reached, such as `http://127.0.0.1:8080`.</summary>
    public IReadOnlyList<string> Addresses => [.. _server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []];

    /// <summary>Requests that the system has not answered yet.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>From now on nobody can connect and new requests are refused; who waits can be answered.</summary>
    public void Close() => _stopping ??= Task.Run(() => _server.StopAsync(_cut.Token));

    public void Dispose()
    {
        Close();

        // Answers that were given are on their way; clients that do not take them are cut off.
        _cut.CancelAfter(Limits.ServeCloseMillisecondsMax);
        _stopping!.Wait(2 * Limits.ServeCloseMillisecondsMax); // Close has made it.
        _server.Dispose();
        _cut.Dispose();
    }

    IFeatureCollection IHttpApplication<IFeatureCollection>.CreateContext(IFeatureCollection contextFeatures) =>
        contextFeatures;

    async Task IHttpApplication<IFeatureCollection>.ProcessRequestAsync(IFeatureCollection context)
    {
        var response = await Answer(context);
        await Write(context, response);
    }

    void IHttpApplication<IFeatureCollection>.DisposeContext(IFeatureCollection context, Exception? exception)
    {
        // Nothing was made for it.
    }

    private static KestrelServerOptions OptionsFor(IReadOnlyList<IPEndPoint> endpoints)
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = Limits.ServeConnectionsMax; // I2
        options.Limits.MaxRequestBodySize = Limits.ServeBodyBytesMax;
        options.Limits.MaxRequestHeadersTotalSize = Limits.ServeHeaderBytesMax;
        options.Limits.MaxRequestHeaderCount = Limits.ServeHeaderCountMax;
        options.Limits.RequestHeadersTimeout = TimeSpan.FromMilliseconds(Limits.ServeHeaderMillisecondsMax);
        options.Limits.KeepAliveTimeout = TimeSpan.FromMilliseconds(Limits.ServeIdleMillisecondsMax);
        var slowest = new MinDataRate(
            Limits.ServeOctetsPerSecondMin, TimeSpan.FromMilliseconds(Limits.ServeSlowMillisecondsMax));
        options.Limits.MinRequestBodyDataRate = slowest;
        options.Limits.MinResponseDataRate = slowest;
        foreach (var endpoint in endpoints)
        {
            options.Listen(endpoint, listen => listen.Protocols = HttpProtocols.Http1);
        }

        return options;
    }

    private async Task<ServedResponse> Answer(IFeatureCollection context)
    {
        var request = context.GetRequiredFeature<IHttpRequestFeature>();
        Metrics.CountRequest();
        if (!Protocol.IsPlain(request.RawTarget, request.Path))
        {
            return Refuse(Protocol.BadRequest);
        }

        if (Protocol.ModuleOf(request.Path, _modulesByPrefix) is not { } module)
        {
            return Refuse(Protocol.NotFound);
        }

        var body = new MemoryStream();
        bool isHandedOn = false;
        try
        {
            if (!MayWait || !await ReadBody(request.Body, body))
            {
                return Refuse(Protocol.Unavailable);
            }

            // Whoever sends slowly, or what cannot be handed on, takes no place of those that wait.
            var exchange = new Exchange(module, Encode(request, body), () => Release(body.Length)); // I3
            isHandedOn = Interlocked.Increment(ref _waiting) <= Limits.ServeRequestsMax && _stopping is null;
            if (!isHandedOn)
            {
                Interlocked.Decrement(ref _waiting);
                return Refuse(Protocol.Unavailable);
            }

            _arrived(exchange); // I1
            return await AnswerTo(exchange, context);
        }
        catch (IOException e) when (e is not Microsoft.AspNetCore.Http.BadHttpRequestException && !isHandedOn)
        {
            // The size of a piece of a body that no number can hold; the server itself would answer 500.
            return Refuse(Protocol.BadRequest);
        }
        finally
        {
            // A body that is too long, too slow or cut off ends here; the server answers 413, 408 or nothing.
            if (!isHandedOn)
            {
                Interlocked.Add(ref _held, -body.Length);
            }
        }
    }

    private bool MayWait => Waiting < Limits.ServeRequestsMax && _stopping is null;

    private async Task<ServedResponse> AnswerTo(Exchange exchange, IFeatureCollection context)
    {
        var gone = context.Get<IHttpRequestLifetimeFeature>()?.RequestAborted ?? CancellationToken.None;
        try
        {
            return await exchange.Answered.WaitAsync(_answerTime, gone);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            Metrics.CountLate();
            return ServedResponse.Of(Protocol.Unavailable);
        }
    }

    private void Release(long octets)
    {
        Interlocked.Decrement(ref _waiting);
        Interlocked.Add(ref _held, -octets);
    }

    private static ImmutableArray<byte> Encode(IHttpRequestFeature request, MemoryStream body)
    {
        var headers = request.Headers.SelectMany(one =>
            one.Value.Select(value => KeyValuePair.Create(one.Key, value ?? "")));
        string query = request.QueryString.TrimStart('?');
        return RequestValue.Encode(
            request.Method, request.Path, query, headers, body.GetBuffer().AsSpan(0, (int)body.Length));
    }

    // False when all requests together hold too much; what is read counts until its request is answered.
    private async Task<bool> ReadBody(Stream from, MemoryStream body)
    {
        byte[] buffer = new byte[Limits.ServeReadBytes];
        int read;
        while ((read = await from.ReadAsync(buffer)) != 0)
        {
            body.Write(buffer, 0, read);
            if (Limits.ServeHeldBytesMax < Interlocked.Add(ref _held, read))
            {
                return false;
            }
        }

        return true;
    }

    private ServedResponse Refuse(int status)
    {
        Metrics.CountRefused();
        return ServedResponse.Of(status);
    }

    private static async Task Write(IFeatureCollection context, ServedResponse answer)
    {
        var response = context.GetRequiredFeature<IHttpResponseFeature>();
        response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
        {
            response.Headers[name] = StringValues.Concat(response.Headers[name], value);
        }

        if (Protocol.HasBody(answer.Status))
        {
            response.Headers.ContentLength = answer.Body.Length;
            await context.GetRequiredFeature<IHttpResponseBodyFeature>().Stream.WriteAsync(answer.Body.AsMemory());
        }
    }
}
