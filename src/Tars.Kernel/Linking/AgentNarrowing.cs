using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Linking;

/// <summary>What an operator has left of the capabilities that an agent's code names.</summary>
/// <remarks>
/// Invariant: a narrowing takes away and never adds: what it leaves is looked at besides what is declared.
/// </remarks>
internal sealed class AgentNarrowing
{
    private readonly ImmutableArray<ChannelPattern> _heard;
    private readonly ImmutableDictionary<string, ImmutableArray<ChannelPattern>> _published;
    private readonly ImmutableArray<string> _withheld;

    private AgentNarrowing(BundleManifest manifest, ImmutableArray<Narrowing> rows)
    {
        _heard =
        [
            .. from channel in manifest.Subscribes
               let row = rows.FirstOrDefault(one =>
                   one.Kind == NarrowingKind.Subscribe && one.Name == channel.Pattern)
               from pattern in row?.Only ?? [channel.Pattern]
               select new ChannelPattern(pattern),
        ];
        _published = rows.Where(one => one.Kind == NarrowingKind.Publish)
            .DistinctBy(one => one.Name)
            .ToImmutableDictionary(
                one => one.Name,
                one => one.Only.Select(pattern => new ChannelPattern(pattern)).ToImmutableArray(),
                StringComparer.Ordinal);
        _withheld = [.. rows.Where(one => one.Kind == NarrowingKind.Device).Select(one => one.Name)];
    }

    /// <summary>Null for an agent that has all that its module declares.</summary>
    public static AgentNarrowing? Of(ModuleImage module, string agent)
    {
        ImmutableArray<Narrowing> rows = [.. module.Narrowings.Where(one => one.Agent == agent)];
        return rows.IsEmpty ? null : new AgentNarrowing(module.Manifest, rows);
    }

    public bool MayHear(string[] channel) => _heard.Any(one => one.Matches(channel));

    /// <param name="pattern">The declared one that the channel is published under.</param>
    public bool MayPublish(string pattern, string channel)
    {
        if (!_published.TryGetValue(pattern, out var only))
        {
            return true;
        }

        string[] segments = channel.Split('/');
        return only.Any(one => one.Matches(segments));
    }

    public bool MayUse(string device) => !_withheld.Contains(device);
}
