using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Sim.Swarm;

/// <summary>The outside of a swarm: tells the model what the kernel does, and keeps what is to be answered.</summary>
internal sealed class SwarmOutside(KernelModel model, Coverage coverage) : IOutside
{
    private readonly Dictionary<ProcessId, string> _agents = [];
    private BundleManifest? _manifest;
    private int _linesBefore;

    /// <summary>Numbers of the asks of the device, the answered ones too.</summary>
    public List<(long Ask, ProcessId Asker)> DeviceAsks { get; } = [];

    /// <summary>Numbers of what the outside asked that are not answered yet.</summary>
    public HashSet<long> Open { get; } = [];

    /// <summary>Lines that the kernel has not given back.</summary>
    public HashSet<LineBatch> Lines { get; } = [];

    /// <summary>How many batches of lines did not come back; those of a kernel that went on among them.</summary>
    public int LinesLeft => Lines.Count + _linesBefore;

    /// <summary>Which version of the module runs.</summary>
    public int Version { get; private set; }

    /// <summary>The first thing that only the outside could see.</summary>
    public string? Problem { get; private set; }

    /// <summary>The lines of the trace; null when nobody reads it.</summary>
    public List<string>? Trace { get; init; }

    public void Begin(BundleManifest manifest) => _manifest = manifest;

    public void Started(ProcessId process, string module, string agent)
    {
        Note($"{process} is {agent}");
        _agents[process] = agent;
        model.Started(process, agent);
    }

    public void Ended(ProcessId process, EndReason reason, string detail)
    {
        Note($"{process} ended {reason} {detail}");
        coverage.Add($"ended {reason}");
        model.Ended(process, reason);
    }

    public void Published(
        ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
    {
        if (channel.SequenceEqual("seen"u8))
        {
            var said = Said.Read(value);
            if (Trace is not null)
            {
                Note($"{from} {said.What}({said.A}, {said.B}, {said.C})");
            }

            coverage.Add(said.What);
            model.Say(from, said);
        }
    }

    public void Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments)
    {
    }

    public void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
    {
        Note($"{from} asks the device: {ask}");
        DeviceAsks.Add((ask, from));
    }

    public void Answered(long number, bool failed, SchemaType type, ReadOnlySpan<byte> answer)
    {
        Note($"outside is answered {number}{(failed ? ": a failure" : "")}");
        if (!Open.Remove(number))
        {
            Problem ??= $"the outside was answered {number}, which it does not ask";
        }
    }

    public void Measured(ProcessId from, int metric, double value)
    {
    }

    public void Logged(ProcessId from, ReadOnlySpan<byte> entry)
    {
    }

    public void Audited(Audit entry)
    {
        if (Trace is not null)
        {
            Note($"{entry.Process} {entry.Effect} {entry.Target}: {entry.Reason} ({entry.Count})");
        }

        coverage.Audit(entry);
        model.Audit(entry);
    }

    public void Trapped(DeadLetter letter)
    {
        Note($"{letter.Process} trapped in {letter.Handler}: {letter.Fault} {letter.Trap} {letter.Detail}");
        coverage.Add(letter.Fault);
        coverage.Add(letter.Trap);
        model.Trapped(letter, AgentOf(letter.Process));
    }

    public void InputTaken(LineBatch batch)
    {
        if (!Lines.Remove(batch) && --_linesBefore < 0)
        {
            Problem ??= "a batch of lines came back twice";
        }
    }

    public void Committed(ProcessId process, int handler, int count, long arrived)
    {
        if (Trace is not null)
        {
            Note($"{process} commits {count} of {handler}");
        }

        model.Commit(process, AgentOf(process).Handlers[handler], count, arrived);
    }

    /// <summary>The kernel is lost, and another goes on: it has batches of its own with the same lines.</summary>
    public void Lose()
    {
        _linesBefore += Lines.Count;
        Lines.Clear();
    }

    public void Operated(OperatorAct act)
    {
        Note($"{act.Act} {act.Target} {act.Refusal}");
        coverage.Operated(act);
        model.Operated(act);
    }

    public void Looked(ProcessId process, SavedState? state, string failure)
    {
        Note($"{process} was looked at {failure}");
        model.Look(process, state);
    }

    public void Swapped(SwapReport report)
    {
        Note($"swap {report.From} -> {report.To} {string.Join("; ", report.Refusals)}");
        coverage.Swap(report);
        model.Swapped(report);
        if (report.IsDone)
        {
            _manifest = report.System.Modules[0].Manifest;
            Version = Array.FindIndex(
                [.. Enumerable.Range(0, SwarmModules.Count)],
                version => report.System.Modules[0].Hash == SwarmModules.HashOf(version));
        }
    }

    /// <summary>True for the version that runs, and false for one that is to take over.</summary>
    public bool Runs(BundleManifest manifest) => ReferenceEquals(manifest, _manifest);

    /// <summary>What a process runs, by the manifest of its version.</summary>
    public AgentSpec AgentOf(ProcessId process, BundleManifest manifest) =>
        manifest.Agents.First(one => one.Name == _agents[process]);

    private AgentSpec AgentOf(ProcessId process) => AgentOf(process, _manifest!); // Begin comes before all.

    private void Note(string line) => Trace?.Add($"    {line}");
}
