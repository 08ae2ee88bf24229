namespace Tars.Host.Journal;

/// <summary>How a journal is replayed.</summary>
public sealed record ReplayOptions
{
    /// <summary>The transaction after which the replay stands still; null for all of them.</summary>
    public long? Until { get; init; }

    /// <summary>The one of several shards that is replayed; null for all.</summary>
    public int? Shard { get; init; }

    /// <summary>Whether the state of all processes is compared too, wherever the journal says what it was.</summary>
    public bool Verify { get; init; }

    /// <summary>Whether what the run printed, published and logged is shown again.</summary>
    public bool Output { get; init; }

    /// <summary>Whether the report holds the states of the processes.</summary>
    public bool States { get; init; }

    /// <summary>One of <see cref="Compose.ReplayNames"/>.</summary>
    public string Engine { get; init; } = "cil";
}
