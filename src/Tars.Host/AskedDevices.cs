using System.Collections.Concurrent;
using Tars.Devices.Host;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;
using Store = Tars.Devices.Store;

namespace Tars.Host;

/// <summary>The devices of a run that are asked, each with threads of its own, so the kernel never waits.</summary>
internal sealed class AskedDevices : IDisposable
{
    // By name: a swap may give a device another number.
    private readonly Dictionary<(string Module, string Name, string Kind), Queue> _queues = [];
    private readonly List<(IEventDevice Device, EventFeed Feed)> _feeds = [];
    private readonly SystemImage _system;
    private readonly RunOptions _options;
    private readonly ArrivalQueue _arrivals;
    private readonly IReadOnlyDictionary<string, InputPlace> _places;

    // Answers of devices with events that the kernel has not been given yet, by the number of the ask.
    private readonly ConcurrentDictionary<long, (IEventDevice Device, DeviceAsk Ask, DeviceAnswer Answer)> _onTheirWay =
        new();

    private int _pending;

    /// <param name="places">Of a run that goes on: which stores it has changed.</param>
    public AskedDevices(
        SystemImage system, RunOptions options, ArrivalQueue arrivals, IReadOnlyDictionary<string, InputPlace> places)
    {
        _places = places;
        _system = system;
        _options = options;
        _arrivals = arrivals;
    }

    public IReadOnlyList<string> Reasons { get; private set; } = [];

    /// <summary>True while an answer or an event may still come.</summary>
    public bool Expects => 0 < Volatile.Read(ref _pending) || _feeds.Any(one => one.Device.Expects);

    /// <summary>Makes every device ready; there are reasons when one cannot be.</summary>
    /// <param name="log">Takes what the operator may have forgotten.</param>
    public void Open(TextWriter log)
    {
        var opener = new DeviceOpener(_system, _options, _places, log);
        foreach (var device in _system.Devices.Where(one => one.IsDeclared && !IsWithheld(one)))
        {
            if (opener.Open(device) is { } opened)
            {
                Serve(device, opened);
            }
        }

        opener.CheckOptions();
        Reasons = opener.Reasons;
    }

    /// <summary>Hands an ask to its device; false when nothing serves it.</summary>
    public bool TryAsk(DeviceImage device, long number, DeviceAsk ask)
    {
        if (!_queues.TryGetValue((device.Module, device.Name, device.Kind.Name), out var queue))
        {
            return false;
        }

        Interlocked.Increment(ref _pending); // Several shards may ask.
        queue.Asks.Add((number, ask));
        return true;
    }

    /// <summary>An answer has been taken from the arrivals.</summary>
    public void Taken() => Interlocked.Decrement(ref _pending);

    /// <summary>The kernel was given an answer.</summary>
    /// <param name="isTaken">False when nobody waited for it any more.</param>
    public void Answered(long number, bool isTaken)
    {
        if (_onTheirWay.TryRemove(number, out var one))
        {
            one.Device.Answered(one.Ask, one.Answer, isTaken);
        }
    }

    /// <summary>From now on devices may bring events.</summary>
    /// <param name="events">That the run has had before; zero for one that begins.</param>
    public void Begin(long events)
    {
        foreach (var (device, feed) in _feeds)
        {
            device.GoOnFrom(events);
            device.Begin(feed);
        }
    }

    public void Dispose()
    {
        foreach (var queue in _queues.Values)
        {
            queue.Asks.CompleteAdding();
            (queue.Host as IDisposable)?.Dispose();
        }
    }

    // The kernel lets nobody ask it.
    private bool IsWithheld(DeviceImage device) => _options.Withheld.Contains(device.FullName);

    private void Serve(DeviceImage device, OpenedDevice opened)
    {
        var queue = new Queue([], opened.Host, device.FullName);
        _queues.Add((device.Module, device.Name, device.Kind.Name), queue);
        if (opened.Host is IEventDevice source)
        {
            _feeds.Add((source, new EventFeed(device.Id, _arrivals)));
        }

        for (int thread = 0; thread < opened.Threads; thread++)
        {
            new Thread(() => Answer(queue)) { IsBackground = true, Name = $"device {device.Name}" }.Start();
        }
    }

    private void Answer(Queue queue)
    {
        foreach (var (number, ask) in queue.Asks.GetConsumingEnumerable())
        {
            var answer = AnswerTo(ask, queue.Host);
            if (queue.Host is IEventDevice source && answer is not null)
            {
                _onTheirWay[number] = (source, ask, answer);
            }

            _arrivals.Add(Arrival.Answered(number, answer, Changed(queue, ask, answer)));
        }
    }

    // A store that a run has changed is missed when its folder is gone.
    private static InputPlace? Changed(Queue queue, DeviceAsk ask, DeviceAnswer? answer) =>
        queue.Host is Store.Host && ask.Operation != Store.Device.Get && answer is DeviceAnswer.Value
            ? new InputPlace(queue.Name, Octets: 1, IsOver: false)
            : null;

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
    private sealed record Queue(BlockingCollection<(long Number, DeviceAsk Ask)> Asks, IAskedDevice Host, string Name);
}
