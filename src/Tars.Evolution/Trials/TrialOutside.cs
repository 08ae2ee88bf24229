using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Trials;

/// <summary>Keeps what code sends outside as lines of text, and what it asks of devices. Nothing leaves.</summary>
internal sealed class TrialOutside(SystemImage system) : IOutside
{
    private readonly ProcessBook _book = new(system);
    private readonly ByteWriter _json = new();

    /// <summary>The recorded event that is being handled, counted from one.</summary>
    public long Event { get; set; }

    /// <summary>The first outputs in order, as many as are compared.</summary>
    public List<TrialOutput> Outputs { get; } = [];

    /// <summary>All that there were.</summary>
    public long Count { get; private set; }

    /// <summary>What devices were asked and nobody has looked at yet.</summary>
    public Queue<TrialAsk> Asks { get; } = new();

    /// <summary>What became of the newest swap.</summary>
    public SwapReport? Swap { get; private set; }

    public void Started(ProcessId process, string module, string agent) => _book.Started(process, module, agent);

    public void Ended(ProcessId process, EndReason reason, string detail)
    {
        if (reason == EndReason.Failed)
        {
            Add($"{NameOf(process)} fails: {detail}");
        }

        _book.Ended(process);
    }

    public void Published(
        ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
    {
        if (!taken)
        {
            Add($"{NameOf(from)} publishes {Encoding.UTF8.GetString(channel)} {Json(type, value)}");
        }
    }

    public void Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments)
    {
        var image = _book.System.Devices[device.Value];
        var tell = image.Kind.Tells[operation];
        var type = new SchemaType.Record("", tell.Arguments);
        Add($"{NameOf(from)} tells {image.Name}.{tell.Name} {Json(type, arguments)}");
    }

    public void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
    {
        var image = _book.System.Devices[device.Value];
        var row = image.Kind.Asks[asked.Operation];
        var arguments = asked.Arguments.AsSpan();
        string what = $"{image.Name}.{row.Name} {Json(new SchemaType.Record("", row.Arguments), arguments)}";
        Add($"{NameOf(from)} asks {what}");
        string key = $"{image.Module} {image.Name} {row.Name} {Convert.ToHexString(arguments)}";
        Asks.Enqueue(new TrialAsk(key, ask, $"{NameOf(from)} asks {what}"));
    }

    public void Answered(long number, bool failed, SchemaType type, ReadOnlySpan<byte> answer) => Add(string.Create(
        CultureInfo.InvariantCulture, $"{(failed ? "refuses" : "answers")} request {number}: {Json(type, answer)}"));

    public void Logged(ProcessId from, ReadOnlySpan<byte> entry)
    {
        var reader = new ByteReader(entry);
        var line = new StringBuilder($"{NameOf(from)} logs ").Append(reader.Text());
        uint count = reader.U32();
        for (uint at = 0; at < count && !reader.Failed; at++)
        {
            line.Append(' ').Append(reader.Text()).Append('=').Append(reader.Text());
        }

        Add(line.ToString());
    }

    public void Trapped(DeadLetter letter)
    {
        string handler = _book.Find(letter.Process)?.HandlerName(letter.Handler) ?? "";
        string where = handler.Length == 0 ? "" : $" in {handler}";
        string reason = letter.Detail.Length == 0 ? TrapText.Of(letter) : $"{TrapText.Of(letter)}: {letter.Detail}";
        Add($"{NameOf(letter.Process)} traps{where}: {reason}");
    }

    public void Audited(Audit entry) => Add(string.Create(
        CultureInfo.InvariantCulture,
        $"{NameOf(entry.Process)} is refused: {entry.Effect} {entry.Target}: {entry.Reason} ({entry.Count})"));

    public void Swapped(SwapReport report)
    {
        Swap = report;
        if (report.IsDone)
        {
            _book.Swapped(report);
        }
    }

    public void Measured(ProcessId from, int metric, double value)
    {
        // A number that is reported is not sent anywhere.
    }

    public void InputTaken(LineBatch batch)
    {
        // Each batch was read for its event alone.
    }

    public void Committed(ProcessId process, int handler, int count, long arrived)
    {
        // How code comes to what it sends is its own affair.
    }

    /// <summary>What was sent so far was sent before the recording began.</summary>
    public void ForgetOutputs()
    {
        Outputs.Clear();
        Count = 0;
    }

    private void Add(string text)
    {
        Count++;
        if (Outputs.Count < Limits.TrialOutputsMax)
        {
            string shown = text.Length <= Limits.TrialOutputTextMax
                ? text
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{text.AsSpan(0, Limits.TrialOutputTextMax)}… {XxHash64.Of(Encoding.UTF8.GetBytes(text), 0):x16}");
            Outputs.Add(new TrialOutput(Event, shown));
        }
    }

    private string NameOf(ProcessId process) => _book.NameOf(process);

    private string Json(SchemaType type, ReadOnlySpan<byte> value)
    {
        _json.Clear();
        return ValueJson.Write(type, value, _json) is { } why ? $"({why})" : Encoding.UTF8.GetString(_json.Written);
    }
}

/// <summary>One thing that was sent outside.</summary>
/// <param name="Event">The recorded event in which that was.</param>
internal readonly record struct TrialOutput(long Event, string Text);

/// <summary>A device is asked.</summary>
/// <param name="Key">Equal for asks that the same answer answers.</param>
/// <param name="What">The same for a person.</param>
internal readonly record struct TrialAsk(string Key, long Number, string What);
