using Tars.Kernel.Ports;

namespace Tars.Kernel.Supervision;

/// <summary>Events that were rolled back; the oldest give way when there are too many.</summary>
internal sealed class DeadLetterBox
{
    private readonly Queue<DeadLetter> _letters = new();

    /// <summary>How many there ever were.</summary>
    public long Total { get; private set; }

    public IEnumerable<DeadLetter> Letters => _letters;

    public void Add(DeadLetter letter)
    {
        Total++;
        if (_letters.Count == Limits.DeadLettersMax)
        {
            _letters.Dequeue();
        }

        _letters.Enqueue(letter);
    }
}
