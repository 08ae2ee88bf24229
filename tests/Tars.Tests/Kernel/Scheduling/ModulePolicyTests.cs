using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Kernel.Scheduling;

/// <summary>A module that decides who is next, soundly or not: nobody but itself suffers from it.</summary>
public sealed class ModulePolicyTests
{
    private const int Workers = 5;
    private const int Chain = 400;

    private const string Longest = """
        let r = ready.max_by(r => r.waiting) else { fail "nobody is ready" }
        return Choice(process = r.process, fuel = 1)
        """;

    private const string First = """
        let r = ready.min_by(r => r.process) else { fail "nobody is ready" }
        return Choice(process = r.process, fuel = 1)
        """;

    private static readonly (BundleManifest Manifest, IGuestCode Code)[] _workers =
        [.. Enumerable.Range(0, Workers).Select(number => CompiledModule.Of(Worker(number)))];

    // What each process does under round-robin, by mode.
    private static readonly Lazy<List<string>> _eachDone = new(() => EachOf(Run(module: null, running: false)));
    private static readonly Lazy<List<string>> _eachLater = new(() => EachOf(Run(module: null, running: true)));

    public static TheoryData<string, bool> SoundPolicies { get; } = new(
        from body in new[] { Longest, "return Choice(process = ready[0].process, fuel = 1_000_000)" }
        from running in new[] { false, true }
        select (body, running));

    public static TheoryData<string, string, bool> BadPolicies { get; } = new(
        from row in new (string Body, string Failure)[]
        {
            ("fail \"I do not know\"", "I do not know"),
            ("count += 1\nif 20 < count { fail \"enough\" }\n" + Longest, "enough"),
            ("while true { count += 1 }\n" + Longest, "fuel"),
            ("return Choice(process = 77, fuel = 1)", "#77, which it was not asked about"),
            ("return Choice(process = 0, fuel = 1)", "#0, which it was not asked about"),
            ("return Choice(process = ready[0].process, fuel = 0)", "no fuel"),
            ("count += 1\nif 9 < count { exit() }\n" + Longest, "it has ended"),
            (First, "was ready and got no turn"),
        }
        from running in new[] { false, true }
        select (row.Body, row.Failure, running));

    [Theory]
    [MemberData(nameof(SoundPolicies))]
    public void A_module_decides_and_every_process_does_what_it_would_have_done(string body, bool running)
    {
        var rig = Run(Policy(body), running);
        Assert.Equal((running ? _eachLater : _eachDone).Value, EachOf(rig));
        var report = rig.Kernel.PolicyReport;
        Assert.Equal("chooser", report.Name);
        Assert.Null(report.Module!.Failure);
        Assert.InRange(report.Turns - report.Module.Turns, 0, Workers); // The last turns, in which they stop.
        Assert.InRange(report.Module.Calls, Workers, report.Turns);
        Assert.True(0 < report.Module.Fuel);
    }

    [Theory]
    [MemberData(nameof(BadPolicies))]
    public void A_module_that_decides_badly_is_replaced_and_nobody_is_harmed(
        string body, string failure, bool running)
    {
        var rig = Run(Policy(body), running);
        Assert.Equal((running ? _eachLater : _eachDone).Value, EachOf(rig));
        var report = rig.Kernel.PolicyReport.Module!;
        Assert.Contains(failure, report.Failure, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("policy chooser:", rig.Journal, StringComparison.Ordinal);
        Assert.Contains("round-robin takes over", rig.Journal, StringComparison.Ordinal);
        Assert.Equal(0, rig.Kernel.Report().Traps);

        // The same again is the same, decision for decision.
        var again = Run(Policy(body), running);
        Assert.Equal(rig.Journal, again.Journal);
        Assert.Equal((rig.Kernel.Trace, rig.Kernel.StateDigest()), (again.Kernel.Trace, again.Kernel.StateDigest()));
    }

    [Fact]
    public void A_policy_that_starves_somebody_is_replaced_within_a_period()
    {
        var rig = Run(Policy(First), running: false);
        var report = rig.Kernel.PolicyReport.Module!;
        long each = rig.Kernel.Report().Processes.Sum(one => one.Fuel)
            / rig.Kernel.Report().Processes.Sum(one => one.Handlers.Sum(handler => handler.Events));
        long most = (PeriodDone / each) + (2 * Workers); // Turns of one event each that fit into the period.
        Assert.InRange(report.Turns, 2, most);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_call_may_answer_with_the_choices_of_many_turns(bool running)
    {
        var rig = Run(
            Policy(Longest, """

                  ask plan:
                    with: { ready: list<Ready> }
                    returns: list<Choice>
                    do: |
                      return ready.map(r => Choice(process = r.process, fuel = 1))
                """),
            running);
        Assert.Equal((running ? _eachLater : _eachDone).Value, EachOf(rig));
        var report = rig.Kernel.PolicyReport.Module!;
        Assert.Null(report.Failure);
        Assert.True(2 * report.Calls < report.Turns, $"{report.Calls} calls for {report.Turns} turns");
    }

    [Fact]
    public void A_guest_that_runs_elsewhere_and_does_not_come_back_is_not_waited_for()
    {
        var rig = new SystemRig(running: true);
        Workload(rig);
        rig.Policy = Choice(rig, Policy(Longest), running: true) with { Watchdog = 1_000_000_000 };
        rig.Link(rig).Once("boot", new KernelEvent.Boot(rig.At, Seed: 1));
        rig.Deliver(1); // The birth of the policy's own process; it is asked now and its guest goes on for ever.
        Assert.False(rig.Last.MoreToDo);
        Assert.Equal(rig.At.Monotonic + 1_000_000_000, rig.Last.NextDue);
        rig.Pass(seconds: 1.1);
        rig.Once("turn", new KernelEvent.Turn(rig.At));
        Assert.Equal("it does not answer in time", rig.Kernel.PolicyReport.Module!.Failure);
        Assert.Equal(2, rig.Last.Running); // The first worker's birth has begun.
    }

    [Fact]
    public void What_is_no_policy_is_refused_with_the_reason()
    {
        Assert.Contains("implements: scheduler", Refusal(Worker(0)), StringComparison.Ordinal);
        var manifest = new SystemRig(running: false).Image(Policy(Longest)).Manifest;
        Assert.Contains("no devices", Refused(manifest with
        {
            Devices = [new("out", "console", Value: null, [])],
        }), StringComparison.Ordinal);
        Assert.Contains("one agent", Refused(manifest with
        {
            Agents = [manifest.Agents[0], manifest.Agents[0] with { Name = "other" }],
        }), StringComparison.Ordinal);
        Assert.Contains("ask pick", Refused(manifest with
        {
            Agents = [manifest.Agents[0] with { Handlers = [] }],
        }), StringComparison.Ordinal);
        Assert.Contains("ask plan", Refusal(Policy(Longest, """

              ask plan:
                with: { ready: list<Ready> }
                returns: Choice
                do: |
                  return Choice(process = 1, fuel = 1)
            """)), StringComparison.Ordinal);
    }

    // Where guests answer at once fuel is time; else the clock of the rig stands and each turn is a nanosecond.
    private const long PeriodDone = 100_000;
    private const long PeriodRunning = 200;

    private static SystemRig Run(string? module, bool running)
    {
        var rig = new SystemRig(running);
        Workload(rig);
        rig.Policy = module is null ? new PolicyChoice { RunningMax = 1 } : Choice(rig, module, running);
        rig.Boot();
        return rig.Message("go", SystemRig.Int(Chain)).Stop();
    }

    private static void Workload(SystemRig rig)
    {
        foreach (var (manifest, code) in _workers)
        {
            rig.Add(manifest, () => CompiledModule.Instance(code));
        }
    }

    private static PolicyChoice Choice(SystemRig rig, string module, bool running)
    {
        var reasons = new List<string>();
        var policy = PolicyModule.Of(rig.Image(module), reasons);
        Assert.Empty(reasons);
        return new PolicyChoice
        {
            Module = policy,
            RunningMax = 1,
            Watchdog = running ? PeriodRunning : PeriodDone,
        };
    }

    // What each process did, in its order; who came when is the policy's affair.
    private static List<string> EachOf(SystemRig rig) =>
    [
        .. rig.Journal.Split('\n')
            .Where(line => line.StartsWith("  #", StringComparison.Ordinal))
            .Where(line => !line.Contains("commits", StringComparison.Ordinal)) // Batches are cut by turns.
            .Where(line => !line.Contains(" policy ", StringComparison.Ordinal))
            .OrderBy(line => line.TrimStart().Split(' ')[0], StringComparer.Ordinal),
    ];

    private static string Refusal(string program) => Reason(new SystemRig(running: false).Image(program));

    private static string Refused(BundleManifest manifest) =>
        Reason(new SystemRig(running: false).Image(manifest, () => new ScriptedGuest(_ => { })));

    private static string Reason(ModuleImage image)
    {
        var reasons = new List<string>();
        Assert.Null(PolicyModule.Of(image, reasons));
        return Assert.Single(reasons);
    }

    private static string Worker(int number) => $$"""
        tars: 1
        module: worker{{number}}
        version: 1.0.0
        summary: Sends itself one message after the other.
        capabilities:
          subscribe: { go: int, mine{{number}}: int }
          publish: { mine{{number}}: int, seen: int }
        state:
          events: int = 0
        handlers:
          message go as n:
            do: |
              publish("mine{{number}}", n)
          message mine{{number}} as n:
            do: |
              events += 1
              if 0 < n { publish("mine{{number}}", n - 1) }
              publish("seen", events)
        """;

    private static string Policy(string body, string more = "") => $$"""
        tars: 1
        module: chooser
        version: 1.0.0
        summary: Decides who is next.
        implements: scheduler
        state:
          count: int = 0
        handlers:
          ask pick:
            with: { ready: list<Ready> }
            returns: Choice
            do: |
              {{body.ReplaceLineEndings("\n      ")}}
        {{more}}
        """;
}
