using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Effects;

/// <summary>The metrics of one module, joined as their kinds say.</summary>
internal sealed class MetricStore(ImmutableArray<MetricSpec> specs)
{
    private readonly ImmutableArray<MetricSpec> _specs = specs;
    private readonly Joined[] _joined = new Joined[specs.Length];

    /// <summary>Goes on from another version's metrics, where name and kind are the same.</summary>
    public MetricStore(ImmutableArray<MetricSpec> specs, MetricStore before)
        : this(specs)
    {
        for (int metric = 0; metric < specs.Length; metric++)
        {
            int old = before._specs.ToList().FindIndex(one =>
                one.Name == specs[metric].Name && one.Kind == specs[metric].Kind);
            if (0 <= old)
            {
                _joined[metric] = before._joined[old];
            }
        }
    }

    /// <summary>False when there is no such metric or the value is not finite.</summary>
    public bool TryReport(int metric, double value)
    {
        if ((uint)metric >= (uint)_joined.Length || !double.IsFinite(value))
        {
            return false;
        }

        ref var joined = ref _joined[metric];
        joined.Max = joined.Count == 0 ? value : Math.Max(joined.Max, value);
        joined.Last = value;
        joined.Sum += value;
        joined.Count++;
        return true;
    }

    public void Save(ByteWriter output)
    {
        foreach (var joined in _joined)
        {
            output.I64(joined.Count);
            output.F64(joined.Sum);
            output.F64(joined.Last);
            output.F64(joined.Max);
        }
    }

    public void Load(ref ByteReader input)
    {
        foreach (ref var joined in _joined.AsSpan())
        {
            joined.Count = input.I64();
            joined.Sum = input.F64();
            joined.Last = input.F64();
            joined.Max = input.F64();
        }
    }

    public ImmutableArray<MetricReport> Report() => [.. _specs.Select((spec, index) => Report(spec, _joined[index]))];

    private static MetricReport Report(MetricSpec spec, Joined joined)
    {
        double? value = spec.Kind switch
        {
            MetricKind.Sum => joined.Sum,
            MetricKind.Last => joined.Count == 0 ? null : joined.Last,
            MetricKind.Mean => joined.Count == 0 ? null : joined.Sum / joined.Count,
            MetricKind.Max => joined.Count == 0 ? null : joined.Max,
            MetricKind.Once => joined.Count == 1 ? joined.Last : null,
        };
        return new MetricReport(spec.Name, value, joined.Count);
    }

    private struct Joined
    {
        public long Count;
        public double Sum;
        public double Last;
        public double Max;
    }
}
