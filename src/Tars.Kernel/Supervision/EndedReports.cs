using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Kernel.Checkpoints;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Supervision;

/// <summary>What processes that ended had done: each by itself while it is new, then added up by agent.</summary>
/// <remarks>Those that start with their module stay by themselves: there is one of each.</remarks>
internal sealed class EndedReports
{
    private readonly List<ProcessReport> _started = [];
    private readonly Queue<ProcessReport> _newest = new();
    private readonly SortedDictionary<(string Module, string Agent), EndedAgents> _older = [];

    public IEnumerable<ProcessReport> Processes => _started.Concat(_newest);

    public IEnumerable<EndedAgents> Older => _older.Values;

    public void Add(ProcessReport report, AgentStart starts)
    {
        if (starts == AgentStart.WithModule)
        {
            _started.Add(report);
            return;
        }

        _newest.Enqueue(report);
        if (Limits.EndedKeptMax < _newest.Count)
        {
            Fold(_newest.Dequeue());
        }
    }

    public void Save(ByteWriter output)
    {
        EndedCodec.Save(output, _started);
        EndedCodec.Save(output, _newest);
        output.U32((uint)_older.Count);
        foreach (var one in _older.Values)
        {
            output.Text(one.Module);
            output.Text(one.Agent);
            output.I64(one.Processes);
            output.I64(one.Events);
            output.I64(one.Committed);
            output.I64(one.Traps);
            output.I64(one.Restarts);
            output.I64(one.Fuel);
            output.I64(one.MemoryHigh);
        }
    }

    public bool Load(ref ByteReader input)
    {
        _started.AddRange(EndedCodec.Load(ref input));
        EndedCodec.Load(ref input).ForEach(_newest.Enqueue);
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            var (module, agent) = (input.Text(), input.Text());
            _older[(module, agent)] = new EndedAgents(
                module,
                agent,
                input.I64(),
                input.I64(),
                input.I64(),
                input.I64(),
                input.I64(),
                input.I64(),
                input.I64());
        }

        return !input.Failed && _newest.Count <= Limits.EndedKeptMax;
    }

    private void Fold(ProcessReport one)
    {
        var key = (one.Module, one.Agent);
        var sum = _older.GetValueOrDefault(key) ?? new EndedAgents(one.Module, one.Agent, 0, 0, 0, 0, 0, 0, 0);
        _older[key] = sum with
        {
            Processes = sum.Processes + 1,
            Events = sum.Events + one.Events,
            Committed = sum.Committed + one.Committed,
            Traps = sum.Traps + one.Traps,
            Restarts = sum.Restarts + one.Restarts,
            Fuel = sum.Fuel + one.Fuel,
            MemoryHigh = Math.Max(sum.MemoryHigh, one.MemoryHigh),
        };
    }
}
