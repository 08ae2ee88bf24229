using Tars.Bundle.Schema;

namespace Tars.Kernel.Linking;

/// <summary>The channel patterns of a system as a tree of segments, to find those that contradict another.</summary>
/// <remarks>
/// Looking each pattern up among all others pair by pair would take minutes for a large system. Here a lookup leaves
/// out every branch whose patterns all have the type that is looked for, and so whatever cannot contradict.
/// </remarks>
internal sealed class ChannelIndex
{
    private readonly Dictionary<int, Node> _byLength = [];

    /// <summary>Adds a channel after finding those that some channel joins it with, of another type.</summary>
    /// <param name="found">At most so many are found as it may still take.</param>
    public void Add(ChannelImage channel, List<ChannelImage> found, int foundMax)
    {
        var segments = channel.Pattern.Segments;
        if (!_byLength.TryGetValue(segments.Length, out var node))
        {
            _byLength[segments.Length] = node = new Node();
        }

        Find(node, segments.AsSpan(), channel.Type, found, foundMax);
        foreach (var segment in segments)
        {
            node.Join(channel.Type);
            node = node.Child(segment);
        }

        node.Join(channel.Type);
        node.Ends.Add(channel);
    }

    private static void Find(
        Node node, ReadOnlySpan<string> segments, SchemaType type, List<ChannelImage> found, int foundMax)
    {
        if (node.HasOnly(type) || foundMax <= found.Count)
        {
            return;
        }

        if (segments.IsEmpty)
        {
            found.AddRange(node.Ends.Where(other => !other.Type.Equals(type)).Take(foundMax - found.Count));
            return;
        }

        if (segments[0] == ChannelPattern.AnySegment)
        {
            foreach (var child in node.InOrder)
            {
                Find(child, segments[1..], type, found, foundMax);
            }

            return;
        }

        foreach (var name in (string[])[segments[0], ChannelPattern.AnySegment])
        {
            if (node.TryChild(name) is { } child)
            {
                Find(child, segments[1..], type, found, foundMax);
            }
        }
    }

    private sealed class Node
    {
        private readonly Dictionary<string, Node> _children = new(StringComparer.Ordinal);
        private readonly List<Node> _inOrder = [];
        private SchemaType? _only;
        private bool _mixed;

        /// <summary>The patterns that end here, in the order in which they came.</summary>
        public List<ChannelImage> Ends { get; } = [];

        public IReadOnlyList<Node> InOrder => _inOrder;

        public bool HasOnly(SchemaType type) => !_mixed && (_only is null || _only.Equals(type));

        public void Join(SchemaType type)
        {
            _mixed |= !HasOnly(type);
            _only = type;
        }

        public Node? TryChild(string segment) => _children.GetValueOrDefault(segment);

        public Node Child(string segment)
        {
            if (!_children.TryGetValue(segment, out var child))
            {
                _children[segment] = child = new Node();
                _inOrder.Add(child);
            }

            return child;
        }
    }
}
