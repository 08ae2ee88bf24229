using System.Collections.Immutable;
using Tars.Kernel.Ports;

namespace Tars.Devices.Store;

/// <summary>The twin of a `store` device: it keeps its values in memory, empty at first.</summary>
public sealed class Simulated : IAskedDevice
{
    private readonly Dictionary<string, ImmutableArray<byte>> _values = new(StringComparer.Ordinal);

    public Metrics Metrics { get; } = new();

    public DeviceAnswer? Ask(DeviceAsk asked)
    {
        Metrics.Asks++;
        if (Protocol.Read(asked, out string key, out var value) is { } refused)
        {
            Metrics.Failed++;
            return refused;
        }

        switch (asked.Operation)
        {
            case Device.Get:
                return _values.TryGetValue(key, out var found) ? Protocol.Found(found.AsSpan()) : Protocol.Nothing;
            case Device.Put when Limits.StoreKeysMax <= _values.Count && !_values.ContainsKey(key):
            case Device.PutNew when Limits.StoreKeysMax <= _values.Count && !_values.ContainsKey(key):
                Metrics.Failed++;
                return new DeviceAnswer.Failed(AskFailure.Refused, "the store is full");
            case Device.Put:
                _values[key] = value;
                return Protocol.Done;
            case Device.PutNew:
                return Protocol.Fresh(_values.TryAdd(key, value));
            case Device.Delete:
                _values.Remove(key);
                return Protocol.Done;
            default:
                return new DeviceAnswer.Failed(AskFailure.Refused, "a store has no such ask");
        }
    }
}
