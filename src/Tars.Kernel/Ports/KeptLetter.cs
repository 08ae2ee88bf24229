using System.Collections.Immutable;
using Tars.Bundle.Schema;
using Tars.Kernel.Blobs;

namespace Tars.Kernel.Ports;

/// <summary>A dead letter in the box: who it was for, and whether it can be delivered again.</summary>
/// <param name="Number">Counted from one and never used again in a run.</param>
/// <param name="Handler">As it is called under `handlers`; empty when none ran.</param>
/// <param name="Place">File, line and column of the statement; empty when that is not known.</param>
public sealed record KeptLetter(
    long Number, DeadLetter Letter, string Module, string Agent, string Handler, string Place)
{
    /// <summary>The payload of the event, in the value encoding; empty when it was not kept.</summary>
    public ImmutableArray<byte> Event { get; init; } = [];

    /// <summary>Its type, as of the version of the module that runs now.</summary>
    public SchemaType.Record Type { get; init; } = new("", []);

    /// <summary>Why it cannot be delivered again, apart from who may have ended; empty when it can.</summary>
    public string WhyNot { get; init; } = "";

    /// <summary>
    /// What its process had handled before it, oldest first, as far as the agent's journal keeps that.
    /// </summary>
    public ImmutableArray<RecentEvent> Before { get; init; } = [];

    /// <summary>Index of the handler in the version of the agent that runs now.</summary>
    internal int HandlerIndex { get; init; }

    /// <summary>The blobs that the event names; the box holds them while the letter is in it.</summary>
    internal BlobHold? Blobs { get; init; }

    /// <summary>Of a timer and of refusals: how many the event stood for.</summary>
    internal int Turns { get; init; }
}
