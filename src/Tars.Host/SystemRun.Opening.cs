using System.Collections.Immutable;
using Tars.Devices.Host;
using Tars.Host.Control;
using Tars.Host.Granting;
using Tars.Host.Journal.Recent;
using Tars.Host.Moving;
using Tars.Host.Sharding;
using Tars.Kernel.Ports;

namespace Tars.Host;

/// <summary>What stands before the loop of a run: all that it needs is had, or what is lacking is told, and nothing is
/// left open either way.</summary>
public sealed partial class SystemRun
{
    /// <summary>Loads, links and runs, or says what bundles, engine, links, parameters or inputs lack.</summary>
    public static RunOutcome Run(
        IReadOnlyList<ReadOnlyMemory<byte>> bundles, RunOptions options, RunStreams streams, CancellationToken stop)
    {
        using var over = new RunToken(stop);
        if (Compose.Engine(options.Engine, over.Token) is not { } engine)
        {
            return new RunOutcome.Refused([Compose.WhyNot(options.Engine)]);
        }

        var grants = SystemGrants.Of(bundles, options);
        if (Compose.Took(options.Engine, engine, grants.Floors(options)) is { } took)
        {
            streams.Log.WriteLine(took);
        }

        if (grants.Refusals() is { Count: > 0 } refusals)
        {
            return new RunOutcome.Refused([.. refusals]);
        }

        options = grants.ApplyTo(options) with { Engines = new EngineDesk(engine, over.Token) };
        var outcome = 1 < options.Shards
            ? ShardedRun.Run(engine, bundles, options, streams, stop)
            : RunOnOne(engine, bundles, options, streams, stop);

        // What was being compiled when it was told to end was refused, and is not at fault.
        return outcome is RunOutcome.Refused && stop.IsCancellationRequested
            ? new RunOutcome.Refused(["told to end before it had begun"])
            : outcome;
    }

    private static RunOutcome RunOnOne(
        IEngine engine,
        IReadOnlyList<ReadOnlyMemory<byte>> bundles,
        RunOptions options,
        RunStreams streams,
        CancellationToken stop)
    {
        using var filled = new ArrivalQueue(stop, new WakeBoost());
        options = options with
        {
            Recent = options.KeepsRecent ? new RecentDesk(() => filled.Add(default), options.Engines) : null,
        };
        using var place = RunPlace.Open(engine, bundles, options);
        if (place.System is not { } system)
        {
            return new RunOutcome.Refused([.. place.Reasons]);
        }

        options = place.Options;
        var inputs = new InputOpener(system, options, streams.Input, filled, place.Inputs);
        var readers = inputs.Open();
        using var devices = new AskedDevices(system, options, filled, place.Inputs);
        PolicyChoice? policy = null;
        using var serving = new Serving(system, options, request => filled.Add(Arrival.Requested(request)));
        try
        {
            var unfit = new List<string>();
            policy = PolicyLoader.Load(
                place.Policy.Kind, place.Policy.Module, engine, options.Isolated, unfit);
            devices.Open(streams.Log);
            if (policy is not null && inputs.Reasons.Count + devices.Reasons.Count == 0)
            {
                serving.Open(streams.Log);
            }

            ImmutableArray<string> reasons =
            [
                .. inputs.Reasons, .. devices.Reasons, .. serving.Reasons, .. unfit.Select(one => $"--policy: {one}"),
            ];
            if (policy is null || !reasons.IsEmpty)
            {
                return new RunOutcome.Refused(reasons);
            }

            inputs.TellUnfed(readers, streams.Log);
            inputs.TellUnread(streams.Log);
            using var control = ControlServer.Open(options, system, () => filled.Add(default), out string unheard);
            if (unheard.Length != 0)
            {
                return new RunOutcome.Refused([$"--control: {unheard}"]);
            }

            if (place.Begin(streams, devices, policy, serving) is not { } start)
            {
                return new RunOutcome.Refused([.. place.Reasons]);
            }

            // An arrival of nothing only wakes the run.
            options.Swaps?.Attach(start.Kernel.System, () => filled.Add(default), options);
            using var run = new SystemRun(options, streams, readers, filled, devices, control, serving, start);
            return new RunOutcome.Ended(run.Loop(stop));
        }
        finally
        {
            filled.Leave(); // Also where the run broke.
            LetGo(readers, policy, options.Recent);
        }
    }

    private static void LetGo(ImmutableArray<InputReader> readers, PolicyChoice? policy, RecentDesk? recent)
    {
        recent?.Close();
        foreach (var reader in readers)
        {
            reader.Dispose();
        }

        policy?.Module?.Image.Code.Dispose();
    }
}
