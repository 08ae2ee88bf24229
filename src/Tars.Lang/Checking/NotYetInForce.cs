using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Lang.Binding;
using Tars.Lang.Symbols;

namespace Tars.Lang.Checking;

/// <summary>
/// Lists what a module declares and this version cannot run yet, so that nobody waits for it in vain.
/// </summary>
internal sealed class NotYetInForce(ModuleScope module)
{
    private static readonly string[] _devicesInForce =
    [
        "lines", "console", "button", "block", "store", "directory", "random", "fetch", "http", "tcp", "udp",
        "introspect",
    ];

    private readonly List<string> _list = [];

    public ImmutableArray<string> Find()
    {
        foreach (DeviceSymbol device in module.Symbol.Devices.Where(one => !_devicesInForce.Contains(one.Kind.Name)))
        {
            Add($"device `{device.Name}` of kind `{device.Kind.Name}`", device.Span);
        }

        foreach (MetricSpec metric in module.Symbol.Metrics.Where(one => one.From == MetricSource.Channels))
        {
            _list.Add($"metric `{metric.Name}` from: channels");
        }

        return [.. _list];
    }

    private void Add(string what, TextSpan at) =>
        _list.Add($"{what} (line {module.Source.PositionOf(at.Start).Line})");
}
