using System.Text;
using Tars.Base;
using Tars.Bundle;
using Tars.Bundle.Schema;
using Tars.Kernel.Linking;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Ipc;

/// <summary>Knows who takes the messages of a channel, in order of process id.</summary>
/// <remarks>
/// What it found is remembered until a process is born or ends, so publishing again looks up one table.
/// </remarks>
internal sealed class Router(KernelState state)
{
    private readonly Dictionary<byte[], Route> _routes = new(OctetComparer.Instance);

    /// <summary>The receivers of a channel; null when the octets are no channel's name.</summary>
    public Route? Find(ReadOnlySpan<byte> channel)
    {
        var bySpan = _routes.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (bySpan.TryGetValue(channel, out var known) && known.Generation == state.ProcessGeneration)
        {
            return known;
        }

        if (!IsChannel(channel))
        {
            return null;
        }

        if (Limits.RoutesMax <= _routes.Count)
        {
            _routes.Clear();
        }

        var route = Work(Encoding.UTF8.GetString(channel));
        _routes[channel.ToArray()] = route;
        return route;
    }

    private Route Work(string channel)
    {
        var segments = channel.Split('/');
        var receivers = new List<Receiver>();
        foreach (var process in state.Processes.Values)
        {
            foreach (var message in process.Agent.Messages)
            {
                if (message.Pattern.Matches(segments) && process.Agent.Narrowing?.MayHear(segments) != false)
                {
                    receivers.Add(new Receiver(process, message.Handler, Captures(message.Pattern, segments)));
                }
            }
        }

        var type = state.System.TypeOf(channel);
        return new Route(
            channel,
            type,
            type is not null && SlotPlaces.AnyIn(type),
            [.. state.System.Channels.Select(one => one.Pattern.Matches(segments))],
            [.. receivers],
            [.. Elsewhere(segments)],
            state.ProcessGeneration);
    }

    // Modules of other shards, of which some agent takes the channel; which of their processes live is known there.
    private IEnumerable<int> Elsewhere(string[] segments) => state.Shards is not { } shards
        ? []
        : state.System.Agents
            .Where(agent => shards.Plan.ShardOf(agent.ModuleIndex) != shards.Own
                && agent.Messages.Any(message => message.Pattern.Matches(segments)))
            .Select(agent => agent.ModuleIndex)
            .Distinct();

    private static byte[] Captures(ChannelPattern pattern, string[] segments)
    {
        var captures = new ByteWriter(16);
        foreach (var capture in pattern.Captures(segments))
        {
            captures.Text(capture);
        }

        return captures.ToArray();
    }

    internal static bool IsChannel(ReadOnlySpan<byte> name)
    {
        int segments = 1;
        int length = 0;
        foreach (byte octet in name)
        {
            if (octet == '/')
            {
                segments++;
                length = 0 < length ? 0 : int.MinValue;
                continue;
            }

            bool allowed = octet is (>= (byte)'a' and <= (byte)'z') or (>= (byte)'0' and <= (byte)'9') or (
                byte)'_' or (byte)'-';
            length = allowed && 0 <= length ? length + 1 : int.MinValue;
        }

        return 0 < length && segments <= BundleLimits.ChannelSegmentsMax;
    }

    /// <param name="Suffix">Captured segments, encoded: they follow the value in the event.</param>
    internal readonly record struct Receiver(Process Process, int Handler, byte[] Suffix);

    /// <param name="Patterns">For each pattern of the system, whether the channel matches it.</param>
    /// <param name="Elsewhere">The modules on other shards that take it.</param>
    internal sealed record Route(
        string Channel,
        SchemaType? Type,
        bool HoldsSlots,
        bool[] Patterns,
        Receiver[] Receivers,
        int[] Elsewhere,
        long Generation);

    private sealed class OctetComparer
        : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static OctetComparer Instance { get; } = new();

        public bool Equals(byte[]? left, byte[]? right) => left.AsSpan().SequenceEqual(right);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] octets) => GetHashCode(octets.AsSpan());

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        // FNV-1a, the same in every run.
        public int GetHashCode(ReadOnlySpan<byte> octets)
        {
            uint hash = 2_166_136_261;
            foreach (byte octet in octets)
            {
                hash = (hash ^ octet) * 16_777_619;
            }

            return (int)hash;
        }
    }
}
