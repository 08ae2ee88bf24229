using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Tars.Devices.Host;

/// <summary>What an operator gives a device of sockets: addresses that it listens on, and others that it may reach.
/// </summary>
/// <param name="Reachable">`HOST:PORT`, in lower case.</param>
public sealed record SocketGrant(ImmutableArray<IPEndPoint> Listens, ImmutableHashSet<string> Reachable)
{
    private const string Listening = "listen:";

    /// <summary>Reads `listen:PORT`, `listen:IP:PORT` and `HOST:PORT`, several of them.</summary>
    /// <exception cref="InvalidDataException">One of them is none of these.</exception>
    public static SocketGrant Of(IEnumerable<string> specs)
    {
        var listens = ImmutableArray.CreateBuilder<IPEndPoint>();
        var reachable = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (string spec in specs)
        {
            if (spec.StartsWith(Listening, StringComparison.Ordinal))
            {
                listens.Add(EndpointOf(spec[Listening.Length..]) ?? throw new InvalidDataException(
                    $"{spec} is not listen:PORT or listen:IP:PORT"));
            }
            else
            {
                var (host, port) = Split(spec) ?? throw new InvalidDataException(
                    $"{spec} is not HOST:PORT or listen:PORT");
                reachable.Add(Text(host, port));
            }
        }

        return new SocketGrant(listens.ToImmutable(), reachable.ToImmutable());
    }

    /// <summary>`PORT`, `IP:PORT` or `localhost:PORT`; without an IP this machine alone reaches it.</summary>
    /// <returns>Null for anything else.</returns>
    public static IPEndPoint? EndpointOf(string spec)
    {
        string whole = spec.Contains(':', StringComparison.Ordinal) ? spec : $"localhost:{spec}";
        if (Split(whole) is not var (host, port))
        {
            return null;
        }

        bool isIp = IPAddress.TryParse(host, out var ip)
            && (host.Contains('.', StringComparison.Ordinal) || host is ['[', .., ']']);
        return host == "localhost" ? new IPEndPoint(IPAddress.Loopback, port)
            : isIp ? new IPEndPoint(ip!, port)
            : null;
    }

    /// <summary>A host and a port; null when the text is no such thing.</summary>
    public static (string Host, int Port)? Split(string spec)
    {
        int cut = spec.LastIndexOf(':');
        bool isPort = ushort.TryParse(
            spec.AsSpan(cut + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port);
        string host = cut < 1 ? "" : spec[..cut];
        bool isHost = host is ['[', .., ']'] || (host != "" && !host.Contains(':', StringComparison.Ordinal));
        return isPort && isHost ? (host, port) : null;
    }

    /// <summary>Whether the operator let this be reached, in whatever case it is written.</summary>
    public bool Reaches(string to) => Split(to) is var (host, port) && Reachable.Contains(Text(host, port));

    private static string Text(string host, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"{host.ToLowerInvariant()}:{port}");
}
