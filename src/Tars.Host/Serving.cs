using System.Collections.Immutable;
using System.Net;
using Tars.Bundle.Manifest;
using Tars.Devices.Host;
using Tars.Devices.Serve;
using Tars.Kernel.Ports;
using ServeHost = Tars.Devices.Serve.Host;

namespace Tars.Host;

/// <summary>The HTTP of a run: what the modules serve, on the addresses that the operator named.</summary>
/// <remarks>
/// Threads of the server make arrivals; all else is called on the kernel's thread. Where nothing is to be listened on,
/// nothing of the server is loaded.
/// </remarks>
internal sealed class Serving(SystemImage system, RunOptions options, Action<Exchange> arrived) : IDisposable
{
    private readonly Dictionary<long, Exchange> _open = [];
    private readonly List<string> _reasons = [];
    private ServeHost? _host;
    private long _last;

    public IReadOnlyList<string> Reasons => _reasons;

    /// <summary>True while requests may come.</summary>
    public bool IsOn => _host is not null;

    /// <summary>True when requests are answered even where no process is alive: each is born with its request.
    /// </summary>
    public bool Endures => IsOn && system.Modules.Any(module =>
        module.Manifest.Agents.Any(agent => agent.Starts == AgentStart.PerRequest));

    /// <summary>Requests that are not answered yet.</summary>
    public int Waiting => _host?.Waiting ?? 0;

    /// <summary>Makes the server; there are reasons when it cannot be.</summary>
    /// <param name="log">Takes where it can be reached, and what the operator may have forgotten.</param>
    public void Open(TextWriter log)
    {
        var prefixes = Prefixes();
        if (options.Listen.IsEmpty)
        {
            foreach (var (prefix, module) in prefixes)
            {
                log.WriteLine($"no --listen ADDRESS, so {module} does not serve {prefix}");
            }

            return;
        }

        var endpoints = options.Listen.Select(Endpoint).OfType<IPEndPoint>().Distinct().ToList();
        if (prefixes.IsEmpty)
        {
            _reasons.Add("--listen: no module here serves anything");
        }
        else if (options.VirtualTime)
        {
            _reasons.Add("--listen: clients live in real time; it does not go with --virtual-time");
        }

        if (_reasons.Count == 0)
        {
            Start(endpoints, prefixes, log);
        }
    }

    /// <summary>A run goes on: numbers that it has given are not given again. It has had as many events at most.
    /// </summary>
    public void GoOnFrom(long events) => _last = events;

    /// <summary>The event that a request is to the kernel; its answer comes by the number.</summary>
    public KernelEvent EventOf(Exchange request, Moment at)
    {
        _open.Add(++_last, request);
        return new KernelEvent.Request(at, _last, request.Module, request.Request);
    }

    /// <summary>The system has answered.</summary>
    /// <returns>What is wrong with the answer, so that its client was told 500; "" when nothing is.</returns>
    public string Answer(long number, ReadOnlySpan<byte> response)
    {
        string why = "";
        if (_open.Remove(number, out var request))
        {
            request.Answer(Protocol.Read(response, out why));
        }

        return why;
    }

    /// <summary>No further requests; those that wait can still be answered.</summary>
    public void Close() => _host?.Close();

    public void Dispose() => _host?.Dispose();

    private ImmutableArray<KeyValuePair<string, string>> Prefixes()
    {
        var prefixes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var manifest in system.Modules.Select(module => module.Manifest))
        {
            foreach (string prefix in LeftOf(manifest).Where(one => !prefixes.TryAdd(one, manifest.Name)))
            {
                if (prefixes[prefix] != manifest.Name && !options.Listen.IsEmpty)
                {
                    _reasons.Add($"--listen: {prefixes[prefix]} and {manifest.Name} both serve {prefix}");
                }
            }
        }

        return [.. prefixes];
    }

    private IEnumerable<string> LeftOf(BundleManifest manifest) => manifest.Serves.SelectMany(prefix =>
        options.ServeLimits.FirstOrDefault(one => one.Module == manifest.Name && one.Prefix == prefix)?.Left
        ?? [prefix]);

    private IPEndPoint? Endpoint(string spec)
    {
        var endpoint = SocketGrant.EndpointOf(spec);
        if (endpoint is null)
        {
            _reasons.Add($"--listen {spec}: not an address such as 8080, 127.0.0.1:8080 or [::1]:8080");
        }

        return endpoint;
    }

    private void Start(
        List<IPEndPoint> endpoints, ImmutableArray<KeyValuePair<string, string>> prefixes, TextWriter log)
    {
        try
        {
            _host = new ServeHost(endpoints, prefixes, arrived);
        }
        catch (IOException e)
        {
            _reasons.Add($"--listen: {e.Message}");
            return;
        }

        string open = endpoints.All(one => IPAddress.IsLoopback(one.Address))
            ? ""
            : "; other machines can reach it, and nothing is encrypted";
        foreach (string address in _host.Addresses)
        {
            log.WriteLine($"listening on {address} for {string.Join(", ", prefixes.Select(one => one.Key))}{open}");
        }

        log.Flush();
    }
}
