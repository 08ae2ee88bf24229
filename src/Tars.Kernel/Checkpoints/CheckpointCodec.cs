using Tars.Base;
using Tars.Bundle.Container;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;
using Tars.Kernel.Sharding;

namespace Tars.Kernel.Checkpoints;

/// <summary>The octets of all that a kernel is between two Steps. Reading believes nothing and never throws.</summary>
/// <remarks>
/// Every part of the kernel that has a state of its own writes and reads it itself; here stands their order. What is
/// not written is worked out again: routes, counts of the living, who is whose child.
///
/// To add a field to a part: a line in its Save and one in its Load. A test holds the list of all fields and fails
/// for one that it does not know; another takes a checkpoint after every step of every kernel test.
///
/// Of the scheduler that is written which the policies look at, and of a module that decides all that it is: its
/// process lives in a kernel of its own, which has a checkpoint as any other. Which processes are warm is written too:
/// it decides whose rings are taken, and a guest that keeps no undo log can see that.
///
/// Invariant: what Save wrote, Load makes a state of that does what the first one would have done.
/// </remarks>
internal static class CheckpointCodec
{
    private const ushort Version = 5;

    /// <summary>Why no checkpoint can be taken just now; null when one can.</summary>
    public static string? WhyNot(KernelState state) =>
        state.IsStopping ? "the system stops"
        : 0 < state.Running || state.Processes.Values.Any(IsBusy) ? "a guest runs"
        : state.Swaps.IsUnderWay ? "a module is swapped"
        : state.Link.Faults is not null ? "messages have faults, which only a simulation has"
        : state.Turns.IsAsking ? "a module is asked which process runs next"
        : state.IsPaused ? "all shards stand still"
        : state.Planted != Planted.None ? "the kernel has a mistake that a test has put in"
        : null;

    /// <summary>Writes a state of which <see cref="WhyNot"/> has nothing to say.</summary>
    /// <returns>Null, or why a guest cannot be written.</returns>
    public static string? Save(KernelState state, ByteWriter output)
    {
        output.U16(Version);
        output.U32((uint)state.System.Modules.Length);
        foreach (var module in state.System.Modules)
        {
            output.U64(module.Hash.A);
            output.U64(module.Hash.B);
            output.U64(module.Hash.C);
            output.U64(module.Hash.D);
        }

        output.I64(state.Now.Instant);
        output.I64(state.Now.Monotonic);
        output.U64(state.Seed);
        output.I64(state.LastId);
        output.U8(state.Shards is null ? (byte)0 : (byte)1);
        state.Shards?.Save(output);
        state.Blobs.Save(output);
        foreach (byte[] values in state.Params)
        {
            output.U32((uint)values.Length);
            output.Bytes(values);
        }

        foreach (var metrics in state.Metrics)
        {
            metrics.Save(output);
        }

        state.Trace.Save(output);
        state.Births.Save(output);
        state.Supervisor.Save(output);
        state.Clock.Save(output);
        state.DeadLetters.Save(output);
        state.Denials.Save(output);
        state.Returns.Save(output);
        state.Ended.Save(output);
        state.Swaps.Save(output);
        state.Derivations.Save(output);
        var batches = new BatchTable();
        batches.Save(output, state.Processes.Values);
        output.U32((uint)state.Processes.Count);
        foreach (var process in state.Processes.Values)
        {
            if (ProcessCodec.Save(output, process, batches) is { } why)
            {
                return $"{process.Agent.Name} {process.Id}: {why}";
            }

            if (state.Shards is not null)
            {
                ProcessCodec.SaveShared(output, process, batches);
                output.U8(process.SendsByLink ? (byte)1 : (byte)0);
            }
        }

        foreach (var process in state.Processes.Values)
        {
            ProcessCodec.SaveLinks(output, process);
        }

        state.Warm.Save(output);
        string? unfit = state.Turns.Save(output);
        state.Asks.Save(output);
        state.OutsideAsks.Save(output);
        return unfit;
    }

    /// <summary>Fills a fresh state. When the answer is not null, the state is of no use and its guests are to be
    /// let go of.</summary>
    /// <param name="load">Loads a version that does not run, and that may come back.</param>
    /// <returns>Null, or why the octets are no checkpoint of this system.</returns>
    public static string? Load(
        KernelState state, ReadOnlySpan<byte> octets, Func<BundleHash, ModuleImage?> load)
    {
        var input = new ByteReader(octets);
        if (input.U16() != Version)
        {
            return "it is a checkpoint of another version";
        }

        if (!IsOf(state.System, ref input))
        {
            return "it is a checkpoint of other modules";
        }

        if (!LoadHead(state, ref input, load))
        {
            return "its head is not whole";
        }

        var batches = new BatchTable();
        uint count = batches.Load(ref input) ? input.U32() : 0;
        if (Limits.ProcessesMax < count)
        {
            input.Fail();
        }

        for (uint index = 0; index < count && !input.Failed; index++)
        {
            if (ProcessCodec.Load(state, ref input, batches) is { } why)
            {
                return why;
            }

            if (state.Shards is { } shards && !LoadShared(state, shards, ref input, batches))
            {
                return "what waits for room is not whole";
            }
        }

        BatchTable.CountTakers(state.Processes.Values);
        foreach (var process in state.Processes.Values)
        {
            ProcessCodec.LoadLinks(state, process, ref input);
        }

        bool whole = state.Warm.Load(ref input, state.Find) && state.Turns.Load(ref input)
            && state.Asks.Load(ref input) && state.OutsideAsks.Load(ref input)
            && !input.Failed && input.AtEnd && (state.Shards is not null || EndsEachWait(state));
        state.Blobs.LetGoUnheld();
        return whole ? null : "it is not whole";
    }

    private static bool IsBusy(Process process) => process is not
        { Phase: GuestPhase.Idle, Hold: Hold.None, LookDue: false, Fate: Fate.None, InFlight: 0, Guest: not null };

    private static bool IsOf(SystemImage system, ref ByteReader input)
    {
        bool same = input.U32() == system.Modules.Length;
        for (int index = 0; same && index < system.Modules.Length; index++)
        {
            same = new BundleHash(input.U64(), input.U64(), input.U64(), input.U64())
                == system.Modules[index].Hash;
        }

        return same && !input.Failed;
    }

    private static bool LoadHead(KernelState state, ref ByteReader input, Func<BundleHash, ModuleImage?> load)
    {
        state.Now = new Moment(input.I64(), input.I64());
        state.Seed = input.U64();
        state.LastId = input.I64();
        bool isShard = input.U8() != 0;
        bool fits = isShard == state.Shards is not null && state.Shards?.Load(ref input) != false;
        if (!fits || state.Now.Monotonic < 0 || state.LastId <= state.Processes.Below.Value - state.NumberStep
            || !state.Blobs.Load(ref input))
        {
            return false;
        }

        for (int module = 0; module < state.Params.Length; module++)
        {
            byte[] values = input.Bytes(input.U32()).ToArray();
            if (!Effects.ModuleParams.Fit(state.System.Modules[module].Manifest, values))
            {
                return false;
            }

            state.Params[module] = values;
        }

        foreach (var metrics in state.Metrics)
        {
            metrics.Load(ref input);
        }

        state.Trace.Load(ref input);
        return state.Births.Load(ref input) && state.Supervisor.Load(ref input) && state.Clock.Load(ref input)
            && state.DeadLetters.Load(ref input) && state.Denials.Load(ref input) && state.Returns.Load(ref input)
            && state.Ended.Load(ref input) && state.Swaps.Load(ref input, load)
            && state.Derivations.Load(ref input, state.System) && !input.Failed;
    }

    // Of the process that was read last.
    private static bool LoadShared(KernelState state, Shards shards, ref ByteReader input, BatchTable batches)
    {
        if (state.Find(state.Processes.Highest) is not { } process
            || !ProcessCodec.LoadShared(state, process, ref input, batches))
        {
            return false;
        }

        process.SendsByLink = input.U8() != 0;
        if (process.Held is not null)
        {
            shards.Arrivals.Holding[process.Id] = process;
        }

        return true;
    }

    // Octets may say that processes wait for each other in a ring, which no run of one shard can come to. One of
    // several comes to it when a module moves in whose ask was still on its way, and a probe ends it.
    private static bool EndsEachWait(KernelState state)
    {
        foreach (var process in state.Processes.Values)
        {
            int steps = 0;
            for (var at = process; at?.Waiting is { Payload: null } ask; at = state.Find(ask.Target))
            {
                if (state.Processes.Count < ++steps)
                {
                    return false;
                }
            }
        }

        return true;
    }
}
