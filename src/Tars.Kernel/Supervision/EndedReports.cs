using Tars.Bundle.Manifest;
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
