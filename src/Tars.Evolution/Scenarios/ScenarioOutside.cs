using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Scenarios;

/// <summary>Where the effects of a simulated system go: counters, series, the trace, and asks that wait.</summary>
internal sealed class ScenarioOutside(SystemImage system, TextWriter? trace) : IOutside
{
    private TextWriter? _trace = trace;
    private readonly ProcessBook _book = new(system);
    private readonly Dictionary<string, long> _published = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Module, string Metric), SeriesStore> _series = [];
    private readonly List<string> _traps = [];
    private readonly SortedSet<string> _handled = new(StringComparer.Ordinal);
    private readonly HashSet<(string Module, string Agent, int Handler)> _committed = [];

    /// <summary>The clock of the Step that is being made.</summary>
    public long Now { get; set; }

    /// <summary>Asks of devices that nobody has answered yet.</summary>
    public Queue<(DeviceId Device, long Number, DeviceAsk Ask)> Asks { get; } = new();

    /// <summary>Answers to what the scenario asked, not yet judged.</summary>
    public Queue<StepAnswer> Answers { get; } = new();

    /// <summary>States that were looked at, by process; null where one cannot be shown.</summary>
    public Dictionary<ProcessId, (SavedState? State, string Failure)> Looks { get; } = [];

    /// <summary>The system as it is now: a swap changes it.</summary>
    public SystemImage System => _book.System;

    /// <summary>Why swaps were refused, or what the kernel took back.</summary>
    public List<string> SwapFaults { get; } = [];

    /// <summary>The first traps in words.</summary>
    public IReadOnlyList<string> Traps => _traps;

    /// <summary>The handlers of a module that committed, as `agent: event`.</summary>
    public IEnumerable<string> Handled(string module) => _handled
        .Where(one => one.StartsWith(module + "/", StringComparison.Ordinal)).Select(one => one[(module.Length + 1)..]);

    /// <summary>Those of all other modules, as `module/agent: event`.</summary>
    public IEnumerable<string> HandledAround(string module) =>
        _handled.Where(one => !one.StartsWith(module + "/", StringComparison.Ordinal));

    /// <summary>How many values were published on channels that fit a pattern.</summary>
    public long Published(string pattern) =>
        _published.Where(one => Fits(pattern, one.Key)).Sum(one => one.Value);

    public SeriesStore? Series(string module, string metric) => _series.GetValueOrDefault((module, metric));

    /// <summary>Writes one line of the trace, with the instant and what it is about.</summary>
    public void Tell(string who, string what) =>
        _trace?.Write($"{ValueText.Instant(Now)} {Printable.Of(who)} {Printable.Of(what)}\n");

    /// <summary>What comes now is no part of the run.</summary>
    public void EndTrace() => _trace = null;

    public void Started(ProcessId process, string module, string agent)
    {
        _book.Started(process, module, agent);
        Tell(NameOf(process), "is born");
    }

    public void Ended(ProcessId process, EndReason reason, string detail)
    {
        string how = reason switch
        {
            EndReason.Done => "is done",
            EndReason.Failed => "failed",
            EndReason.Stopped => "is stopped",
        };
        Tell(NameOf(process), detail.Length == 0 ? how : $"{how}: {detail}");
        _book.Ended(process);
    }

    public void Published(
        ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
    {
        string name = Encoding.UTF8.GetString(channel);
        _published[name] = _published.GetValueOrDefault(name) + 1;
        if (_trace is not null)
        {
            Tell(NameOf(from), $"publish {name} {ValueText.Of(type, value)}");
        }
    }

    public void Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments)
    {
        if (_trace is not null)
        {
            var image = _book.System.Devices[device.Value];
            Tell(NameOf(from), Call("tell", image.Name, image.Kind.Tells[operation], arguments));
        }
    }

    public void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
    {
        Asks.Enqueue((device, ask, asked));
        if (_trace is not null)
        {
            var image = _book.System.Devices[device.Value];
            Tell(NameOf(from), Call("ask", image.Name, image.Kind.Asks[asked.Operation], asked.Arguments.AsSpan()));
        }
    }

    public void Answered(long number, bool failed, SchemaType type, ReadOnlySpan<byte> answer)
    {
        Answers.Enqueue(new StepAnswer(number, failed, type, [.. answer], Now));
        if (_trace is not null)
        {
            Tell("step", $"{(failed ? "failure" : "answer")} {ValueText.Of(type, answer)}");
        }
    }

    public void Measured(ProcessId from, int metric, double value)
    {
        if (_book.Find(from)?.Module.Manifest is not { } module)
        {
            return;
        }

        var key = (module.Name, module.Metrics[metric].Name);
        if (!_series.TryGetValue(key, out var series))
        {
            _series[key] = series = new SeriesStore();
        }

        series.Add(Now, value);
        if (_trace is not null)
        {
            Tell(NameOf(from), $"metric {module.Metrics[metric].Name} {FloatText.Of(value)}");
        }
    }

    public void Logged(ProcessId from, ReadOnlySpan<byte> entry)
    {
        if (_trace is null)
        {
            return;
        }

        var reader = new ByteReader(entry);
        var line = new StringBuilder("log ").Append(reader.Text());
        uint count = reader.U32();
        for (uint at = 0; at < count && !reader.Failed; at++)
        {
            line.Append(' ').Append(reader.Text()).Append('=').Append(reader.Text());
        }

        Tell(NameOf(from), line.ToString());
    }

    public void Audited(Audit entry)
    {
        string count = entry.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({entry.Count} times)");
        Tell(NameOf(entry.Process), $"audit {entry.Effect} {entry.Target}: {entry.Reason}{count}");
    }

    public void Trapped(DeadLetter letter)
    {
        var from = _book.Find(letter.Process);
        string where = from?.HandlerName(letter.Handler) is { Length: > 0 } name ? $" in {name}" : "";
        var site = from?.Module.Debug.Find(letter.Site) ?? default;
        string at = from is not null && site.Start.Line != 0 && (uint)site.File < (uint)from.Module.Debug.Files.Length
            ? $" at {from.Module.Debug.Files[site.File]}:{site.Start}"
            : "";
        string why = letter.Detail == "" ? TrapText.Of(letter) : $"{TrapText.Of(letter)}: {letter.Detail}";
        Tell(NameOf(letter.Process), $"trap{where}{at}: {why}");
        if (_traps.Count < Limits.TrapsToldMax)
        {
            _traps.Add(Printable.Of($"{ValueText.Instant(Now)}s {NameOf(letter.Process)}{where}{at}: {why}"));
        }
    }

    public void InputTaken(LineBatch batch)
    {
        // Scenarios give values one by one.
    }

    public void Committed(ProcessId process, int handler, int count, long arrived)
    {
        if (_book.Find(process) is { } known
            && _committed.Add((known.Module.Manifest.Name, known.Agent.Name, handler))
            && known.HandlerName(handler) is { Length: > 0 } name)
        {
            _handled.Add($"{known.Module.Manifest.Name}/{known.Agent.Name}: {name}");
        }

        if (_trace is not null)
        {
            string times = count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" {count} times");
            Tell(NameOf(process), $"commit {_book.Find(process)?.HandlerName(handler)}{times}");
        }
    }

    public void Looked(ProcessId process, SavedState? state, string failure) => Looks[process] = (state, failure);

    public void Swapped(SwapReport report)
    {
        if (!report.IsDone)
        {
            Tell("swap", $"refused: {string.Join("; ", report.Refusals)}");
            SwapFaults.Add($"the swap was refused: {string.Join("; ", report.Refusals)}");
            return;
        }

        Tell("swap", $"{report.Module} {report.From} became {report.To}");
        if (report.IsReturn)
        {
            SwapFaults.Add($"the swap was taken back: {report.Cause}");
        }

        _book.Swapped(report);
    }

    private static bool Fits(string pattern, string channel)
    {
        string[] wanted = pattern.Split('/');
        string[] segments = channel.Split('/');
        return wanted.Length == segments.Length
            && wanted.Zip(segments).All(pair => pair.First == "+" || pair.First == pair.Second);
    }

    private static string Call(
        string verb, string device, Bundle.Interfaces.Operation operation, ReadOnlySpan<byte> arguments) =>
        $"{verb} {device}.{operation.Name} {ValueText.Of(new SchemaType.Record("", operation.Arguments), arguments)}";

    // The number tells processes of one agent apart.
    private string NameOf(ProcessId process) =>
        _book.Find(process) is { } known ? $"{process} {known.Name}" : _book.NameOf(process);
}

/// <summary>What the kernel answered to an ask or request of a scenario.</summary>
/// <param name="Failed">True when the octets are a Failure.</param>
internal sealed record StepAnswer(
    long Number, bool Failed, SchemaType Type, System.Collections.Immutable.ImmutableArray<byte> Octets, long At);
