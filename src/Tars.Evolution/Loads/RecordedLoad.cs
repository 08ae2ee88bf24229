using System.Collections.Immutable;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Loads;

/// <summary>A recorded run as a load: what ran, what came from outside, and what devices answered.</summary>
/// <param name="system">As it was linked in the recorded run.</param>
/// <param name="policy">Who decided in it.</param>
/// <param name="events">Of the recorded run, in order.</param>
/// <param name="owner">Of the code of all that; disposed of with the load.</param>
public sealed class RecordedLoad(
    SystemImage system,
    PolicyChoice policy,
    RecordedAnswers answers,
    ImmutableArray<KernelEvent> events,
    IDisposable owner) : IDisposable
{
    /// <summary>Runs it under the policy that decided when it was recorded.</summary>
    /// <param name="span">Nanoseconds of the recording from its first event on; what came later is left out.</param>
    /// <returns>Null with reasons.</returns>
    public LoadReport? RunAsRecorded(
        long span, long nanosecondsPerFuel, ICollection<string> reasons, CancellationToken stop) => LoadRun.Run(
            system,
            shards: null,
            policy.Kind,
            policy.Module?.Image,
            Within(span),
            [answers],
            nanosecondsPerFuel,
            reasons,
            stop);

    /// <summary>Runs it under a module's decisions; where the module fails, round-robin goes on.</summary>
    /// <param name="span">Nanoseconds of the recording from its first event on; what came later is left out.</param>
    /// <returns>Null with reasons.</returns>
    public LoadReport? RunUnder(
        ModuleImage module,
        long span,
        long nanosecondsPerFuel,
        ICollection<string> reasons,
        CancellationToken stop) => LoadRun.Run(
            system,
            shards: null,
            PolicyKind.RoundRobin,
            module,
            Within(span),
            [answers],
            nanosecondsPerFuel,
            reasons,
            stop);

    public void Dispose() => owner.Dispose();

    private IEnumerable<LoadEvent> Within(long span) => events.IsEmpty ? []
        : events.TakeWhile(one => one.At.Monotonic - events[0].At.Monotonic <= span)
            .Select(one => new LoadEvent(0, one));
}
