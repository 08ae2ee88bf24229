using Tars.Base;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Scheduling;

/// <summary>Those who are ready, in the order in which they became so; anyone can be taken out at once.</summary>
/// <remarks>The links lie in the processes, so that nothing is allocated and nothing is searched.</remarks>
internal sealed class ReadyList
{
    private Process? _last;

    /// <summary>Who has been ready longest.</summary>
    public Process? First { get; private set; }

    public int Count { get; private set; }

    public void Add(Process process)
    {
        process.Turn.Before = _last;
        process.Turn.Behind = null;
        if (_last is null)
        {
            First = process;
        }
        else
        {
            _last.Turn.Behind = process;
        }

        _last = process;
        Count++;
    }

    public void Remove(Process process)
    {
        var (before, behind) = (process.Turn.Before, process.Turn.Behind);
        Invariant.Holds(before is not null || First == process);
        if (before is null)
        {
            First = behind;
        }
        else
        {
            before.Turn.Behind = behind;
        }

        if (behind is null)
        {
            _last = before;
        }
        else
        {
            behind.Turn.Before = before;
        }

        process.Turn.Before = null;
        process.Turn.Behind = null;
        Count--;
    }
}
