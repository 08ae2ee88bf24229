using Tars.Base;
using Tars.Kernel.Checkpoints;
using Tars.Kernel.Ipc;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Sharding;

/// <summary>A tree of modules goes from one shard to another, with its processes and all that waits for them.</summary>
/// <remarks>
/// It happens while all shards stand still (<see cref="KernelEvent.Pause"/>) and no mail is on its way. The shard where
/// the tree lives packs it and changes nothing; the one that it goes to takes it; then all others learn of it, the old
/// one among them, which lets go of what it has. So a tree that cannot be taken stays where it is.
///
/// Invariants:
///   I1  Every message that waits in the tree, for it, or because of it, waits once, where it did in its order.
///   I2  Numbers stay: of processes, and of asks that wait. Where they live now is said by a table that all have.
///   I3  What is not taken whole has changed nothing.
/// The report of who has ended stays behind.
/// </remarks>
internal sealed class Moves(KernelState state, Shards shards)
{
    private const ushort Version = 4;

    /// <summary>Packs the tree of a module, and tells the outside; or why it cannot be moved just now.</summary>
    public void Out(KernelEvent.MoveOut move)
    {
        string? why = WhyNot(move.Module);
        var output = new ByteWriter();
        why ??= Pack(move.Module, output);
        why ??= shards.OutgoingBytesMax < output.Length ? "it is too much to go to another shard at once" : null;
        state.Outside.Packed(move.Module, why is null ? [.. output.Written] : [], why ?? "");
    }

    /// <summary>The tree of a module lives on another shard from now on, perhaps on this one.</summary>
    public void In(KernelEvent.MoveIn move)
    {
        string? why = Take(move);
        if (why is not null)
        {
            state.Audit(ProcessId.Outside, "move", NameOf(move.Module), why);
        }

        state.Outside.Moved(move.Module, move.Shard, why ?? "");
    }

    private string? WhyNot(int module)
    {
        if (!state.IsPaused || (uint)module >= (uint)state.System.Modules.Length)
        {
            return "the shards do not stand still, or there is no such module";
        }

        bool isSimple = state is { IsStopping: false, Link.Faults: null, Swaps.IsUnderWay: false }
            && shards.Plan.ShardOf(module) == shards.Own;
        if (!isSimple)
        {
            return "the system stops, a module is being swapped, or it does not live here";
        }

        if (shards.Plan.TreeOf(module).Any(state.Swaps.IsOnProbation))
        {
            return "an earlier version may have to come back";
        }

        var tree = TreeOf(module);
        return tree.Values.Select(one => WhyNot(one, tree)).FirstOrDefault(why => why is not null)
            ?? state.Processes.Values.Where(one => !tree.ContainsKey(one.Id))
                .Select(one => MovingMail.WhyNot(state, one.Outbox, tree.ContainsKey))
                .FirstOrDefault(why => why is not null);
    }

    private string? WhyNot(Process process, SortedDictionary<ProcessId, Process> tree)
    {
        bool isBusy = process is not
            { Phase: GuestPhase.Idle, Hold: Hold.None, LookDue: false, Fate: Fate.None, InFlight: 0, Guest: not null };
        string name = $"{process.Agent.Name} {process.Id}";
        return isBusy ? $"{name} is busy"
            : process.Waiting is { Payload: null, Target: var target } && target == ProcessId.Outside
                ? $"{name} waits for a device"
            : process.HeldAsk < 0 || MovingMail.HoldsAskOfOutside(process.Mail)
                ? $"somebody outside waits for {name}"
            : process.HasWindows ? $"{name} reads a blob"
            : MovingMail.WhyNot(state, process.Outbox, id => !tree.ContainsKey(id)) is { } why ? $"{name}: {why}"
            : null;
    }

    private string? Pack(int module, ByteWriter output)
    {
        var tree = TreeOf(module);
        int[] modules = [.. shards.Plan.TreeOf(module)];
        output.U16(Version);
        output.U32((uint)tree.Count);
        foreach (var process in tree.Values)
        {
            output.I64(process.Id.Value);
            output.I64(process.Waiting is { Payload: null } ask ? ask.Number : 0);
            output.U32((uint)process.Agent.Place);
        }

        if (MovingBlobs.Save(state, tree.Values, modules, output) is { } tooMuch)
        {
            return tooMuch;
        }

        MovingCapabilities.Save(state, output);
        MovingModules.Save(state, modules, output);
        var batches = new BatchTable();
        batches.Save(output, tree.Values);
        foreach (var process in tree.Values)
        {
            var mail = state.Planted == Planted.MailLostInMove ? new Mailbox() : process.Mail;
            var outbox = MovingMail.Apart(state, process, id => !tree.ContainsKey(id));
            string? why = ProcessCodec.Save(output, process, batches, mail, outbox);
            outbox.LetGo();
            if (why is not null)
            {
                return $"{process.Agent.Name} {process.Id}: {why}";
            }

            ProcessCodec.SaveShared(output, process, batches);
        }

        foreach (var process in tree.Values)
        {
            ProcessCodec.SaveLinks(output, process, one => tree.ContainsKey(one.Id));
        }

        MovingModules.SaveOperated(state, modules, tree.Keys, output);
        return null;
    }

    /// <summary>All are to stand still: the others are told which numbers of those that came here are over, and forget
    /// them, so that a shard that nobody leaves keeps none either.</summary>
    public void TellOver()
    {
        var (processes, asks) = shards.Over();
        if (processes.Length + asks.Length == 0)
        {
            return;
        }

        for (int shard = 0; shard < shards.Plan.Count; shard++)
        {
            if (shard != shards.Own)
            {
                var output = shards.Record(shard, ShardTag.Over);
                Write(output, [.. processes.Select(one => one.Value)]);
                Write(output, asks);
            }
        }

        shards.Forget(processes, asks);
    }

    /// <summary>The same, as another shard says it. Who lives here is known better.</summary>
    public void TakeOver(ref ByteReader input)
    {
        ProcessId[] processes = [.. ReadNumbers(ref input).Select(one => new ProcessId(one))];
        long[] asks = ReadNumbers(ref input);
        if (!input.Failed)
        {
            shards.Forget([.. processes.Where(one => state.Find(one) is null)], asks);
        }
    }

    private static void Write(ByteWriter output, long[] numbers)
    {
        output.U32((uint)numbers.Length);
        foreach (long number in numbers)
        {
            output.I64(number);
        }
    }

    private static long[] ReadNumbers(ref ByteReader input)
    {
        var numbers = new List<long>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            numbers.Add(input.I64());
        }

        return [.. numbers];
    }

    private string? Take(KernelEvent.MoveIn move)
    {
        bool fits = state.IsPaused && (uint)move.Module < (uint)state.System.Modules.Length
            && (uint)move.Shard < (uint)shards.Plan.Count && move.Shard != shards.Plan.ShardOf(move.Module);
        if (!fits)
        {
            return "the shards do not stand still, or there is no such move";
        }

        var input = new ByteReader(move.Package.AsSpan());
        var rows = ReadRows(ref input);
        if (rows is null || input.Failed)
        {
            return "it is no package";
        }

        if (Limits.MovedNumbersMax < shards.MovedNumbers + (2L * rows.Length))
        {
            return "as many processes have moved as may";
        }

        if (move.Shard == shards.Own && Load(move.Module, rows, ref input) is { } why)
        {
            return why;
        }

        shards.Common++;
        bool wasHere = shards.Plan.ShardOf(move.Module) == shards.Own;
        shards.Moved(move.Module, move.Shard, rows);
        shards.Departures.Stands = true;
        if (wasHere)
        {
            MovingCapabilities.Told(state, move.Shard);
            LetGo(rows);
            MovingModules.LetGo(state, [.. shards.Plan.TreeOf(move.Module)], rows.Select(row => row.Process));
        }
        else if (move.Shard == shards.Own)
        {
            KeepOrder();
        }

        state.ProcessGeneration++;
        return null;
    }

    private MovedRow[]? ReadRows(ref ByteReader input)
    {
        bool known = input.U16() == Version;
        uint count = input.U32();
        var rows = new List<MovedRow>();
        for (uint left = count; known && 0 < left && !input.Failed; left--)
        {
            var row = new MovedRow(new ProcessId(input.I64()), input.I64(), (int)input.U32());
            bool isNext = rows is [] || rows[^1].Process < row.Process;
            known = isNext && 0 < row.Process.Value && 0 <= row.Ask
                && (uint)row.Agent < (uint)state.System.Agents.Length;
            rows.Add(row);
        }

        return known && !input.Failed && count <= Limits.ProcessesMax ? [.. rows] : null;
    }

    // Null, or why the octets cannot be taken; then nothing of them is here.
    private string? Load(int module, MovedRow[] rows, ref ByteReader input)
    {
        if (rows.Any(row => state.Find(row.Process) is not null || IsUnborn(row.Process)))
        {
            return "it is no package of this system";
        }

        int[] modules = [.. shards.Plan.TreeOf(module)];
        var before = new ByteWriter();
        MovingModules.Save(state, modules, before);
        using var blobs = MovingBlobs.Load(state, ref input, out string? why);
        var capabilities = MovingCapabilities.Load(state, ref input);
        why ??= MovingModules.Load(state, modules, ref input)
            ? LoadProcesses(modules, rows, ref input)
            : "it is no package of this system";
        if (why is not null)
        {
            var kept = new ByteReader(before.Written);
            Invariant.Holds(MovingModules.Load(state, modules, ref kept)); // I3: this kernel has written it.
            capabilities.LetGo(state);
            return why;
        }

        capabilities.Settle(state, rows.Select(row => row.Process).ToHashSet(), shards.Plan.ShardOf(module));
        return null;
    }

    private string? LoadProcesses(int[] modules, MovedRow[] rows, ref ByteReader input)
    {
        var batches = new BatchTable();
        string? why = batches.Load(ref input) ? null : "its lines are not whole";
        for (int index = 0; index < rows.Length && why is null; index++)
        {
            why = ProcessCodec.Load(state, ref input, batches, rows[index].Process)
                ?? LoadWaiting(rows[index], ref input, batches);
        }

        Process[] processes = [.. rows.Select(row => state.Find(row.Process)).OfType<Process>()];
        for (int index = 0; index < processes.Length && why is null; index++)
        {
            ProcessCodec.LoadLinks(state, processes[index], ref input);
        }

        var operated = why is null
            ? MovingModules.LoadOperated(state, modules, rows.Select(row => row.Process), ref input)
            : null;
        why ??= operated is null || input.Failed || !input.AtEnd ? "it is not whole" : null;
        if (why is not null || operated is null)
        {
            foreach (var process in processes)
            {
                Remove(process);
            }

            return why;
        }

        BatchTable.CountTakers(processes);
        MovingModules.Take(state, operated);
        foreach (var process in processes)
        {
            Begin(process);
        }

        return null;
    }

    // A number that this shard has yet to give out.
    private bool IsUnborn(ProcessId id) =>
        shards.Plan.ShardOfNumber(id.Value) == shards.Own && state.LastId < id.Value;

    private string? LoadWaiting(MovedRow row, ref ByteReader input, BatchTable batches)
    {
        if (state.Find(row.Process) is not { } process || process.Agent.Place != row.Agent)
        {
            return "a process of it is not the one that it names";
        }

        return ProcessCodec.LoadShared(state, process, ref input, batches)
            ? null
            : "what waits for room is not whole";
    }

    private void Begin(Process process)
    {
        if (process.Held is not null)
        {
            shards.Arrivals.Holding[process.Id] = process;
        }

        state.Asks.Adopt(process);
        state.Outside.Started(process.Id, process.Agent.Module.Manifest.Name, process.Agent.Name);
        state.Wake(process);
    }

    // The new shard: who has mail on the link keeps to it, for it may be for one that lives here from now on.
    private void KeepOrder()
    {
        foreach (var process in state.Processes.Values)
        {
            shards.Departures.Late(process);
        }
    }

    // The old shard: what is gone is gone, and what waits here for it goes after it.
    private void LetGo(MovedRow[] rows)
    {
        var gone = rows.Select(row => row.Process).ToHashSet();
        foreach (var row in rows)
        {
            if (state.Find(row.Process) is { } process)
            {
                for (int index = 0; index < process.Mail.Count; index++)
                {
                    if (process.Mail.At(index) is { Kind: MailKind.Lines, Lines: { } lines })
                    {
                        state.Supervisor.Release(lines);
                    }
                }

                state.Outside.Departed(process.Id);
                Remove(process);
            }
        }

        foreach (var process in state.Processes.Values)
        {
            process.BlockedSenders.RemoveAll(one => one.IsEnded);
            if (MovingMail.Names(process.Outbox, gone.Contains))
            {
                var before = process.Outbox;
                process.Outbox = MovingMail.Apart(state, process, gone.Contains);
                before.LetGo();
                shards.Departures.Late(process);
            }
        }
    }

    private void Remove(Process process)
    {
        process.IsEnded = true; // For whoever has it in a list.
        state.Processes.Remove(process.Id);
        state.CountAlive(process, -1);
        state.Clock.CancelAll(process);
        state.Asks.Release(process);
        shards.Arrivals.Holding.Remove(process.Id);
        process.Guest?.Dispose();
        process.Guest = null;
        process.Caps.LetGo();
        process.Mail.LetGo();
        process.Outbox.LetGo();
        process.Held?.LetGo();
        process.GivenBlobs = null;
        state.Warm.Ended(process);
    }

    private SortedDictionary<ProcessId, Process> TreeOf(int module)
    {
        var modules = shards.Plan.TreeOf(module).ToHashSet();
        var tree = new SortedDictionary<ProcessId, Process>();
        foreach (var process in state.Processes.Values.Where(one => modules.Contains(one.Agent.ModuleIndex)))
        {
            tree.Add(process.Id, process);
        }

        return tree;
    }

    private string NameOf(int module) =>
        (uint)module < (uint)state.System.Modules.Length ? state.System.Modules[module].Manifest.Name : "";
}

/// <summary>A process that has moved.</summary>
/// <param name="Ask">The number of the ask that it waits for; zero for none.</param>
/// <param name="Agent">Its place in the system.</param>
internal readonly record struct MovedRow(ProcessId Process, long Ask, int Agent);
