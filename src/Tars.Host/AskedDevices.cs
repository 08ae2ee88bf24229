using System.Collections.Concurrent;
using System.Collections.Immutable;
using Tars.Kernel.Ports;
using Fetch = Tars.Devices.Fetch;
using Store = Tars.Devices.Store;

namespace Tars.Host;

/// <summary>The devices of a run that are asked, each with threads of its own, so the kernel never waits.</summary>
/// <remarks>
/// What a device may reach is what its module declares and the operator gives, both: a store a folder, a client the
/// origins that are declared and allowed. What nobody gives is refused before the run begins.
/// </remarks>
internal sealed class AskedDevices : IDisposable
{
    // By name: a swap may give a device another number.
    private readonly Dictionary<(string Module, string Name, string Kind), Queue> _queues = [];
    private readonly List<IDisposable> _owned = [];
    private readonly List<string> _reasons = [];
    private readonly ArrivalQueue _arrivals;
    private readonly SystemImage _system;
    private readonly RunOptions _options;

    public AskedDevices(SystemImage system, RunOptions options, ArrivalQueue arrivals)
    {
        _system = system;
        _options = options;
        _arrivals = arrivals;
    }

    public IReadOnlyList<string> Reasons => _reasons;

    /// <summary>Asks that are not answered yet.</summary>
    public int Pending { get; private set; }

    /// <summary>Makes every device ready; there are reasons when one cannot be.</summary>
    /// <param name="log">Takes what the operator may have forgotten.</param>
    public void Open(TextWriter log)
    {
        var folders = new HashSet<string>(StringComparer.Ordinal);
        foreach (var device in _system.Devices.Where(one => !IsWithheld(one)))
        {
            if (device.Kind.Name == Store.Device.Kind)
            {
                OpenStore(device, folders);
            }
            else if (device.Kind.Name == Fetch.Device.Kind)
            {
                OpenFetch(device, log);
            }
        }

        foreach (string name in _options.Stores.Select(one => one.Key))
        {
            if (!_system.Devices.Any(one => one.Kind.Name == Store.Device.Kind && IsNamed(one, name)))
            {
                _reasons.Add($"--store {name}: no device of kind `store` has that name");
            }
        }

        foreach (string origin in _options.Origins.Where(one => Fetch.Host.OriginOf(one) is null))
        {
            _reasons.Add($"--allow {origin}: not an origin such as https://example.com");
        }
    }

    /// <summary>Hands an ask to its device; false when nothing serves it.</summary>
    public bool TryAsk(DeviceImage device, long number, DeviceAsk ask)
    {
        if (!_queues.TryGetValue((device.Module, device.Name, device.Kind.Name), out var queue))
        {
            return false;
        }

        Pending++;
        queue.Asks.Add((number, ask));
        return true;
    }

    /// <summary>An answer has been taken from the arrivals.</summary>
    public void Taken() => Pending--;

    public void Dispose()
    {
        foreach (var queue in _queues.Values)
        {
            queue.Asks.CompleteAdding();
        }

        _owned.ForEach(one => one.Dispose());
    }

    // The kernel lets nobody ask it.
    private bool IsWithheld(DeviceImage device) => _options.Withheld.Contains($"{device.Module}.{device.Name}");

    private static bool IsNamed(DeviceImage device, string name) =>
        device.Name == name || $"{device.Module}.{device.Name}" == name;

    private void OpenStore(DeviceImage device, HashSet<string> folders)
    {
        string? folder = _options.Stores.LastOrDefault(one => IsNamed(device, one.Key)).Value;
        if (folder is null)
        {
            _reasons.Add($"{device.Module}: device {device.Name} of kind `store` needs a folder: "
                + $"--store {device.Name}=FOLDER");
        }
        else if (!folders.Add(folder))
        {
            _reasons.Add($"--store {device.Name}: another device has that folder already");
        }
        else
        {
            try
            {
                Serve(device, new Store.Host(folder), threads: 1);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                _reasons.Add($"--store {device.Name}: the folder cannot be made, or may not be used");
            }
        }
    }

    private void OpenFetch(DeviceImage device, TextWriter log)
    {
        var spec = _system.Modules.First(one => one.Manifest.Name == device.Module).Manifest
            .Devices.First(one => one.Name == device.Name);
        var declared = spec.Options.Where(one => one.Key == "hosts").SelectMany(one => one.Value.Split(' '))
            .Select(Fetch.Host.OriginOf).OfType<string>().ToImmutableSortedSet(StringComparer.Ordinal);
        var allowed = _options.DeviceOrigins.Where(one => one.Key == $"{device.Module}.{device.Name}")
            .Select(one => Fetch.Host.OriginOf(one.Value)).ToHashSet();
        foreach (string origin in declared.Where(one => !allowed.Contains(one)))
        {
            log.WriteLine($"{origin} is not granted, so {device.Name} does not reach it");
        }

        var host = new Fetch.Host(declared.Where(allowed.Contains).ToHashSet(StringComparer.Ordinal));
        _owned.Add(host);
        Serve(device, host, Limits.FetchThreadsMax);
    }

    private void Serve(DeviceImage device, IAskedDevice host, int threads)
    {
        var queue = new Queue([]);
        _queues.Add((device.Module, device.Name, device.Kind.Name), queue);
        for (int thread = 0; thread < threads; thread++)
        {
            new Thread(() => Answer(queue.Asks, host)) { IsBackground = true, Name = $"device {device.Name}" }.Start();
        }
    }

    private void Answer(BlockingCollection<(long Number, DeviceAsk Ask)> queue, IAskedDevice host)
    {
        foreach (var (number, ask) in queue.GetConsumingEnumerable())
        {
            _arrivals.Add(Arrival.Answered(number, AnswerTo(ask, host)));
        }
    }

    // What a guest asks must not end the host, whatever the libraries below make of it.
    private static DeviceAnswer? AnswerTo(DeviceAsk ask, IAskedDevice host)
    {
        try
        {
            return host.Ask(ask);
        }
        catch (Exception)
        {
            return new DeviceAnswer.Failed(AskFailure.Unavailable, "the device failed");
        }
    }

    /// <summary>What waits for the threads of one device.</summary>
    private sealed record Queue(BlockingCollection<(long Number, DeviceAsk Ask)> Asks);
}
