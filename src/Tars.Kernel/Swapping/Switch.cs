using Tars.Bundle.Manifest;
using Tars.Kernel.Blobs;
using Tars.Kernel.Caps;
using Tars.Kernel.Effects;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;
using Tars.Kernel.Sharding;
using Tars.Kernel.Timers;

namespace Tars.Kernel.Swapping;

/// <summary>The moment of a swap: all processes of the module become processes of the new version at once.</summary>
/// <remarks>
/// What could fail has been done before; nothing here refuses. Ids stay, so whoever knows a process goes on.
/// </remarks>
internal static class Switch
{
    /// <summary>What a static slot of the new version stands for.</summary>
    /// <param name="target">The agent as of the new version.</param>
    public static Capability CapabilityOf(
        KernelState state, SwapWork work, Process process, AgentImage target, SlotImage slot)
    {
        if (slot.Kind == SlotKind.Device)
        {
            return target.Narrowing?.MayUse(work.System.Devices[slot.Index].Name) == false
                ? new Capability.Withheld()
                : new Capability.OfDevice(new DeviceId(slot.Index));
        }

        if (slot.Kind == SlotKind.Channel)
        {
            return new Capability.OfChannel(slot.Index);
        }

        // An agent that names itself means this process, of however many there are.
        var agent = work.System.Agents[slot.Index];
        if (agent.Name == process.Agent.Name && agent.ModuleIndex == process.Agent.ModuleIndex)
        {
            return new Capability.OfProcess(process.Id);
        }

        if (work.Newcomers.TryGetValue(slot.Index, out var newcomer))
        {
            return new Capability.OfProcess(newcomer);
        }

        var named = state.Processes.Values.FirstOrDefault(one =>
            one.Agent.ModuleIndex == agent.ModuleIndex && one.Agent.Name == agent.Name);
        return new Capability.OfProcess(named?.Id ?? default);
    }

    /// <summary>What a new version was built with and does not run beside: each module is swapped by itself.</summary>
    /// <param name="system">As it is with it.</param>
    public static IEnumerable<string> Mixed(SystemImage system, ModuleImage now) =>
        from import in now.Manifest.Imports
        from module in system.Modules
        where module.Manifest.Name == import.Module && module.Hash != import.Hash
        select $"module `{import.Module}`, which it imports, runs in another version than it was built with";

    /// <summary>Carries it out; answers how many processes moved.</summary>
    public static int Carry(KernelState state, SwapWork work)
    {
        var before = state.System;
        LinkMail.Convert(state, work);
        state.Shards?.Swapped(work);
        foreach (var process in state.Processes.Values.Where(one => 0 < one.Outbox.Count))
        {
            process.Outbox = WaitingMail.Convert(state, process.Outbox, work);
        }

        state.Link.Convert(
            (target, mail, octets) => work.Transfers.TryGetValue(target.Id, out var transfer)
                ? WaitingMail.Convert(mail, octets, transfer.Move)
                : (mail, octets));
        state.DeadLetters.Convert(work);
        byte[] values = state.Params[work.Module];
        state.Params[work.Module] = ModuleParams.Carry(
            work.Old.Manifest, values, work.New.Manifest, work.Warnings);
        bool paramsChanged = !state.Params[work.Module].AsSpan().SequenceEqual(work.Params);
        state.Metrics[work.Module] = new MetricStore(work.New.Manifest.Metrics, state.Metrics[work.Module]);
        var moved = work.Transfers.Values.Where(one => !one.Process.IsEnded).ToArray();
        foreach (var transfer in moved)
        {
            Become(state, work, transfer);
            transfer.Process.ParamsDue = paramsChanged;
        }

        Relink(state, before, work.System, work.Module);
        EndRoutes(state);
        foreach (var (place, id) in work.Newcomers)
        {
            state.Births.BeginNewcomer(state.System.Agents[place], id);
        }

        foreach (var transfer in moved)
        {
            state.Effects.ApplyLogs(transfer.Process, transfer.Logged);
            transfer.Process.Hold = Hold.None;
            state.Delivery.Flush(transfer.Process);
            state.Wake(transfer.Process);
        }

        return moved.Length;
    }

    private static void Become(KernelState state, SwapWork work, Transfer transfer)
    {
        var process = transfer.Process;
        var move = transfer.Move;
        var timers = new TimerEntry?[transfer.Target.Handlers.Length];
        var counts = new HandlerCounts[transfer.Target.Handlers.Length];
        for (int handler = 0; handler < move.Handlers.Length; handler++)
        {
            int now = move.Handlers[handler].Handler;
            if (0 <= now)
            {
                counts[now] = process.Counts[handler];
                timers[now] = process.Timers[handler];
                timers[now]?.Move(now);
            }
            else if (process.Timers[handler] is { IsSet: true })
            {
                state.Clock.Cancel(process, handler);
                work.Warnings.Add($"timer {move.Old.Handlers[handler].Subject} of {process.Id} is cancelled");
            }
        }

        process.Mail = WaitingMail.Convert(process.Mail, move);
        process.Held = process.Held is { } held ? WaitingMail.Convert(held, move) : null;
        Spoil(state, process);
        process.Guest!.Dispose(); // Quiet processes have one.
        process.Become(transfer.Target, transfer.Guest!, timers, counts); // A transfer that is done has one.
        process.Caps.LetGo();
        process.Caps = transfer.Caps;
        process.Caps.Holder = process.Id;
        process.Self = transfer.Self;
        process.Given = transfer.Given;
        process.GivenBlobs = BlobPlaces.HoldOf(transfer.Target.Given, transfer.Given, state.Blobs);
        process.Evidence = transfer.Evidence;
        process.Strengths = transfer.Strengths;
        process.BeliefsDue = false;
        process.MemoryHigh = Math.Max(process.MemoryHigh, process.Guest.Memory.Length);
    }

    // What was narrowed from a device ends when its process's new version does not name the device any more.
    private static void EndRoutes(KernelState state)
    {
        if (state.Planted != Planted.RouteKeptInSwap)
        {
            state.Derivations.RevokeWhere(
                node => node.Parent is null && !state.Derivations.IsElsewhere(node.By) && !Names(state, node),
                "the new version does not name the device");
        }
    }

    private static bool Names(KernelState state, Derivation node) =>
        state.Find(node.By)?.Agent.Slots.Contains(new SlotImage(SlotKind.Device, node.Device.Value)) == true;

    // The mistakes that may be planted here.
    private static void Spoil(KernelState state, Process process)
    {
        if (state.Planted == Planted.TimerLostInSwap)
        {
            state.Clock.CancelAll(process);
        }
        else if (state.Planted == Planted.OrderLostInSwap)
        {
            process.Mail = WaitingMail.Turned(process.Mail);
        }
    }

    // Agents, channels and devices of the other modules are the same under new numbers.
    private static void Relink(KernelState state, SystemImage before, SystemImage now, int module)
    {
        state.System = now;
        state.Alive.Clear();
        int[] channels =
        [
            .. before.Channels.Select(old => now.Channels.ToList().FindIndex(one =>
                one.Module == old.Module && one.Pattern.Text == old.Pattern.Text)),
        ];
        foreach (var process in state.Processes.Values)
        {
            if (process.Agent.ModuleIndex != module)
            {
                process.Relink(now.Agents.First(one =>
                    one.ModuleIndex == process.Agent.ModuleIndex && one.AgentIndex == process.Agent.AgentIndex));
                process.Caps.Renumber(channel => channels[channel]);
            }

            state.CountAlive(process, +1);
        }

        state.ProcessGeneration++;
        state.Turns.Relist();
    }
}
