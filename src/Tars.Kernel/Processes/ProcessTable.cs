using Tars.Kernel.Ports;

namespace Tars.Kernel.Processes;

/// <summary>The processes that have not ended: walked in order of birth, found by id at once.</summary>
/// <remarks>Every message looks its receiver up, so that finding may not cost more the more processes there are.
/// </remarks>
internal sealed class ProcessTable
{
    private readonly Dictionary<long, Process> _byId = [];

    public int Count => _byId.Count;

    /// <summary>In order of birth.</summary>
    public InOrder<Process> Values { get; } = new();

    /// <summary>All ids are above this one: the outside's, but for the process of a policy.</summary>
    public ProcessId Below
    {
        get;
        set => (field, Highest) = (value, value);
    }

    /// <summary>The highest id that was ever added.</summary>
    public ProcessId Highest { get; private set; }

    /// <summary>Null when none with that id is alive.</summary>
    public Process? Find(ProcessId id) => _byId.GetValueOrDefault(id.Value);

    public void Add(ProcessId id, Process process)
    {
        _byId.Add(id.Value, process);
        Values.Add(id, process);
        Highest = Highest < id ? id : Highest;
    }

    public void Remove(ProcessId id)
    {
        if (_byId.Remove(id.Value))
        {
            Values.Remove(id);
        }
    }
}
