using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Devices.Host;
using Tars.Host.Journal.Durable;
using Tars.Host.Sharding;
using Tars.Host.Swapping;
using Tars.Kernel.Ports;
using ConsoleDevice = Tars.Devices.Console;
using Introspect = Tars.Devices.Introspect;

namespace Tars.Host;

/// <summary>Where the effects of a run go: standard output, the log, the devices, the counters.</summary>
internal sealed class SystemOutside : IBufferedOutside, IDisposable
{
    private const int RefusalsShownMax = 10;

    private readonly AskedDevices? _devices;
    private readonly Serving? _serving;
    private readonly SwapDesk? _swaps;
    private readonly List<ModuleImage> _swappedIn = [];
    private readonly IClock _clock;
    private readonly Stream _output;
    private readonly TextWriter _log;
    private readonly ConsoleDevice.Host _console;
    private readonly JsonLineOutput? _jsonLines;
    private readonly ByteWriter _json = new();
    private readonly ProcessBook _book;
    private readonly Dictionary<AgentSpec, LatencyHistogram?[]> _latencies = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<LineBatch, IBatchOwner> _owners = [];
    private readonly Queue<(long Ask, DeviceAnswer Given)> _answers = [];
    private readonly Queue<(long Ask, DeviceAsk Asked)> _looks = [];
    private readonly Dictionary<string, (long Count, long Shown, int Lines)> _refusals = [];
    private Audit? _lastRefused;
    private string _lastText = "";

    public SystemOutside(
        SystemImage system,
        IClock clock,
        RunStreams streams,
        AskedDevices? devices,
        bool jsonLines,
        SwapDesk? swaps = null,
        Serving? serving = null)
    {
        _serving = serving;
        _book = new ProcessBook(system);
        _swaps = swaps;
        _devices = devices;
        _clock = clock;
        _output = streams.Output;
        _log = streams.Log;
        _console = new ConsoleDevice.Host(streams.Output);
        _jsonLines = jsonLines ? new JsonLineOutput(streams.Output) : null;
    }

    /// <summary>What the run is known by where it is kept; null where it is not.</summary>
    public string? RunName { get; set; }

    /// <summary>Shows guests the kernel; null where there is none to show.</summary>
    public Introspect.Host? Introspection { get; set; }

    /// <summary>The next answer of a device, if one has come.</summary>
    public KernelEvent? TakeAnswer() =>
        _answers.TryDequeue(out var answer) ? new KernelEvent.Answer(_clock.Now, answer.Ask, answer.Given)
        : Introspection is { } shown && _looks.TryDequeue(out var look)
            ? new KernelEvent.Answer(_clock.Now, look.Ask, shown.Ask(look.Asked))
        : null;

    /// <summary>When the Step began that is under way.</summary>
    public long StepBegan { get; set; }

    /// <summary>Effects and input that the kernel refused, dropped or ignored.</summary>
    public long Refused { get; private set; }

    /// <summary>In the order of modules, agents and handlers; those that never committed are left out.</summary>
    public IEnumerable<HandlerLatency> Latencies =>
        from module in _book.System.Modules
        from agent in module.Manifest.Agents
        from one in _latencies.GetValueOrDefault(agent, []).Index()
        where one.Item is not null
        select new HandlerLatency(
            module.Manifest.Name,
            agent.Name,
            HandlerText.Of(agent.Handlers[one.Index]),
            one.Item.Count,
            one.Item.Quantile(0.5),
            one.Item.Quantile(0.9),
            one.Item.Quantile(0.99),
            one.Item.Quantile(0.999),
            one.Item.Worst);

    /// <summary>What came of the operator's event that was newest.</summary>
    public OperatorAct? LastAct { get; private set; }

    /// <summary>Whether the log says what an operator did; false where another shard says the same.</summary>
    public bool TellsActs { get; set; } = true;

    /// <summary>When all shards came to be told to stand still; zero while they go on.</summary>
    public long StandsSince { get; set; }

    /// <summary>The number of the shard; null in a run on one.</summary>
    public int? Shard { get; init; }

    private string Where => Shard is { } shard ? $" on shard {shard}" : "";

    /// <summary>Told when a swap waits for all shards to stand still.</summary>
    public Action<SwapReadiness>? OnSwapReady { get; init; }

    /// <summary>Told what a shard has in the way of a swap on another.</summary>
    public Action<ImmutableArray<string>>? OnSwapSeen { get; init; }

    /// <summary>Told of each swap, done or refused.</summary>
    public Action<SwapReport>? OnSwapped { get; set; }

    /// <summary>Called when a module of another shard was swapped.</summary>
    public Action? OnSwappedElsewhere { get; init; }

    /// <summary>Told of each step of a module to another shard, with what is packed and why it is not done.</summary>
    public Action<ImmutableArray<byte>, string>? OnMoving { get; init; }

    /// <summary>Takes mail for another shard, with its number; null in a run on one.</summary>
    public Action<int, long, byte[]>? OnMail { get; init; }

    public void HandOn()
    {
        _output.Flush();
        _log.Flush();
    }

    /// <summary>Says whose batch it is that the kernel now holds.</summary>
    public void Lend(LineBatch batch, IBatchOwner owner) => _owners[batch] = owner;

    public void ToShard(int shard, long sequence, ReadOnlySpan<byte> records) =>
        OnMail?.Invoke(shard, sequence, records.ToArray());

    public void Packed(int module, ImmutableArray<byte> package, string why) => OnMoving?.Invoke(package, why);

    public void Moved(int module, int shard, string why) => OnMoving?.Invoke([], why);

    public void Departed(ProcessId process) => _book.Ended(process);

    public void Started(ProcessId process, string module, string agent) => _book.Started(process, module, agent);

    public void Ended(ProcessId process, EndReason reason, string detail)
    {
        if (reason == EndReason.Failed)
        {
            Tell($"failed {NameOf(process)}: {detail}");
        }

        _book.Ended(process);
    }

    public void Published(ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value,
        bool taken)
    {
        if (taken)
        {
            return;
        }

        if (_jsonLines is not null)
        {
            _jsonLines.Published(channel, type, value);
            return;
        }

        _output.Write(channel);
        _output.WriteByte((byte)' ');
        if (type is SchemaType.Text)
        {
            _console.PrintLine(value[4..]);
            return;
        }

        _json.Clear();
        if (ValueJson.Write(type, value, _json) is { } why)
        {
            _console.Print(Encoding.UTF8.GetBytes($"({why})"));
            return;
        }

        _output.Write(_json.Written);
        _output.WriteByte((byte)'\n');
    }

    public void Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments)
    {
        var image = _book.System.Devices[device.Value];
        if (image.Kind.Name != ConsoleDevice.Device.Kind || operation != ConsoleDevice.Device.Print)
        {
            return;
        }

        var line = ConsoleDevice.Protocol.LineOf(arguments);
        if (_jsonLines is not null)
        {
            _jsonLines.Printed(image.Name, line);
        }
        else
        {
            _console.Print(line);
        }
    }

    // Where nothing serves the device, the answer is the next event.
    public void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
    {
        var image = _book.System.Devices[device.Value];
        if (Introspection is not null && image.Kind.Name == Introspect.Device.Kind)
        {
            // Between two Steps the kernel can be looked at.
            _looks.Enqueue((ask, asked));
            return;
        }

        var named = RunName is null ? asked : asked with { Id = new EffectId(RunName, from, ask) };
        if (_devices?.TryAsk(image, ask, named) != true)
        {
            _answers.Enqueue((ask, new DeviceAnswer.Failed(
                AskFailure.Unavailable, $"nothing serves the device {image.Name}")));
        }
    }

    /// <summary>The kernel has stepped over an event; a device may wait for what became of its answer.</summary>
    public void Stepped(KernelEvent happened, bool tookAnswer)
    {
        if (happened is KernelEvent.Answer answer)
        {
            _devices?.Answered(answer.Number, tookAnswer);
        }
    }

    public void Answered(long number, bool failed, SchemaType type, ReadOnlySpan<byte> answer)
    {
        // A run asks nothing itself; what is answered is a request.
        if (_serving?.Answer(number, answer) is { Length: > 0 } why)
        {
            Tell($"http: the answer to request {number} cannot go out, and became 500: {why}");
        }
    }

    public void PolicyFailed(string module, string failure, PolicyKind next) =>
        Tell($"policy {module}{Where}: {failure}; from here on {PolicyNames.Of(next)} decides");

    public void Measured(ProcessId from, int metric, double value)
    {
        // The report tells what became of all of them.
    }

    public void Logged(ProcessId from, ReadOnlySpan<byte> entry)
    {
        var reader = new ByteReader(entry);
        var line = new StringBuilder(NameOf(from)).Append(": ").Append(reader.Text());
        uint count = reader.U32();
        for (uint at = 0; at < count && !reader.Failed; at++)
        {
            line.Append(' ').Append(reader.Text()).Append('=').Append(Quoted(reader.Text()));
        }

        Tell(line.ToString());
    }

    public void Audited(Audit entry)
    {
        Refused += entry.Count;
        string what = TextOf(entry);
        if (!_refusals.TryGetValue(what, out var told) && _refusals.Count == Limits.RefusalsToldMax)
        {
            what = "refused: more of other kinds";
            _ = _refusals.TryGetValue(what, out told);
        }

        // Ten of a kind are told as they come; of a flood the sum at the end says as much.
        told.Count += entry.Count;
        if (told.Lines < RefusalsShownMax)
        {
            told.Lines++;
            told.Shown += entry.Count;
            Tell(entry.Count == 1 ? what : $"{what} ({entry.Count} times)");
        }

        _refusals[what] = told;
    }

    // A flood of refusals is mostly one and the same.
    private string TextOf(Audit entry)
    {
        if (!ReferenceEquals(entry, _lastRefused))
        {
            _lastRefused = entry;
            _lastText = $"refused {NameOf(entry.Process)}: {entry.Effect} {entry.Target}: {entry.Reason}";
        }

        return _lastText;
    }

    /// <summary>Sums up the refusals that were too many to be told one by one.</summary>
    public void TellRefusals()
    {
        foreach (var (what, told) in _refusals.Where(one => one.Value.Shown < one.Value.Count))
        {
            Tell($"{what}: {told.Count} times in all");
        }
    }

    public void Trapped(DeadLetter letter)
    {
        var from = _book.Find(letter.Process);
        string handler = from?.HandlerName(letter.Handler) ?? "";
        var site = from?.Module.Debug.Find(letter.Site) ?? default;
        string file = from is not null && site.Start.Line != 0 && (uint)site.File < (uint)from.Module.Debug.Files.Length
            ? from.Module.Debug.Files[site.File]
            : "";
        string reason = letter.Detail == "" ? TrapText.Of(letter) : $"{TrapText.Of(letter)}: {letter.Detail}";
        _jsonLines?.Trapped(NameOf(letter.Process), handler, file, site.Start, reason);
        string where = (handler == "" ? "" : $" in {handler}") + (file == "" ? "" : $" at {file}:{site.Start}");
        Tell($"trap {NameOf(letter.Process)}{where}: {reason}; the event is rolled back");
    }

    // What is refused is audited as well.
    public void Operated(OperatorAct act)
    {
        LastAct = act;
        if (act.IsDone && TellsActs)
        {
            Tell($"operator: {act.Act} {act.Target}");
        }
    }

    public void Swapped(SwapReport report)
    {
        OnSwapped?.Invoke(report);
        long began = StandsSince == 0 ? StepBegan : StandsSince;
        TimeSpan? pause = began == 0 ? null : Stopwatch.GetElapsedTime(began); // It began in another run of it.
        foreach (string line in SwapText.Of(report, pause))
        {
            Tell(line);
        }

        if (!report.IsDone)
        {
            return;
        }

        _swaps?.Note(report.System);
        _swappedIn.Add(Known(report));
    }

    public void SwapReady(long ticket, ModuleImage now, ImmutableArray<Newcomer> newcomers) =>
        OnSwapReady?.Invoke(new SwapReadiness(ticket, now, newcomers));

    public void SwapSeen(string module, ImmutableArray<string> refusals) => OnSwapSeen?.Invoke(refusals);

    // What ran of the module here before it moved is let go of by the shard that has swapped it since.
    public void SwappedElsewhere(SwapReport report)
    {
        OnSwappedElsewhere?.Invoke();
        Known(report);
        _swappedIn.RemoveAll(one => one.Manifest.Name == report.Module);
    }

    // The system is another one from now on.
    private ModuleImage Known(SwapReport report)
    {
        var old = _book.System.Modules.First(one => one.Manifest.Name == report.Module);
        var now = report.System.Modules.First(one => one.Manifest.Name == report.Module);
        _book.Swapped(report);
        foreach (var agent in old.Manifest.Agents)
        {
            MoveLatencies(agent, now.Manifest.Agents.FirstOrDefault(one => one.Name == agent.Name));
        }

        return now;
    }

    public void Released(ModuleImage module)
    {
        _swappedIn.RemoveAll(one => one.Code == module.Code);
        module.Code.Dispose();
    }

    /// <summary>Lets go of the code that was swapped in; what the run began with is whose who loaded it.</summary>
    public void Dispose()
    {
        foreach (var module in _swappedIn)
        {
            module.Code.Dispose();
        }

        while (_swaps?.Take() is { } offered)
        {
            offered.Image.Code.Dispose();
        }
    }

    public void InputTaken(LineBatch batch)
    {
        if (_owners.Remove(batch, out var owner))
        {
            owner.Return(batch);
        }
    }

    public void Committed(ProcessId process, int handler, int count, long arrived)
    {
        if (_book.Find(process) is { Agent: var agent })
        {
            ref var histograms = ref CollectionsMarshal.GetValueRefOrAddDefault(_latencies, agent, out _);
            histograms ??= new LatencyHistogram?[agent.Handlers.Length];
            (histograms[handler] ??= new LatencyHistogram()).Add(_clock.Now.Monotonic - arrived, count);
        }
    }

    // What a handler took belongs to its name, whatever its index is in another version.
    private void MoveLatencies(AgentSpec old, AgentSpec? now)
    {
        if (!_latencies.Remove(old, out var known) || now is null)
        {
            return;
        }

        var moved = new LatencyHistogram?[now.Handlers.Length];
        for (int handler = 0; handler < known.Length; handler++)
        {
            string name = HandlerText.Of(old.Handlers[handler]);
            if (now.Handlers.Index().FirstOrDefault(one => HandlerText.Of(one.Item) == name) is { Item: not null } same)
            {
                moved[same.Index] = known[handler];
            }
        }

        _latencies[now] = moved;
    }

    // What a guest said can neither drive the terminal nor look like another line.
    private void Tell(string line) => _log.WriteLine(Printable.Of(line));

    private string NameOf(ProcessId process) => _book.NameOf(process);

    private static string Quoted(string value) =>
        value.Length > 0 && !value.AsSpan().ContainsAny(" \"\n\t") ? value
            : $"\"{value.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
