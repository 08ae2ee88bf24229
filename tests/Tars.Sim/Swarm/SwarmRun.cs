using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Kernel;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Sim.Swarm;

/// <summary>One plan run on a kernel, with the model beside it.</summary>
/// <remarks>
/// First what the plan says, then a time without faults in which all must come to its end, then Stop.
/// </remarks>
internal sealed partial class SwarmRun : IDisposable
{
    private const long Millisecond = 1_000_000;
    private const long Begin = 1_000_000 * Millisecond;
    private const int SettlingMax = 4_000;
    private const int StoppingMax = 4_000;

    private readonly SwarmPlan _plan;
    private readonly Planted _planted;
    private readonly Coverage _coverage;
    private readonly KernelModel _model;
    private readonly SwarmOutside _outside;
    private readonly EffectTrace _effects;
    private Kernel.Kernel _kernel;
    private readonly Xoshiro256 _random;
    private readonly List<(ProcessId Process, GuestResult Result)> _later = [];
    private readonly List<string>? _trace;
    private StepResult _last;
    private Action? _meaning;
    private long _now;
    private long _wall = Begin;
    private long _knob;
    private string? _lost;

    public SwarmRun(SwarmPlan plan, Planted planted, Coverage coverage, List<string>? trace = null)
    {
        _plan = plan;
        _planted = planted;
        _coverage = coverage;
        _trace = trace;
        _random = new Xoshiro256(plan.Seed ^ 0x5357_4152);
        _model = new KernelModel(plan);
        _outside = new SwarmOutside(_model, coverage) { Trace = trace };
        _effects = new EffectTrace(_outside);
        var image = Image(version: 0);
        _outside.Begin(image.Manifest);
        var system = ((LinkResult.Linked)SystemImage.Link([image])).System;
        _kernel = new Kernel.Kernel(system, _effects, planted)
        {
            Faults = plan.Faults,
            Policy = new PolicyChoice(plan.Policy),
        };
        coverage.Add($"policy {plan.Policy}");
    }

    /// <summary>What the kernel was stepped with.</summary>
    public List<JournalRecord.Happened> Records { get; } = [];

    /// <summary>Steps and transactions.</summary>
    public long Happened => Records.Count + _kernel.Transactions;

    public JournalDigests Digests => new(_kernel.Trace, _effects.Digest);

    public ulong State => _kernel.StateDigest().Value;

    private string? Problem => _model.Problem ?? _outside.Problem ?? _lost;

    /// <summary>Null, or what was wrong.</summary>
    public string? Run()
    {
        Step(new KernelEvent.Boot(At, _plan.Seed));
        foreach (var stimulus in _plan.Stimuli)
        {
            if (Problem is not null)
            {
                return Problem;
            }

            _now += stimulus.Pause;
            _wall += stimulus.Pause + stimulus.Jump;
            Happen(stimulus);
            for (int rest = stimulus.Rest; 0 < rest; rest--)
            {
                GoOn();
            }
        }

        Settle();
        return Problem ?? End();
    }

    public void Dispose() => _kernel.LetGoOfGuests();

    private Moment At => new(_wall, _now);

    private ModuleImage Image(int version) =>
        SwarmModules.Of(
            _plan,
            version,
            (manifest, code) => new GlassCode(code, manifest, _plan.IsRunning ? _later : null, Given));

    // A batch of events enters the guest of a process.
    private void Given(ProcessId process, BundleManifest manifest, int handler, int count)
    {
        var spec = 0 <= handler ? _outside.AgentOf(process, manifest).Handlers[handler] : null;
        _model.Give(
            process,
            isOwn: handler switch
            {
                GlassCode.NotItsOwn => false,
                GlassCode.BirthAlone => _outside.Runs(manifest),
                _ => spec?.Kind != HandlerKind.Migrate,
            },
            spec is not null && KernelModel.IsMessage(spec) ? count : 0);
    }

    private void Step(KernelEvent happened)
    {
        if (Problem is not null)
        {
            return;
        }

        _trace?.Add(string.Create(CultureInfo.InvariantCulture, $"{happened.At.Monotonic / 1e6:F3} {Name(happened)}"));
        Records.Add(new JournalRecord.Happened(happened, Digests));
        _coverage.Add(happened);
        _model.Begin(happened.At);
        _meaning?.Invoke();
        _meaning = null;
        _last = _kernel.Step(happened);
        _model.EndInput();
        _model.EndStep(id => _later.Exists(one => one.Process == id));
    }

    // What the event means to the model, once the timers that are due have fired.
    private void Step(KernelEvent happened, Action meaning)
    {
        _meaning = meaning;
        Step(happened);
    }

    // One guest comes to the end of its call, or the kernel goes on with what it has.
    private void GoOn()
    {
        if (0 < _later.Count && _random.Next(4) != 0)
        {
            int drawn = _random.Next(_later.Count);
            var (process, result) = _later[drawn];
            _later.RemoveAt(drawn);
            Step(new KernelEvent.GuestDone(At, process, result), () => _model.EndCall(process));
        }
        else
        {
            Step(new KernelEvent.Turn(At));
        }
    }

    private void Settle()
    {
        long until = _now + (200 * Millisecond);
        for (int turns = 0; turns < SettlingMax && Problem is null; turns++)
        {
            if (0 < _later.Count || _last.MoreToDo)
            {
                GoOn();
            }
            else if (_outside.DeviceAsks.FindIndex(one => _model.Find(one.Asker)?.Ask is not null) is >= 0 and var at)
            {
                long ask = _outside.DeviceAsks[at].Ask;
                _outside.DeviceAsks.RemoveAt(at);
                Step(new KernelEvent.Answer(At, ask, Device(1)));
            }
            else if (_last.NextDue is { } due && due < until)
            {
                _wall += Math.Max(0, due - _now);
                _now = Math.Max(_now, due);
                Step(new KernelEvent.Turn(At));
            }
            else
            {
                break;
            }
        }

        _model.EndFaults();
    }

    private string? End()
    {
        Step(new KernelEvent.Stop(At), _model.Stop);
        for (int turns = 0; turns < StoppingMax && Problem is null && 0 < _last.Alive; turns++)
        {
            GoOn();
        }

        return Problem
            ?? Replay()
            ?? (0 < _last.Alive ? $"{_last.Alive} processes outlive the system"
                : _model.Alive.FirstOrDefault() is { } left ? $"{left} is gone without a word"
                : 0 < _outside.Open.Count ? $"the outside was never answered {_outside.Open.Min()}"
                : 0 < _outside.LinesLeft ? "a batch of lines did not come back"
                : null);
    }

    private string? Replay() =>
        SwarmReplay.Check(
            _plan, _planted, Records, new JournalPoint(Records.Count, _kernel.Transactions, Digests, State));

    private void Happen(Stimulus one)
    {
        switch (one.Kind)
        {
            case StimulusKind.Order:
                Step(
                    new KernelEvent.Message(At, $"go/{SwarmText.Names[one.Agent]}", Encode(one)),
                    () => _model.Receive(
                        Saying.Order,
                        one.Number,
                        (long)one.Order.Act,
                        _model.Alive.Where(to => to.Place == one.Agent)));
                break;
            case StimulusKind.Note:
                Step(
                    new KernelEvent.Message(At, "all", Numbers(one.Number, 0, 0, longer: 1)),
                    () => _model.Receive(Saying.Note, one.Number, 0, _model.Alive));
                break;
            case StimulusKind.Bell:
                Step(
                    new KernelEvent.DeviceInput(At, Device("bell"), [(byte)(one.First % 2)]),
                    () => _model.Ring(one.First % 2));
                break;
            case StimulusKind.Lines:
            case StimulusKind.Words:
                Lines(one);
                break;
            case StimulusKind.Swap:
                var terms = new SwapTerms
                {
                    Within = (one.Second % 50) * Millisecond,
                    Probation = one.Second % 3 == 0 ? (1 + (one.Second % 60)) * Millisecond : 0,
                };
                Step(
                    KernelEvent.Swap.Of(At, Image(one.First % SwarmModules.Count), terms),
                    () => _model.Swap(terms.Probation));
                break;
            case StimulusKind.Look:
                Step(new KernelEvent.Look(At, new ProcessId(1 + (one.First % 8))));
                break;
            case StimulusKind.Answer:
                Answer(one);
                break;
            case StimulusKind.Ask:
            case StimulusKind.Request:
                Ask(one);
                break;
            case StimulusKind.Crash:
                Step(new KernelEvent.Crash(At, "swarm", SwarmText.Names[one.Agent]));
                break;
            case StimulusKind.Wait:
                Step(new KernelEvent.Turn(At));
                break;
            default:
                Operate(one);
                break;
        }
    }

    private void Lines(Stimulus one)
    {
        var batch = new LineBatch(1 << 10, one.Kind == StimulusKind.Lines ? LineForm.OptionalText : LineForm.Text);
        var sizes = new List<int>();
        for (int left = 1 + (one.First % 5); 0 < left; left--)
        {
            int size = (one.Second + left) % 37;
            batch.Add(sizes.Sum(), size);
            sizes.Add(size);
        }

        batch.Buffer.AsSpan().Fill((byte)'x');
        bool isTaken = _model.Alive.Any(to => !to.IsWorker);
        _outside.Lines.Add(batch);
        if (one.Kind == StimulusKind.Lines)
        {
            Step(
                new KernelEvent.DeviceLines(At, Device("feed"), batch),
                () => Input(Saying.Line));
        }
        else
        {
            Step(new KernelEvent.ChannelLines(At, "words", batch), () => Input(Saying.Word));
        }

        void Input(Saying what)
        {
            if (isTaken)
            {
                _model.ReceiveLines(what, sizes);
            }
            else
            {
                _model.RefuseInput(sizes.Count);
            }
        }
    }

    private void Answer(Stimulus one)
    {
        if (_outside.DeviceAsks.Count == 0)
        {
            Step(new KernelEvent.Answer(At, one.First, Device(one.Second)));
            return;
        }

        int at = one.First % _outside.DeviceAsks.Count;
        long ask = _outside.DeviceAsks[at].Ask;
        if (one.Second % 5 != 0)
        {
            _outside.DeviceAsks.RemoveAt(at); // Else it is answered once more.
        }

        Step(new KernelEvent.Answer(At, ask, Device(one.Second)));
    }

    private void Ask(Stimulus one)
    {
        _outside.Open.Add(one.Number);
        if (one.Kind == StimulusKind.Ask)
        {
            var target = _model.Find(one.Agent);
            long act = one.First % 4;
            Step(
                new KernelEvent.Ask(
                    At, one.Number, "swarm", SwarmText.Names[one.Agent], "serve", Numbers(one.Number, act)),
                () => _ = target is not null
                    && _model.AskFromOutside(Saying.Serve, one.Number, act, target));
            return;
        }

        var request = new ByteWriter();
        request.Text(one.First % 9 == 0 ? "PUT" : "GET");
        request.Text(one.First % 7 == 0 ? "/none" : "/");
        request.U32(0);
        request.U32(0);
        request.U32(0);
        bool isRouted = one.First % 9 != 0 && one.First % 7 != 0;
        Step(
            new KernelEvent.Request(At, one.Number, "swarm", [.. request.Written]),
            () => _ = isRouted && _model.Find(0) is { } left && _model.AskFromOutside(Saying.Request, 1, 0, left));
    }

    private static DeviceAnswer Device(int drawn) => (drawn % 4) switch
    {
        0 => new DeviceAnswer.Failed(AskFailure.Unavailable, "as drawn"),
        1 => new DeviceAnswer.Value([1, .. Numbers(7)]),
        2 => new DeviceAnswer.Value([0]),
        _ => new DeviceAnswer.Value([9, 9]),
    };

    private static DeviceId Device(string name) => new(name switch
    {
        "shelf" => 0,
        "feed" => 1,
        _ => 2, // In order of declaration.
    });

    private ImmutableArray<byte> Encode(Stimulus one) => Numbers(
        one.Number, (long)one.Order.Act, one.Order.To, one.Order.Count, one.Order.Size, one.Order.Give, longer: 1);

    private ImmutableArray<byte> Numbers(long a, long b, long c, int longer) =>
        Numbers([a, b, c, .. Enumerable.Repeat(5L, _outside.Version == SwarmModules.LongVersion ? longer : 0)]);

    private ImmutableArray<byte> Numbers(long a, long b, long c, long d, long e, long f, int longer) => Numbers(
        [a, b, c, d, e, f, .. Enumerable.Repeat(5L, _outside.Version == SwarmModules.LongVersion ? longer : 0)]);

    private static ImmutableArray<byte> Numbers(params ReadOnlySpan<long> numbers)
    {
        var value = new ByteWriter(64);
        foreach (long number in numbers)
        {
            value.I64(number);
        }

        return [.. value.Written];
    }

    private static string Name(KernelEvent happened) => happened switch
    {
        KernelEvent.GuestDone done => $"GuestDone {done.Process}",
        KernelEvent.Message message => $"Message {message.Channel} {Convert.ToHexString(message.Value.AsSpan())}",
        KernelEvent.Swap swap => $"Swap to {swap.Image?.Manifest.Version}",
        KernelEvent.Crash crash => $"Crash {crash.Agent}",
        KernelEvent.Revoke revoke => $"Revoke {revoke.Process} {revoke.Right}",
        KernelEvent.Grant grant => $"Grant {grant.Process} {grant.Right}",
        KernelEvent.StopProcess stop => $"StopProcess {stop.Process}",
        KernelEvent.DeliverDead deliver => $"DeliverDead {deliver.Letter}",
        KernelEvent.DropDead drop => $"DropDead {drop.Letter}",
        KernelEvent.Look look => $"Look {look.Process}",
        _ => happened.GetType().Name,
    };
}
