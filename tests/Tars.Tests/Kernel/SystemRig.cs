using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Bundle.DebugMap;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Tests.Kernel;

/// <summary>A kernel on a bench: scripted modules in, a journal of what went in and out as text.</summary>
/// <remarks>The same test runs it with guests that are Done at once and with guests that are Running.</remarks>
internal sealed class SystemRig : IOutside
{
    private const long Second = 1_000_000_000;

    private readonly StringBuilder _journal = new();
    private readonly Queue<(ProcessId, GuestResult)>? _later;
    private readonly List<ModuleImage> _modules = [];
    private Tars.Kernel.Kernel? _kernel;
    private SystemImage? _system;
    private ModuleImage? _replaced;
    private long _now;
    private int _checkpointsLeft = 12;

    public SystemRig(bool running) => _later = running ? new Queue<(ProcessId, GuestResult)>() : null;

    /// <summary>Both ways in which a guest may answer.</summary>
    public static IEnumerable<Xunit.TheoryDataRow<bool>> Modes => [new(false), new(true)];

    public Tars.Kernel.Kernel Kernel => _kernel!; // Every test boots before it looks.

    public SystemImage System => _system!; // The same.

    public List<DeadLetter> Letters { get; } = [];

    /// <summary>The numbers of the asks of devices, in order.</summary>
    public List<long> Asks { get; } = [];

    public MessageFaults? Faults { get; init; }

    public PolicyChoice Policy { get; set; } = new();

    /// <summary>How many processes may keep their rings while they wait; null for as many as anywhere.</summary>
    public int? WarmMax { get; init; }

    public ImmutableArray<StandIn> StandIns { get; init; } = [];

    /// <summary>For a test that counts what guests are made.</summary>
    public SystemRig WithoutCheckpoints()
    {
        _checkpointsLeft = 0;
        return this;
    }

    public List<LineBatch> Taken { get; } = [];

    public StepResult Last { get; private set; }

    /// <summary>What was shown of a process that was looked at, newest last; null when it cannot be shown.</summary>
    public List<SavedState?> Looks { get; } = [];

    public List<SwapReport> Swaps { get; } = [];

    public string Journal => _journal.ToString();

    public Moment At => new(_now + (1_000 * Second), _now);

    public SystemRig Add(BundleManifest manifest, Func<IGuest> make, bool isImported = false)
    {
        var code = new ScriptedCode(make, _later);
        _modules.Add(new ModuleImage(manifest, code, DebugInfo.None, default) { IsImported = isImported });
        return this;
    }

    public SystemRig Add(BundleManifest manifest, Action<ScriptedEvent> script, bool isImported = false) =>
        Add(manifest, () => new ScriptedGuest(script), isImported);

    /// <summary>Why the modules are no system.</summary>
    public IReadOnlyList<string> Refusals() =>
        Xunit.Assert.IsType<LinkResult.Refused>(SystemImage.Link([.. _modules])).Reasons;

    /// <summary>A metascript, compiled.</summary>
    public SystemRig Add(string program) => Add(program, []);

    /// <summary>The same, with less than it declares.</summary>
    public SystemRig Add(string program, ImmutableArray<Narrowing> narrowings)
    {
        _modules.Add(Image(program).Narrowed(narrowings));
        return this;
    }

    public ModuleImage Image(string program)
    {
        var (manifest, code) = CompiledModule.Of(program);
        return Image(manifest, () => CompiledModule.Instance(code));
    }

    public ModuleImage Image(BundleManifest manifest, Func<IGuest> make) =>
        new(manifest, new ScriptedCode(make, _later), DebugInfo.None, default);

    /// <summary>A new version is to take the place of the one that runs.</summary>
    public SystemRig Swap(ModuleImage image, SwapTerms? terms = null) => Step(
        $"swap {image.Manifest.Name} {image.Manifest.Version}",
        KernelEvent.Swap.Of(At, image, terms ?? new SwapTerms()));

    public SystemRig Swap(string program, SwapTerms? terms = null) => Swap(Image(program), terms);

    /// <summary>Time goes on, and nobody tells the kernel.</summary>
    public void Pass(double seconds) => _now += (long)(seconds * Second);

    /// <summary>So many guests that run come to the end of their call.</summary>
    public void Deliver(int count)
    {
        for (; 0 < count; count--)
        {
            var (process, result) = _later!.Dequeue(); // A test that delivers has guests that run.
            Last = Kernel.Step(new KernelEvent.GuestDone(At, process, result));
        }
    }

    /// <summary>Lets go of the modules that the system began with.</summary>
    public void Forget()
    {
        _modules.Clear();
        Swaps.Clear();
        _replaced = null;
    }

    /// <summary>Shows the state of a process in the journal.</summary>
    public SystemRig Look(long process) =>
        Step($"look at #{process}", new KernelEvent.Look(At, new ProcessId(process)));

    public SystemRig Boot(ulong seed = 1) => Link(this).Step("boot", new KernelEvent.Boot(At, seed));

    /// <summary>Makes the kernel, which tells another outside than the rig alone what it does.</summary>
    public SystemRig Link(IOutside outside)
    {
        var linked = SystemImage.Link([.. _modules], StandIns);
        _system = Xunit.Assert.IsType<LinkResult.Linked>(linked).System;
        _kernel = new Tars.Kernel.Kernel(_system, outside) { Faults = Faults, Policy = Policy };
        if (WarmMax is { } most)
        {
            _kernel.WarmMax = most;
        }

        return this;
    }

    public SystemRig Message(string channel, byte[] value) =>
        Step($"message {channel}", new KernelEvent.Message(At, channel, [.. value]));

    public SystemRig Wait(double seconds)
    {
        _now += (long)(seconds * Second);
        return Step(string.Create(CultureInfo.InvariantCulture, $"{seconds}s go by"), new KernelEvent.Turn(At));
    }

    public SystemRig Lines(string device, bool last, params string[] lines)
    {
        var batch = new LineBatch(1 << 16, LineForm.OptionalText) { IsLast = last };
        int at = 0;
        foreach (var line in lines)
        {
            int size = Encoding.UTF8.GetBytes(line, batch.Buffer.AsSpan(at));
            batch.Add(at, size);
            at += size;
        }

        var id = System.Devices.Single(one => one.Name == device).Id;
        return Step($"{lines.Length} lines for {device}", new KernelEvent.DeviceLines(At, id, batch));
    }

    public SystemRig Stop() => Step("stop", new KernelEvent.Stop(At));

    public SystemRig Set(string module, string param, byte[] value) =>
        Step($"set {module}.{param}", new KernelEvent.SetParam(At, module, param, [.. value]));

    public void Advance(double seconds) => _now += (long)(seconds * Second);

    /// <summary>One event and nothing more.</summary>
    public void Once(string what, KernelEvent happened)
    {
        _journal.Append("> ").Append(what).Append('\n');
        Last = Kernel.Step(happened);
        TakeCheckpoint();
    }

    /// <summary>One event, and everything that follows from it.</summary>
    public SystemRig Step(string what, KernelEvent happened)
    {
        _journal.Append("> ").Append(what).Append('\n');
        Last = Kernel.Step(happened);
        for (int turns = 0; Last.MoreToDo || _later is { Count: > 0 }; turns++)
        {
            Xunit.Assert.True(turns < 100_000, "the system does not come to rest");
            Last = _later is not null && _later.TryDequeue(out var done)
                ? Kernel.Step(new KernelEvent.GuestDone(At, done.Item1, done.Item2))
                : Kernel.Step(new KernelEvent.Turn(At));
        }

        TakeCheckpoint();
        return this;
    }

    // A few of each rig are enough, and of a large system too many.
    private void TakeCheckpoint()
    {
        if (0 < _checkpointsLeft && _later is null && Kernel.Report().Processes.Length < 50)
        {
            _checkpointsLeft--;
            CheckpointCheck.ComesBack(Kernel, System, _ => _replaced);
        }
    }

    public static byte[] Text(string text)
    {
        var value = new ByteWriter();
        value.Text(text);
        return value.ToArray();
    }

    public static byte[] Int(long number)
    {
        var value = new ByteWriter();
        value.I64(number);
        return value.ToArray();
    }

    public void Started(ProcessId process, string module, string agent) => Line($"{process} is {module}.{agent}");

    public void Ended(ProcessId process, EndReason reason, string detail) =>
        Line($"{process} ended {reason}" + (detail.Length == 0 ? "" : $": {detail}"));

    public void Published(
        ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken) =>
        Line($"{from} publishes {Encoding.UTF8.GetString(channel)} {Json(type, value)}"
            + (taken ? "" : ", nobody takes it"));

    public void Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments)
    {
        var image = System.Devices[device.Value];
        var tell = image.Kind.Tells[operation];
        Line($"{from} tells {image.Name}.{tell.Name} {Json(new SchemaType.Record("", tell.Arguments), arguments)}");
    }

    public void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
    {
        var image = System.Devices[device.Value];
        var row = image.Kind.Asks[asked.Operation];
        string arguments = Json(new SchemaType.Record("", row.Arguments), asked.Arguments.AsSpan());
        string within = string.Concat(asked.Within.Select(folder => $" in {folder}"));
        Line($"{from} asks {image.Name}.{row.Name} {arguments}{within}");
        Asks.Add(ask);
    }

    public void Answered(long number, bool failed, SchemaType type, ReadOnlySpan<byte> answer) =>
        Line($"outside gets {(failed ? "failure" : "answer")} {number} {Json(type, answer)}");

    public void Measured(ProcessId from, int metric, double value) =>
        Line(string.Create(CultureInfo.InvariantCulture, $"{from} reports {metric} as {value}"));

    public void Logged(ProcessId from, ReadOnlySpan<byte> entry) =>
        Line($"{from} logs {new ByteReader(entry).Text()}");

    public void Audited(Audit entry) =>
        Line($"{entry.Process} {entry.Effect} {entry.Target}: {entry.Reason} ({entry.Count})");

    public void Trapped(DeadLetter letter)
    {
        Letters.Add(letter);
        Line($"{letter.Process} traps in {letter.Handler} at site {letter.Site}: {letter.Fault} {letter.Trap}");
    }

    public void InputTaken(LineBatch batch) => Taken.Add(batch);

    public void Committed(ProcessId process, int handler, int count, long arrived) =>
        Line($"{process} commits {count} of {handler}");

    public void PolicyFailed(string module, string failure, PolicyKind next) =>
        Line($"policy {module}: {failure}; {PolicyNames.Of(next)} takes over");

    public void Swapped(SwapReport report)
    {
        Swaps.Add(report);
        if (report.IsDone)
        {
            _replaced = _system?.Modules.First(one => one.Manifest.Name == report.Module);
            _system = report.System;
        }

        string what = report.IsReturn ? $"returns ({report.Cause})" : "swaps";
        Line($"{report.Module} {what} {report.From} -> {report.To}: " + (report.IsDone
            ? $"{string.Join(", ", report.Changes.Append($"{report.Processes} processes"))}"
            : $"refused: {string.Join("; ", report.Refusals)}"));
        foreach (var warning in report.Warnings)
        {
            Line($"  warning: {warning}");
        }
    }

    public void Operated(OperatorAct act) =>
        Line($"operator {act.Act} {act.Target}: {(act.IsDone ? "done" : act.Refusal)}");

    public void Released(ModuleImage module) => Line($"{module.Manifest.Name} {module.Manifest.Version} is released");

    public void Looked(ProcessId process, SavedState? state, string failure)
    {
        Looks.Add(state);
        var fields = state?.Agent.State.Select(one => $"{one.Name} = {Json(one.Type, state.Field(one.Name).Span)}");
        string wait = state is { Continuation: >= 0 } ? $", waits at {state.Continuation}" : "";
        Line($"{process} holds {(fields is null ? $"nothing: {failure}" : string.Join(", ", fields))}{wait}");
    }

    private static string Json(SchemaType type, ReadOnlySpan<byte> value)
    {
        var json = new ByteWriter();
        return ValueJson.Write(type, value, json) ?? Encoding.UTF8.GetString(json.Written);
    }

    private void Line(string text) => _journal.Append("  ").Append(text).Append('\n');
}
