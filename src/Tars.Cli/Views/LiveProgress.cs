using System.Globalization;
using Tars.Evolution.Search;

namespace Tars.Cli.Views;

/// <summary>How far a run of evolution has come, while it runs: at a terminal one line that is drawn again, else a
/// line now and then.</summary>
/// <param name="redraws">Whether the output is a terminal.</param>
/// <param name="value">A cost as its reader knows it.</param>
/// <param name="elapsed">Since the run began.</param>
internal sealed class LiveProgress(
    TextWriter output, bool redraws, Func<double?, string> value, Func<TimeSpan> elapsed)
{
    private const int PlotWidth = 24;
    private const string Heights = "▁▂▃▄▅▆▇█";
    private static readonly TimeSpan _everyLine = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _everyDraw = TimeSpan.FromMilliseconds(100);

    private readonly List<double> _best = [];
    private TimeSpan _told;
    private bool _isDrawn;

    /// <summary>A round has ended.</summary>
    public void Round(SearchProgress progress)
    {
        Keep(progress.Best);
        if (!IsTime())
        {
            return;
        }

        double seconds = Math.Max(elapsed().TotalSeconds, 0.001);
        Tell(string.Create(
            CultureInfo.InvariantCulture,
            $"generation {progress.Generation}, {progress.Evaluations} evaluations, "
                + $"{progress.Evaluations / seconds:0} a second, best {value(progress.Best)} {Plot()}").TrimEnd());
    }

    /// <summary>A model is speaking.</summary>
    /// <param name="characters">So far, of one answer.</param>
    public void Said(int characters)
    {
        if (IsTime())
        {
            Tell(string.Create(CultureInfo.InvariantCulture, $"the model has said {characters} characters"));
        }
    }

    /// <summary>Leaves the terminal as whoever comes next expects it.</summary>
    public void End()
    {
        if (_isDrawn)
        {
            output.Write("\r\e[K");
            output.Flush();
            _isDrawn = false;
        }
    }

    private bool IsTime()
    {
        var now = elapsed();
        if (now - _told < (redraws ? _everyDraw : _everyLine))
        {
            return false;
        }

        _told = now;
        return true;
    }

    private void Tell(string line)
    {
        output.Write(redraws ? $"\r\e[K{line}" : $"{line}\n");
        output.Flush();
        _isDrawn = redraws;
    }

    // Of a long run every other value goes when the plot is full, so that it always shows all of it.
    private void Keep(double best)
    {
        if (!double.IsFinite(best))
        {
            return;
        }

        _best.Add(best);
        if (PlotWidth * 2 <= _best.Count)
        {
            var half = _best.Where((_, place) => place % 2 == 1).ToList();
            _best.Clear();
            _best.AddRange(half);
        }
    }

    private string Plot()
    {
        var shown = _best.TakeLast(PlotWidth).ToList();
        if (shown.Count < 2)
        {
            return "";
        }

        double low = shown.Min();
        double width = shown.Max() - low;
        return string.Concat(shown.Select(one =>
            Heights[width <= 0 ? 0 : (int)Math.Round((one - low) / width * (Heights.Length - 1))]));
    }
}
