using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Trials;

/// <summary>The outside of one kernel: keeps what code sends outside as lines of text, what it asks of devices, and its
/// mail for other shards. Nothing leaves.</summary>
/// <param name="book">Of the processes of all shards.</param>
/// <param name="outputs">Those of all shards.</param>
internal sealed class TrialOutside(ProcessBook book, TrialOutputs outputs) : IOutside
{
    private readonly ByteWriter _json = new();

    /// <summary>Mail for other shards that nobody has looked at yet.</summary>
    public Queue<TrialMail> Mail { get; } = new();

    /// <summary>What was packed last to go to another shard; null before.</summary>
    public TrialPackage? Package { get; private set; }

    /// <summary>Why the newest move was none; empty where it was one, null before.</summary>
    public string? WhyNotMoved { get; private set; }

    /// <summary>What devices were asked and nobody has looked at yet.</summary>
    public Queue<TrialAsk> Asks { get; } = new();

    /// <summary>What became of the newest swap.</summary>
    public SwapReport? Swap { get; private set; }

    /// <summary>What this shard has in the way of the swap on another that it looked at last.</summary>
    public ImmutableArray<string> Seen { get; private set; } = [];

    /// <summary>True while a swap waits for all shards to stand still.</summary>
    public bool IsReady => Ready is not null;

    private TrialSwap? Ready { get; set; }

    public void Started(ProcessId process, string module, string agent) => book.Started(process, module, agent);

    public void Ended(ProcessId process, EndReason reason, string detail)
    {
        if (reason == EndReason.Failed)
        {
            Add($"{NameOf(process)} fails: {detail}");
        }

        book.Ended(process);
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
        var image = book.System.Devices[device.Value];
        var tell = image.Kind.Tells[operation];
        var type = new SchemaType.Record("", tell.Arguments);
        Add($"{NameOf(from)} tells {image.Name}.{tell.Name} {Json(type, arguments)}");
    }

    public void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
    {
        var image = book.System.Devices[device.Value];
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
        string handler = book.Find(letter.Process)?.HandlerName(letter.Handler) ?? "";
        string where = handler.Length == 0 ? "" : $" in {handler}";
        string reason = letter.Detail.Length == 0 ? TrapText.Of(letter) : $"{TrapText.Of(letter)}: {letter.Detail}";
        string who = $"{NameOf(letter.Process)} traps{where}";
        Add($"{who}: {reason}");
        outputs.Trapped(who, reason);
    }

    public void Audited(Audit entry) => Add(string.Create(
        CultureInfo.InvariantCulture,
        $"{NameOf(entry.Process)} is refused: {entry.Effect} {entry.Target}: {entry.Reason} ({entry.Count})"));

    public void Swapped(SwapReport report)
    {
        Swap = report;
        if (report.IsDone)
        {
            book.Swapped(report);
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

    public void ToShard(int shard, long sequence, ReadOnlySpan<byte> records) =>
        Mail.Enqueue(new TrialMail(shard, sequence, [.. records]));

    public void Packed(int module, ImmutableArray<byte> package, string why) =>
        Package = new TrialPackage(module, package, why);

    public void Moved(int module, int shard, string why) => WhyNotMoved = why;

    public void SwapReady(long ticket, ModuleImage now, ImmutableArray<Newcomer> newcomers) =>
        Ready = new TrialSwap(ticket, now, newcomers);

    public void SwapSeen(string module, ImmutableArray<string> refusals) => Seen = refusals;

    /// <summary>The swap that waits for all shards to stand still, once; null for none.</summary>
    public TrialSwap? TakeReady()
    {
        var ready = Ready;
        Ready = null;
        return ready;
    }

    private void Add(string text) => outputs.Add(text);

    private string NameOf(ProcessId process) => book.NameOf(process);

    private string Json(SchemaType type, ReadOnlySpan<byte> value)
    {
        _json.Clear();
        return ValueJson.Write(type, value, _json) is { } why ? $"({why})" : Encoding.UTF8.GetString(_json.Written);
    }
}

/// <summary>A device is asked.</summary>
/// <param name="Key">Equal for asks that the same answer answers.</param>
/// <param name="What">The same for a person.</param>
internal readonly record struct TrialAsk(string Key, long Number, string What);

/// <summary>Mail leaves for another shard; it counts from one for each.</summary>
internal readonly record struct TrialMail(int Shard, long Sequence, ImmutableArray<byte> Records);

/// <summary>A swap of one shard that waits for all to stand still.</summary>
internal sealed record TrialSwap(long Ticket, ModuleImage Now, ImmutableArray<Newcomer> Newcomers);

/// <summary>A module is packed to go to another shard.</summary>
/// <param name="Why">Why it cannot go; empty when it can.</param>
internal sealed record TrialPackage(int Module, ImmutableArray<byte> Octets, string Why);
