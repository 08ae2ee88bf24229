using System.Collections.Concurrent;
using System.Text;

namespace Tars.Sim.Kills;

/// <summary>The whole lines that a process prints; of one that is killed the last may be a part, and is none.</summary>
internal sealed class LifeLines : IDisposable
{
    private readonly BlockingCollection<string> _lines = [];
    private readonly Thread _thread;

    /// <param name="output">Read up to its end by a thread.</param>
    public LifeLines(TextReader output)
    {
        _thread = new Thread(() => Read(output));
        _thread.Start();
    }

    /// <summary>True when nothing more comes.</summary>
    public bool IsOver => _lines.IsCompleted;

    /// <summary>Waits for the next one; null when there is none by then.</summary>
    public string? Next(int milliseconds) => _lines.TryTake(out string? line, milliseconds) ? line : null;

    /// <summary>All that come up to the end of the process.</summary>
    public IEnumerable<string> Rest() => _lines.GetConsumingEnumerable();

    /// <summary>To be called behind the end of the process.</summary>
    public void Dispose()
    {
        _thread.Join();
        _lines.Dispose();
    }

    private void Read(TextReader output)
    {
        var begun = new StringBuilder();
        char[] some = new char[4096];
        for (int count = output.Read(some); 0 < count; count = output.Read(some))
        {
            foreach (char one in some.AsSpan(0, count))
            {
                if (one != '\n')
                {
                    begun.Append(one);
                    continue;
                }

                _lines.Add(begun.ToString());
                begun.Clear();
            }
        }

        _lines.CompleteAdding();
    }
}
