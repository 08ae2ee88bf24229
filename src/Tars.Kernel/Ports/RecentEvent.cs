using System.Collections.Immutable;
using Tars.Bundle.Schema;

namespace Tars.Kernel.Ports;

/// <summary>An event that a process handled before another one was rolled back.</summary>
/// <param name="Handler">As it is called under `handlers`.</param>
/// <param name="Sender">The outside for what no process sent.</param>
/// <param name="Size">Octets of its payload.</param>
public sealed record RecentEvent(string Handler, ProcessId Sender, long Instant, int Size)
{
    /// <summary>Its payload in the value encoding; null when it was not kept.</summary>
    public ImmutableArray<byte>? Event { get; init; }

    /// <summary>The type of the payload.</summary>
    public SchemaType.Record Type { get; init; } = new("", []);

    /// <summary>Index of the handler in the version of the agent that handled it.</summary>
    internal int HandlerIndex { get; init; }
}
