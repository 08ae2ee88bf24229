using System.Collections.Immutable;
using System.Net.Sockets;
using Tars.Bundle.Interfaces;
using Tars.Devices.Host;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;
using Block = Tars.Devices.Block;
using Directory = Tars.Devices.Directory;
using Fetch = Tars.Devices.Fetch;
using Http = Tars.Devices.Http;
using Random = Tars.Devices.Random;
using Store = Tars.Devices.Store;
using Tcp = Tars.Devices.Tcp;
using Udp = Tars.Devices.Udp;

namespace Tars.Host;

/// <summary>Makes the real part of each device from what its module declares and the operator gives: both.</summary>
/// <remarks>
/// To add a kind: an arm in <see cref="Open"/>, and a row in the options of `run`. What nobody gives is refused before
/// the run begins.
/// </remarks>
/// <param name="places">Of a run that goes on: which stores it has changed.</param>
/// <param name="log">Takes what the operator may have forgotten.</param>
internal sealed class DeviceOpener(
    SystemImage system, RunOptions options, IReadOnlyDictionary<string, InputPlace> places, TextWriter log)
{
    private readonly List<string> _taken = [];
    private readonly List<string> _reasons = [];

    public IReadOnlyList<string> Reasons => _reasons;

    /// <summary>Looks for what the operator gave to nobody.</summary>
    public void CheckOptions()
    {
        foreach (var (kind, name, _) in options.Bindings)
        {
            var meant = system.Devices.Where(one => one.Kind.Name == kind && one.IsCalled(name)).ToArray();
            if (meant.Length == 0)
            {
                _reasons.Add($"--{kind} {name}: no device of kind `{kind}` has that name");
            }
            else if (meant.All(one => StandInOf(one) is not null))
            {
                _reasons.Add($"--{kind} {name}: --bind puts module `{StandInOf(meant[0])!.By}` in its place; "
                    + "say one of the two"); // All have one.
            }
        }

        foreach (string origin in options.Origins.Where(one => Origins.Of(one) is null))
        {
            _reasons.Add($"--allow {origin}: not an origin such as https://example.com");
        }
    }

    /// <summary>Null where there is a reason, and for a kind that is not asked.</summary>
    public OpenedDevice? Open(DeviceImage device) => device.Kind.Name switch
    {
        _ when StandInOf(device) is not null => null,
        Store.Device.Kind => Given(device, "a folder", "FOLDER", folder => OpenStore(device, folder)),
        Block.Device.Kind => Given(device, "a file of whole sectors", "FILE", file => new Block.Host(file)),
        Directory.Device.Kind => Given(device, "a folder", "FOLDER", folder => new Directory.Host(folder)),
        Random.Device.Kind => new OpenedDevice(new Random.Host(), Threads: 1),
        Fetch.Device.Kind =>
            new OpenedDevice(new Fetch.Host(OriginsOf(device)), Limits.FetchThreadsMax),
        Http.Device.Kind =>
            new OpenedDevice(new Http.Host(OriginsOf(device)), Limits.FetchThreadsMax),
        Tcp.Device.Kind => OpenTcp(device),
        Udp.Device.Kind => OpenUdp(device),
        _ => null,
    };

    private StandIn? StandInOf(DeviceImage device) => system.StandIns.FirstOrDefault(one =>
        (one.Module, one.Device) == (device.Module, device.Name));

    // What one device has, no other may have, also not a folder in it or around it: neither knows of the other's
    // changes.
    private OpenedDevice? Given(DeviceImage device, string what, string form, Func<string, IAskedDevice> make)
    {
        string kind = device.Kind.Name;
        if (SpecOf(device) is not { } spec)
        {
            _reasons.Add($"{device.Module}: device {device.Name} of kind `{kind}` needs {what}: "
                + $"--{kind} {device.Name}={form}");
            return null;
        }

        string real = RealPath.Of(spec);
        if (_taken.FirstOrDefault(one => LiesIn(one, real) || LiesIn(real, one)) is { } taken)
        {
            string thing = form.ToLowerInvariant();
            _reasons.Add(taken == real ? $"--{kind} {device.Name}: another device has that {thing} already"
                : LiesIn(real, taken) ? $"--{kind} {device.Name}: another device has a folder around that {thing}"
                : $"--{kind} {device.Name}: another device has what lies in that {thing}");
            return null;
        }

        _taken.Add(real);

        try
        {
            return new OpenedDevice(make(spec), Threads: 1);
        }
        catch (Exception e) when (
            e is IOException or UnauthorizedAccessException or ArgumentException or InvalidDataException)
        {
            _reasons.Add($"--{kind} {device.Name}: {WhyNot(e, form.ToLowerInvariant())}");
            return null;
        }
    }

    // Made anew, it would answer that what was put in it was never there.
    private Store.Host OpenStore(DeviceImage device, string folder) =>
        places.ContainsKey(device.FullName) && Store.Host.IsUnused(folder)
            ? throw new InvalidDataException(
                $"{folder} is gone or empty, and this journal has changed values in it: give the folder that it was")
            : new Store.Host(folder);

    private static bool LiesIn(string path, string folder) =>
        path == folder || path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar,
            StringComparison.Ordinal);

    // What is declared and allowed, both.
    private HashSet<string> OriginsOf(DeviceImage device)
    {
        var spec = system.Modules.First(one => one.Manifest.Name == device.Module).Manifest
            .Devices.First(one => one.Name == device.Name);
        var declared = spec.Options.Where(one => one.Key == "hosts").SelectMany(one => one.Value.Split(' '))
            .Select(Origins.Of).OfType<string>().ToImmutableSortedSet(StringComparer.Ordinal);
        var allowed = options.DeviceOrigins.Where(one => one.Key == device.FullName)
            .Select(one => Origins.Of(one.Value)).ToHashSet();
        foreach (string origin in declared.Where(one => !allowed.Contains(one)))
        {
            log.WriteLine($"{origin} is not granted, so {device.Name} does not reach it");
        }

        return declared.Where(allowed.Contains).ToHashSet(StringComparer.Ordinal);
    }

    private OpenedDevice? OpenTcp(DeviceImage device)
    {
        if (Sockets(device, grant => new Tcp.Host(grant)) is not { } host)
        {
            return null;
        }

        TellAddresses(device, host.Addresses);
        return new OpenedDevice(host, Limits.ConnectThreadsMax);
    }

    private OpenedDevice? OpenUdp(DeviceImage device)
    {
        if (Sockets(device, grant => new Udp.Host(grant)) is not { } host)
        {
            return null;
        }

        TellAddresses(device, host.Addresses);
        return new OpenedDevice(host, Threads: 1);
    }

    // Of sockets every word counts: several may be listened on, and several reached.
    private T? Sockets<T>(DeviceImage device, Func<SocketGrant, T> make)
        where T : class
    {
        string kind = device.Kind.Name;
        var specs = Bindings.Where(one => one.Kind == kind && device.IsCalled(one.Name))
            .Select(one => one.Spec).ToList();
        if (specs.Count == 0)
        {
            _reasons.Add($"{device.Module}: device {device.Name} of kind `{kind}` needs an address: "
                + $"--{kind} {device.Name}=HOST:PORT or --{kind} {device.Name}=listen:PORT");
            return null;
        }

        try
        {
            return make(SocketGrant.Of(specs));
        }
        catch (Exception e) when (e is InvalidDataException or SocketException)
        {
            _reasons.Add($"--{kind} {device.Name}: {e.Message}");
            return null;
        }
    }

    private void TellAddresses(DeviceImage device, IEnumerable<string> addresses)
    {
        foreach (string address in addresses)
        {
            log.WriteLine($"{device.Name} listens on {address}");
        }
    }

    private static string WhyNot(Exception e, string thing) => e switch
    {
        InvalidDataException => e.Message, // The device's own words.
        FileNotFoundException or DirectoryNotFoundException => $"there is no such {thing}",
        UnauthorizedAccessException => $"the {thing} may not be used",
        _ => $"the {thing} cannot be used, or another has it",
    };

    private IEnumerable<DeviceBinding> Bindings => options.PolicyBindings.Concat(options.Bindings);

    // The last word counts.
    private string? SpecOf(DeviceImage device) => Bindings.LastOrDefault(one =>
        one.Kind == device.Kind.Name && device.IsCalled(one.Name))?.Spec;
}

/// <summary>The real part of a device, and how many threads may ask it at a time.</summary>
internal sealed record OpenedDevice(IAskedDevice Host, int Threads);
