using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Lang.Binding;
using Tars.Lang.Symbols;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>
/// Lists what a module declares and this version cannot run yet, so that nobody waits for it in vain.
/// </summary>
internal sealed class NotYetInForce(ModuleScope module)
{
    private static readonly string[] _devicesInForce =
        ["lines", "console", "block", "store", "directory", "random", "fetch", "http", "tcp", "udp", "introspect"];

    private readonly List<string> _list = [];

    public ImmutableArray<string> Find(YamlNode root)
    {
        foreach (DeviceSymbol device in module.Symbol.Devices.Where(one => !_devicesInForce.Contains(one.Kind.Name)))
        {
            Add($"device `{device.Name}` of kind `{device.Kind.Name}`", device.Span);
        }

        foreach (MetricSpec metric in module.Symbol.Metrics.Where(one => one.From == MetricSource.Channels))
        {
            _list.Add($"metric `{metric.Name}` from: channels");
        }

        FindInAgentNodes(root);
        return [.. _list];
    }

    private void FindInAgentNodes(YamlNode root)
    {
        IEnumerable<YamlNode> agents = module.IsOneAgent
            ? [root]
            : root.Get("agentic").Get("agents").Entries().Select(entry => entry.Value);
        foreach (YamlNode agent in agents)
        {
            foreach (string key in new[] { "journal", "reject_after", "instructions", "skills" })
            {
                if (agent.Get(key) is YamlNode value && value.Text() is not ("off" or "recent" or "durable"))
                {
                    Add(key is "journal" ? $"{key}: {value.Text()}" : key, value.Span);
                }
            }

            foreach (string key in new[] { "fuel_per_second", "sends" })
            {
                if (agent.Get("limits").Get(key) is YamlNode value)
                {
                    Add($"limits.{key}", value.Span);
                }
            }
        }
    }

    private void Add(string what, TextSpan at) =>
        _list.Add($"{what} (line {module.Source.PositionOf(at.Start).Line})");
}
