using System.Text;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal;

/// <summary>The outside of a replay: nothing leaves, unless it is to be shown again; no device is asked.</summary>
/// <param name="shown">Where what the run showed goes; null for nowhere.</param>
/// <param name="witness">Hears all that the run did besides; null for nobody.</param>
internal sealed class ReplayOutside(SystemImage system, IOutside? shown, IOutside? witness = null)
    : IOutside, IDisposable
{
    private readonly ProcessBook _book = new(system);
    private readonly ByteWriter _json = new();
    private readonly List<ModuleImage> _swappedIn = [];
    private ProcessView? _looked;
    private DeadLetter? _letter;

    /// <summary>Is told what devices are asked; null for nobody.</summary>
    public AskedOfDevice? AskedOfDevice { get; set; }

    /// <summary>Is told what leaves for other shards; null for nobody.</summary>
    public SentToShard? SentToShard { get; set; }

    public void Started(ProcessId process, string module, string agent)
    {
        _book.Started(process, module, agent);
        shown?.Started(process, module, agent);
        witness?.Started(process, module, agent);
    }

    public void Ended(ProcessId process, EndReason reason, string detail)
    {
        _book.Ended(process);
        shown?.Ended(process, reason, detail);
        witness?.Ended(process, reason, detail);
    }

    public void Published(
        ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
    {
        shown?.Published(from, channel, type, value, taken);
        witness?.Published(from, channel, type, value, taken);
    }

    public void Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments)
    {
        shown?.Told(from, device, operation, arguments);
        witness?.Told(from, device, operation, arguments);
    }

    public void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
    {
        // The journal has the answer.
        AskedOfDevice?.Invoke(device, asked.Operation, ask, asked.Arguments.AsSpan());
        witness?.Asked(from, device, ask, asked);
    }

    public void Answered(long number, bool failed, SchemaType type, ReadOnlySpan<byte> answer)
    {
        // Whoever asked has been told.
    }

    public void ToShard(int shard, long sequence, ReadOnlySpan<byte> records) =>
        SentToShard?.Invoke(shard, sequence, records); // The journal of that shard has it.

    public void Departed(ProcessId process)
    {
        _book.Ended(process);
        shown?.Departed(process);
    }

    public void SwappedElsewhere(SwapReport report)
    {
        shown?.SwappedElsewhere(report);
        witness?.SwappedElsewhere(report);
        foreach (var old in _swappedIn.Where(one => one.Manifest.Name == report.Module))
        {
            old.Code.Dispose(); // It lives on another shard, so nobody here runs it.
        }

        _swappedIn.RemoveAll(one => one.Manifest.Name == report.Module);
        Know(report);
    }

    public void Measured(ProcessId from, int metric, double value) => shown?.Measured(from, metric, value);

    public void Logged(ProcessId from, ReadOnlySpan<byte> entry) => shown?.Logged(from, entry);

    public void Audited(Audit entry)
    {
        shown?.Audited(entry);
        witness?.Audited(entry);
    }

    public void Operated(OperatorAct act)
    {
        shown?.Operated(act);
        witness?.Operated(act);
    }

    public bool HearsCapabilities => witness?.HearsCapabilities == true;

    public void Capability(CapabilityAct act) => witness?.Capability(act);

    public void PolicyFailed(string module, string failure, PolicyKind next) =>
        shown?.PolicyFailed(module, failure, next);

    public void Trapped(DeadLetter letter)
    {
        _letter = letter;
        shown?.Trapped(letter);
    }

    public void Swapped(SwapReport report)
    {
        shown?.Swapped(report);
        witness?.Swapped(report);
        if (!report.IsDone)
        {
            return;
        }

        Know(report);
    }

    public void Released(ModuleImage module)
    {
        bool isOurs = 0 < _swappedIn.RemoveAll(one => one.Code == module.Code);
        if (shown is null && isOurs)
        {
            module.Code.Dispose();
        }

        shown?.Released(module);
    }

    /// <summary>Lets go of the code that was swapped in; what the run began with is whose who loaded it.</summary>
    public void Dispose() => _swappedIn.ForEach(one => one.Code.Dispose());

    public void InputTaken(LineBatch batch)
    {
        // Each batch was made for its event alone.
    }

    public void Committed(ProcessId process, int handler, int count, long arrived)
    {
        // How long it took says nothing in a replay.
        witness?.Committed(process, handler, count, arrived);
    }

    public void Looked(ProcessId process, SavedState? state, string failure)
    {
        string? json = null;
        string waits = "";
        if (state is not null)
        {
            _json.Clear();
            var fields = new SchemaType.Record("", state.Agent.State);
            string? reason = ValueJson.Write(fields, state.Fields.Span, _json);
            json = reason is null ? Encoding.UTF8.GetString(_json.Written) : null;
            failure = reason ?? "";
            waits = state.Continuation < 0 ? "" : state.Agent.Continuations[state.Continuation].Handler;
        }

        _looked = new ProcessView(process.Value, NameOf(process), json, waits, failure);
    }

    /// <summary>What was shown of the process that was looked at last.</summary>
    public ProcessView? TakeLook()
    {
        var looked = _looked;
        _looked = null;
        return looked;
    }

    public TransactionView View(Transaction transaction)
    {
        var by = _book.Find(transaction.Process);
        string handler = by?.HandlerName(transaction.Handler) is { Length: > 0 } name ? name : "birth";
        var site = by?.Module.Debug.Find(transaction.Site) ?? default;
        bool isKnown = by is not null && site.Start.Line != 0 && (uint)site.File < (uint)by.Module.Debug.Files.Length;
        return new TransactionView(
            transaction.Number,
            transaction.Process.Value,
            NameOf(transaction.Process),
            handler,
            isKnown ? by!.Module.Debug.Files[site.File] : "",
            isKnown ? site.Start.Line : 0,
            isKnown ? site.Start.Column : 0,
            transaction.Fault is null || _letter is null ? "" : Words(_letter));
    }

    private void Know(SwapReport report)
    {
        _book.Swapped(report);
        _swappedIn.Add(report.System.Modules.First(one => one.Manifest.Name == report.Module));
    }

    private static string Words(DeadLetter letter) =>
        letter.Detail.Length == 0 ? TrapText.Of(letter) : $"{TrapText.Of(letter)}: {letter.Detail}";

    private string NameOf(ProcessId process) => _book.NameOf(process);
}

/// <summary>Mail leaves for another shard; it counts from one for each.</summary>
internal delegate void SentToShard(int shard, long sequence, ReadOnlySpan<byte> records);

/// <summary>A device is asked.</summary>
/// <param name="operation">Its number among the asks of the device's kind.</param>
/// <param name="ask">Names the ask in the whole system.</param>
internal delegate void AskedOfDevice(DeviceId device, int operation, long ask, ReadOnlySpan<byte> arguments);
