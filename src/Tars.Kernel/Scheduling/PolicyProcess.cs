using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Scheduling;

/// <summary>The process of a policy module, in a kernel of its own, so that it is held as any process is.</summary>
/// <remarks>
/// It has no devices and no channels, and what it logs goes nowhere. Its guest has an id below zero, so that a host
/// which is told that a guest is done need not know whose it is.
/// </remarks>
internal sealed class PolicyProcess
{
    private readonly PolicyModule _module;
    private readonly Kernel _kernel;
    private readonly Answers _answers = new();
    private readonly string _operation;
    private StepResult _last;
    private long _asked;

    public PolicyProcess(PolicyModule module)
    {
        _module = module;
        _operation = module.Plans ? PolicyModule.Plan : PolicyModule.Pick;
        _kernel = new Kernel(module.System, _answers) { IdsFrom = Limits.PolicyIdsFrom };
    }

    public string Name => _module.Name;

    /// <summary>How often it was asked.</summary>
    public long Calls => _asked;

    /// <summary>Guests of it that run elsewhere.</summary>
    public int Running => _last.Running;

    public long Fuel => _kernel.Fuel;

    public ModuleMetrics Metrics => _kernel.Report().Metrics[0];

    public void Boot(Moment at, ulong seed) => Step(new KernelEvent.Boot(at, seed));

    /// <summary>Asks who is next; the answer is there at once or later.</summary>
    /// <param name="ready">A list of Ready in the value encoding.</param>
    public void Ask(Moment at, ReadOnlySpan<byte> ready)
    {
        _answers.Clear();
        Step(new KernelEvent.Ask(at, ++_asked, _module.Name, _module.Agent, _operation, [.. ready]));
    }

    /// <summary>A guest of it has come to the end of its call.</summary>
    public void Done(KernelEvent.GuestDone done) => Step(done);

    public void Stop(Moment at) => Step(new KernelEvent.Stop(at));

    /// <summary>Writes all that it is between two asks.</summary>
    /// <returns>Null, or why that cannot be done.</returns>
    public string? Save(ByteWriter output)
    {
        var octets = new ByteWriter();
        if (_kernel.TryCheckpoint(octets) is { } why)
        {
            return $"policy {Name}: {why}";
        }

        output.I64(_asked);
        output.U32((uint)octets.Length);
        output.Bytes(octets.Written);
        return null;
    }

    /// <summary>Of one that has not begun; false when the octets are none of its module.</summary>
    public bool Load(ref ByteReader input)
    {
        _asked = input.I64();
        var octets = input.Bytes(input.U32());
        return !input.Failed && 0 <= _asked && _kernel.GoOn(octets, load: null, out _);
    }

    /// <summary>The choices that it answered with; false when it has not answered with any.</summary>
    /// <param name="failure">Why it will not; null while it may.</param>
    public bool TryAnswer(Queue<PolicyPick> picks, out string? failure)
    {
        failure = _answers.Trap is { } trap ? $"it traps: {trap}"
            : _answers.Failure is { } reason ? reason
            : _answers.Value is null && _last is { Running: 0 } ? "it does not answer"
            : null;
        if (failure is not null || _answers.Value is not { } value)
        {
            return false;
        }

        // The kernel has seen that the value is one of its type.
        var reader = new ByteReader(value);
        for (uint left = _module.Plans ? reader.U32() : 1; 0 < left; left--)
        {
            picks.Enqueue(new PolicyPick(new ProcessId(reader.I64()), reader.I64()));
        }

        return true;
    }

    private void Step(KernelEvent happened)
    {
        _last = _kernel.Step(happened);
        for (int turns = 0; _last.MoreToDo && turns < Limits.PolicyTurnsMax; turns++)
        {
            _last = _kernel.Step(new KernelEvent.Turn(happened.At));
        }
    }

    /// <summary>Where the effects of a policy go: its answer is kept, and why there is none.</summary>
    private sealed class Answers : IOutside
    {
        public byte[]? Value { get; private set; }

        /// <summary>Why a handler of it was rolled back; null when none was.</summary>
        public string? Trap { get; private set; }

        /// <summary>Why it will not answer, where that is no trap.</summary>
        public string? Failure { get; private set; }

        public void Clear() => Value = null;

        public void Answered(long number, bool failed, SchemaType type, ReadOnlySpan<byte> answer)
        {
            if (!failed)
            {
                Value = answer.ToArray();
                return;
            }

            var reader = new ByteReader(answer);
            _ = reader.U16();
            Failure ??= reader.Text();
        }

        public void Trapped(DeadLetter letter) => Trap ??=
            letter.Detail.Length == 0 ? TrapText.Of(letter) : $"{TrapText.Of(letter)}: {letter.Detail}";

        public void Ended(ProcessId process, EndReason reason, string detail) =>
            Failure ??= detail.Length == 0 ? "it has ended" : $"it has ended: {detail}";

        public void Started(ProcessId process, string module, string agent)
        {
            // It is known who it is.
        }

        public void Published(
            ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
        {
            // It has no channels.
        }

        public void Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments)
        {
            // It has no devices.
        }

        public void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
        {
            // It has no devices.
        }

        public void Measured(ProcessId from, int metric, double value)
        {
            // The report has all of them.
        }

        public void Logged(ProcessId from, ReadOnlySpan<byte> entry)
        {
            // A decision is no place to log from: there are too many of them.
        }

        public void Audited(Audit entry)
        {
            // It has nothing that could be refused but its own timers and mail.
        }

        public void InputTaken(LineBatch batch)
        {
            // It gets no lines.
        }

        public void Committed(ProcessId process, int handler, int count, long arrived)
        {
            // How long it takes shows in the turns that it gives.
        }
    }
}

/// <summary>A choice of a policy module, not yet believed.</summary>
/// <param name="Fuel">How much the process may burn before another decision.</param>
internal readonly record struct PolicyPick(ProcessId Process, long Fuel);
