using System.Collections.Immutable;

namespace Tars.Evolution.Scenarios;

/// <summary>The reports of one metric over time, thinned evenly so that they never are too many.</summary>
internal sealed class SeriesStore
{
    private readonly List<MetricPoint> _points = [];
    private long _stride = 1;
    private long _seen;

    public ImmutableArray<MetricPoint> Points => [.. _points];

    public void Add(long at, double value)
    {
        if (_seen++ % _stride != 0)
        {
            return;
        }

        if (_points.Count == Limits.PointsMax)
        {
            for (int place = 0; place < Limits.PointsMax / 2; place++)
            {
                _points[place] = _points[2 * place];
            }

            _points.RemoveRange(Limits.PointsMax / 2, Limits.PointsMax / 2);
            _stride *= 2;
        }

        _points.Add(new MetricPoint(at, value));
    }
}
