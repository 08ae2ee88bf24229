namespace Tars.Sim.Keeping;

/// <summary>What a run that is kept may show: each line once in each sum, and nothing that the disk could lose.
/// </summary>
/// <remarks>
/// It knows the lines and how many of them the journal has, and links what is shown to the line, and so to the event,
/// that made it.
/// </remarks>
internal sealed class KeepingModel
{
    /// <summary>Lines of this size are rolled back, so they count nowhere.</summary>
    public const int TrapSize = 5;

    private readonly List<(int Line, long Total)> _expected = [];
    private readonly Dictionary<long, long> _luck = [];
    private long? _last;

    /// <param name="sizes">Of all lines that the run will read.</param>
    public KeepingModel(IEnumerable<int> sizes)
    {
        long total = 0;
        foreach (var (line, size) in sizes.Index())
        {
            if (size != TrapSize)
            {
                total += size;
                _expected.Add((line, total));
            }
        }
    }

    /// <summary>The first thing that was not as it should be; null while there is none.</summary>
    public string? Problem { get; private set; }

    /// <summary>The number of the newest sum that was ever shown.</summary>
    public long Highest { get; private set; }

    /// <summary>How many sums were shown more than once.</summary>
    public long Repeats { get; private set; }

    /// <summary>True when all that there is was shown.</summary>
    public bool IsOver => Highest == _expected.Count;

    /// <summary>A sum is shown to the outside.</summary>
    public void Show(long number, long total, long luck)
    {
        if (number < 1 || _expected.Count < number)
        {
            Fail($"sum {number} is shown, and there are {_expected.Count}");
            return;
        }

        if (_expected[(int)number - 1].Total != total)
        {
            Fail($"sum {number} is shown as {total}, and is {_expected[(int)number - 1].Total}");
        }

        // What had left before a crash may leave again, from any place on; after that each follows the one before.
        bool follows = _last is { } last ? number == last + 1 : number <= Highest + 1;
        if (!follows)
        {
            Fail($"sum {number} is shown after {_last ?? Highest}");
        }

        if (!_luck.TryAdd(number, luck))
        {
            Repeats++;
            if (_luck[number] != luck)
            {
                Fail($"sum {number} is drawn anew when it is shown again");
            }
        }

        _last = number;
        Highest = Math.Max(Highest, number);
    }

    /// <summary>The power was cut, and the journal goes on.</summary>
    /// <param name="lines">How many lines it says that it has.</param>
    public void GoOn(long lines)
    {
        _last = null;
        if (0 < Highest && lines <= _expected[(int)Highest - 1].Line)
        {
            Fail($"sum {Highest}, of line {_expected[(int)Highest - 1].Line}, was shown, and {lines} lines are kept");
        }
    }

    private void Fail(string what) => Problem ??= what;
}
