using System.Buffers.Binary;
using Tars.Base;
using Tars.Bundle.DebugMap;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel.Scheduling;

/// <summary>
/// One core in virtual time on which agents work off jobs: a job is a message that says how long it takes.
/// </summary>
/// <remarks>A unit of fuel is a nanosecond. Guests answer at once or later; then one runs at a time.</remarks>
internal sealed class CoreRig : SilentOutside
{
    /// <summary>The least that a job takes.</summary>
    public const long ShortestJob = 10;

    private readonly Queue<(ProcessId, GuestResult)>? _later;
    private readonly List<(ProcessId Process, long Number)> _handled = [];
    private readonly Tars.Kernel.Kernel _kernel;
    private StepResult _last;
    private long? _due;
    private long _now;

    public CoreRig(PolicyChoice policy, bool running, params ScheduleSpec[] agents)
    {
        _later = running ? new Queue<(ProcessId, GuestResult)>() : null;
        var images = agents.Select((schedule, index) => Image($"a{index}", schedule));
        var system = Xunit.Assert.IsType<LinkResult.Linked>(SystemImage.Link([.. images])).System;
        _kernel = new Tars.Kernel.Kernel(system, this) { Policy = policy with { RunningMax = 1 } };
        Step(new KernelEvent.Boot(At, Seed: 1));
        RunUntil(long.MaxValue);
        Booted = _now;
    }

    /// <summary>When all agents were born.</summary>
    public long Booted { get; }

    public long Now => _now;

    /// <summary>Of each job that was handled: its agent, its number, when it came and when it was over.</summary>
    public List<(int Agent, long Number, long Arrived, long Ended)> Done { get; } = [];

    /// <summary>Fuel of each agent.</summary>
    public long[] Fuel => [.. _kernel.Report().Processes.Select(one => one.Fuel)];

    private Moment At => new(_now, _now);

    public static ScheduleSpec Plain { get; } = new(Priority: 5, Deadline: null, Weight: 1);

    /// <summary>A job comes in; the core works until then.</summary>
    public void Post(int agent, long number, long length, long at)
    {
        RunUntil(at);
        _now = Math.Max(_now, at);
        byte[] value = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(value, number);
        BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan(8), length);
        Step(new KernelEvent.Message(At, $"job{agent}", [.. value]));
    }

    /// <summary>The core works until a time, or until nothing is left.</summary>
    public void RunUntil(long time)
    {
        // What comes at the instant at which a job ends is there when the next one is chosen.
        while (_due is { } due ? due < time : _last.MoreToDo)
        {
            if (_due is { } end)
            {
                _now = end;
                _due = null;
                var (process, result) = _later!.Dequeue(); // It is due.
                Step(new KernelEvent.GuestDone(At, process, result));
            }
            else
            {
                Step(new KernelEvent.Turn(At));
            }
        }
    }

    public override void Committed(ProcessId process, int handler, int count, long arrived)
    {
        var mine = _handled.Where(one => one.Process == process).Take(count).ToArray();
        Xunit.Assert.Equal(count, mine.Length);
        foreach (var one in mine)
        {
            Done.Add(((int)process.Value - 1, one.Number, arrived, _now));
            _handled.Remove(one);
        }
    }

    private void Step(KernelEvent happened)
    {
        _last = _kernel.Step(happened);
        if (_due is null && _later is { Count: > 0 })
        {
            _due = _now + _later.Peek().Item2.FuelUsed;
        }
    }

    private ModuleImage Image(string name, ScheduleSpec schedule)
    {
        var job = new Tars.Bundle.Schema.SchemaType.Record(
            "Job", [new("number", IntType), new("length", IntType)]);
        var agent = Agent(name, Message($"job{name[1..]}", job)) with { Schedule = schedule };
        var manifest = Of(name, agent) with { Subscribes = [new($"job{name[1..]}", job)] };
        ProcessId self = new(int.Parse(name.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture) + 1);
        void Handle(ScriptedEvent happened)
        {
            if (happened.Payload.Length == 16)
            {
                var reader = new ByteReader(happened.Payload);
                _handled.Add((self, reader.I64()));
                happened.Burn(reader.I64() - ShortestJob);
            }
        }

        return new ModuleImage(
            manifest, new ScriptedCode(() => new ScriptedGuest(Handle), _later), DebugInfo.None, default);
    }
}
