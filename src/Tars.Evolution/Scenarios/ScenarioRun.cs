using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;
using Tars.Lang.Binding;
using Tars.Lang.Checking;

namespace Tars.Evolution.Scenarios;

/// <summary>One run of a scenario with one seed, in virtual time over Kernel.Step alone.</summary>
/// <remarks>
/// Invariants:
///   I1  The same modules, scenario and seed make the same Steps, so the same trace, octet for octet.
///   I2  The clock stands at the end once it is reached; what began before it is carried through at that instant.
/// </remarks>
internal sealed class ScenarioRun : IDisposable
{
    private readonly CheckedScenario _scenario;
    private readonly BundleManifest _module;
    private readonly ScenarioPlan _plan;
    private readonly VirtualCore _core;
    private readonly ScenarioOutside _outside;
    private readonly Kernel.Kernel _kernel;
    private readonly RunJudge _judge;
    private readonly Agenda _agenda = new();
    private readonly Dictionary<(string Module, string Device), IAskedDevice?> _twins = [];
    private readonly Dictionary<CheckedStep, StepCheck> _checks = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<long, StepCheck> _asked = [];
    private readonly List<(StepCheck Check, StepAnswer Answer)> _unjudged = [];
    private readonly List<string> _notes = [];
    private readonly ScenarioOptions _options;
    private readonly long _seed;
    private readonly CancellationToken _stop;
    private StepResult _last;
    private long _now;
    private long _wallOffset;
    private long _asks;
    private long _steps;
    private long _stepsHere;

    public ScenarioRun(
        ScenarioPlan plan, SystemImage system, VirtualCore core, long seed, ScenarioOptions options,
        CancellationToken stop)
    {
        _scenario = plan.Scenario;
        _plan = plan;
        _core = core;
        _seed = seed;
        _options = options;
        _stop = stop;
        _module = plan.System.Judged(plan.Params).Manifest;
        _outside = new ScenarioOutside(system, options.Trace);
        _kernel = new Kernel.Kernel(system, _outside)
        {
            Faults = FaultsOf(_scenario.Faults, seed),
            Stubs = [.. _scenario.Stubs.Select(Stub)],
        };
        _judge = new RunJudge(plan.Questions, _module, _kernel, _outside);
        foreach (var step in _scenario.Steps.Where(one => one.Stimulus is Stimulus.Ask or Stimulus.Http))
        {
            _checks.Add(step, new StepCheck(step, plan.Questions.Of(step)));
        }
    }

    public void Dispose()
    {
        // Whoever is still alive gives its memory back; that is no part of the run.
        _outside.EndTrace();
        _last = _kernel.Step(new KernelEvent.Stop(At));
        for (int turns = 0; turns < Limits.StepsPerInstantMax && 0 < _last.Alive; turns++)
        {
            if (_core.TryTake(out var end))
            {
                _last = _kernel.Step(new KernelEvent.GuestDone(At, end.Process, end.Result));
            }
            else
            {
                _last = _kernel.Step(new KernelEvent.Turn(At));
            }
        }
    }

    private Moment At => new(_now + _wallOffset, _now);

    public ScenarioOutcome Run()
    {
        using var onStop = _stop.Register(_kernel.Abort);
        foreach (var step in _scenario.Steps)
        {
            Schedule(step, step.At);
        }

        ScheduleJumps();
        _outside.Tell("scenario", $"{_module.Name} {_module.Version}: {_scenario.Name}, seed {_seed}");
        Step(new KernelEvent.Boot(At, (ulong)_seed));
        while (IsGoingOn() && NextInstant() is { } next)
        {
            MoveTo(next);
            if (_agenda.NextDue <= _now)
            {
                Happen();
            }
            else
            {
                Step(new KernelEvent.Turn(At));
            }
        }

        Settle();
        return Outcome();
    }

    private bool IsGoingOn()
    {
        if (_stop.IsCancellationRequested)
        {
            _notes.Add("it was interrupted");
            return false;
        }

        if (Limits.StepsPerInstantMax < _stepsHere)
        {
            _notes.Add($"the system does not come to rest at {ValueText.Instant(_now)}s");
            return false;
        }

        return true;
    }

    // Null when nothing is left to come before the end.
    private long? NextInstant()
    {
        if (_last.MoreToDo)
        {
            return _now;
        }

        long next = Math.Min(_agenda.NextDue ?? long.MaxValue, _last.NextDue ?? long.MaxValue);
        return next <= _scenario.RunsFor ? Math.Max(_now, next) : null;
    }

    private void MoveTo(long instant)
    {
        if (_now < instant)
        {
            _now = instant;
            _stepsHere = 0;
        }
    }

    private void Happen()
    {
        var entry = _agenda.Take();
        if (entry.Make(At) is { } happened)
        {
            Step(happened);
        }
    }

    // What began in time is carried through; nothing new begins. // I2
    private void Settle()
    {
        MoveTo(_scenario.RunsFor);
        _outside.Now = _now;
        while (_notes.Count == 0 && IsGoingOn())
        {
            if (_last.MoreToDo)
            {
                Step(new KernelEvent.Turn(At));
            }
            else if (_agenda.NextRank is AgendaRank.CallEnd or AgendaRank.Answer)
            {
                Happen();
            }
            else if (_unjudged.Count == 0)
            {
                return;
            }
            else
            {
                JudgeAnswers();
            }
        }
    }

    private void Step(KernelEvent happened)
    {
        _core.Now = _now;
        _outside.Now = _now;
        _last = _kernel.Step(happened);
        _steps++;
        _stepsHere++;
        if (_steps % Limits.StepsPerProgress == 0)
        {
            _options.Progress?.Invoke(_now);
        }

        while (_core.TryTake(out var end))
        {
            _agenda.Add(end.Due, AgendaRank.CallEnd, at => new KernelEvent.GuestDone(at, end.Process, end.Result));
        }

        AnswerAsks();
        while (_outside.Answers.TryDequeue(out var answer))
        {
            if (_asked.Remove(answer.Number, out var check))
            {
                _unjudged.Add((check, answer));
            }
        }

        if (!_options.AnswersLater)
        {
            _now = Math.Max(_now, Math.Min(_core.FreeAt, _scenario.RunsFor));
        }

        JudgeAnswers();
    }

    private void AnswerAsks()
    {
        while (_outside.Asks.TryDequeue(out var asked))
        {
            var answer = TwinOf(_outside.System.Devices[asked.Device.Value]) is { } twin
                ? twin.Ask(asked.Ask)
                : new DeviceAnswer.Failed(AskFailure.Unavailable, "a device of this kind has no twin");
            if (answer is not null)
            {
                long number = asked.Number;
                _agenda.Add(_now, AgendaRank.Answer, at => new KernelEvent.Answer(at, number, answer));
            }
        }
    }

    // A version that comes by a swap finds the twins that were there, and may bring devices of its own.
    private IAskedDevice? TwinOf(DeviceImage device)
    {
        if (!_twins.TryGetValue((device.Module, device.Name), out var twin))
        {
            bool isOwn = device.Module == _module.Name;
            var wanted = isOwn ? _scenario.Twins.FirstOrDefault(one => one.Device == device.Name) : null;
            twin = _plan.Parts.Introspection(device, _kernel.Status)
                ?? _plan.Parts.Twin(device, wanted, (ulong)_seed);
            _twins.Add((device.Module, device.Name), twin);
        }

        return twin;
    }

    // An answer is judged once every state that its expectation names has been looked at.
    private void JudgeAnswers()
    {
        while (_unjudged is [var (check, answer), ..])
        {
            _unjudged.RemoveAt(0);
            string refusal = check.Refusal(answer);
            if (refusal.Length > 0 || answer.Failed || check.Question < 0)
            {
                check.Answer(answer.At, refusal);
                continue;
            }

            LookAt(check.Question);
            bool holds = _judge.Holds(check.Question, answer.Octets.AsSpan(), out string seen);
            string answered = $"answered {ValueText.Short(answer.Type, answer.Octets.AsSpan())}";
            check.Answer(answer.At, holds ? "" : seen.Length == 0 ? answered : $"{answered}; {seen}");
        }
    }

    // A guest that runs just now is looked at when it is done; its end must not wait for that.
    private void LookAt(int question)
    {
        foreach (var process in _judge.Sees(question).ToArray())
        {
            _outside.Looks.Remove(process);
            _last = _kernel.Step(new KernelEvent.Look(At, process));
            while (_core.TryTake(out var end))
            {
                _last = _kernel.Step(new KernelEvent.GuestDone(At, end.Process, end.Result));
            }
        }
    }

    private void Schedule(CheckedStep step, long at)
    {
        if (_scenario.RunsFor < at)
        {
            return;
        }

        _agenda.Add(at, AgendaRank.Step, moment =>
        {
            if (step.Every is { } every && at <= step.Until - every)
            {
                Schedule(step, at + every);
            }

            return Stimulate(step, moment);
        });
    }

    private KernelEvent? Stimulate(CheckedStep step, Moment at)
    {
        _outside.Now = _now;
        switch (step.Stimulus)
        {
            case Stimulus.Publish publish:
                _outside.Tell("step", $"publish {publish.Channel}");
                return new KernelEvent.Message(at, publish.Channel, Value(publish.Value));
            case Stimulus.Device device:
                _outside.Tell("step", $"device {device.Name}");
                var id = _outside.System.Devices.FirstOrDefault(one =>
                    one.Module == _module.Name && one.Name == device.Name)?.Id;
                return id is { } known ? new KernelEvent.DeviceInput(at, known, Value(device.Value)) : null;
            case Stimulus.Ask ask:
                _outside.Tell("step", $"ask {ask.Agent.Name}.{ask.Handler.Subject}");
                ImmutableArray<byte> arguments = [.. ask.Arguments.SelectMany(one => Value(one))];
                return new KernelEvent.Ask(
                    at, Number(step), _module.Name, ask.Agent.Name, ask.Handler.Subject, arguments);
            case Stimulus.Http http:
                _outside.Tell("step", $"http {http.Method} {http.Path}");
                return new KernelEvent.Request(at, Number(step), _module.Name, RequestOf(http));
            case Stimulus.Set set:
                bool isOwn = set.Module == _module.Name;
                _outside.Tell("step", isOwn ? $"set {set.Param.Name}" : $"set {set.Module}.{set.Param.Name}");
                if (isOwn)
                {
                    _judge.Set(set.Param.Index, Value(set.Value));
                }

                return new KernelEvent.SetParam(at, set.Module, set.Param.Name, Value(set.Value));
            case Stimulus.Crash crash:
                _outside.Tell("step", $"crash {crash.Agent.Name}");
                return new KernelEvent.Crash(at, _module.Name, crash.Agent.Name);
            case Stimulus.Swap:
                _outside.Tell("step", $"swap to {_module.Version}");
                return KernelEvent.Swap.Of(
                    at,
                    ScenarioSystem.On(_core, _plan.System.Judged(_plan.Params)),
                    new SwapTerms { NoReturn = true, GrantsAll = true });
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static ImmutableArray<byte> RequestOf(Stimulus.Http http)
    {
        string[] parts = http.Path.Split('?', 2);
        string query = parts.Length == 2 ? parts[1] : "";
        return RequestValue.Encode(http.Method, parts[0], query, http.Headers, Encoding.UTF8.GetBytes(http.Body));
    }

    private long Number(CheckedStep step)
    {
        _checks[step].Ask();
        _asked.Add(++_asks, _checks[step]);
        return _asks;
    }

    private AgentStub Stub(CheckedStub stub) => new(
        _module.Name,
        stub.Agent.Name,
        [.. stub.Answers.Select(one => KeyValuePair.Create(one.Key.Subject, Value(one.Value)))]);

    private ImmutableArray<byte> Value(BoundExpr value) => _plan.Questions.Encode(value);

    private void ScheduleJumps()
    {
        if (_scenario.Faults.ClockJump <= 0)
        {
            return;
        }

        var random = new Xoshiro256(Mixed(_seed, tag: 2));
        for (int jump = 0; jump < Limits.ClockJumpsMax; jump++)
        {
            long at = (long)(random.NextUnit() * _scenario.RunsFor);
            long offset = (long)(((2 * random.NextUnit()) - 1) * _scenario.Faults.ClockJump);
            _agenda.Add(at, AgendaRank.Jump, _ =>
            {
                _wallOffset = offset;
                _outside.Tell("fault", string.Create(
                    CultureInfo.InvariantCulture, $"the wall clock is off by {offset} ns"));
                return null;
            });
        }
    }

    private static MessageFaults? FaultsOf(CheckedFaults faults, long seed) =>
        faults is { Drop: 0, Delay: 0, Duplicate: 0, Reorder: 0 }
            ? null
            : new MessageFaults(
                faults.Drop, faults.Delay, faults.Duplicate, faults.Reorder, Mixed(seed, tag: 1));

    private static ulong Mixed(long seed, ulong tag)
    {
        ulong state = (ulong)seed ^ (tag << 56);
        return SplitMix64.Next(ref state);
    }

    private ScenarioOutcome Outcome()
    {
        var checks = ImmutableArray.CreateBuilder<CheckOutcome>();
        checks.AddRange(_scenario.Steps.Where(_checks.ContainsKey).Select(step => _checks[step].Outcome()));
        foreach (var (index, expected) in _scenario.Expect.Index())
        {
            LookAt(index);
            bool holds = _judge.Holds(index, [], out string seen);
            string detail = holds ? "" : seen.Length == 0 ? "it is false" : seen;
            checks.Add(new CheckOutcome(expected.Text, expected.Span, holds, detail));
        }

        _notes.AddRange(_outside.SwapFaults);
        var report = _kernel.Report();
        var metrics = Metrics(report);
        foreach (var twice in metrics.Where(one => one is { Kind: MetricKind.Once, Count: > 1 }))
        {
            _notes.Add(string.Create(
                CultureInfo.InvariantCulture, $"the metric {twice.Name} was reported {twice.Count} times, not once"));
        }

        return new ScenarioOutcome(
            _scenario.Name,
            _seed,
            Refused: [],
            checks.ToImmutable(),
            [.. _notes],
            metrics,
            [.. _outside.Traps],
            report.Traps,
            report.Committed,
            _core.Fuel)
        {
            Handled = [.. _outside.Handled(_module.Name)],
            HandledAround = [.. _outside.HandledAround(_module.Name)],
            Reflected = _options.LooksInto ? Reflected() : [],
        };
    }

    private ImmutableArray<int> Reflected() =>
    [
        .. Enumerable.Range(0, _plan.Questions.ReflectionCount)
            .Where(rule => _judge.Holds(_plan.Questions.FirstReflection + rule, [], out _)),
    ];

    private ImmutableArray<MetricSeries> Metrics(KernelReport report) =>
    [
        .. from image in _outside.System.Modules
           let name = image.Manifest.Name
           let specs = name == _module.Name ? _module.Metrics : image.Manifest.Metrics
           from index in Enumerable.Range(0, specs.Length)
           let spec = specs[index]
           let known = report.Metrics.First(one => one.Module == name).Metrics
               .FirstOrDefault(one => one.Name == spec.Name)
           where known is not null
           select new MetricSeries(
               name,
               spec.Name,
               spec.Unit,
               spec.Kind,
               _judge.Metric(report, name, index),
               known.Count,
               _outside.Series(name, spec.Name)?.Points ?? []),
    ];
}
