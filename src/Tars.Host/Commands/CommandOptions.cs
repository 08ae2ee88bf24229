using System.Collections.Immutable;
using Tars.Devices.Wasi;

namespace Tars.Host.Commands;

/// <summary>How a command is run, and all that it is given.</summary>
public sealed record CommandOptions
{
    /// <summary>One of <see cref="Compose.CommandNames"/>.</summary>
    public string Engine { get; init; } = "cil";

    public long Fuel { get; init; } = Limits.CommandFuelMax;

    public long MemoryBytesMax { get; init; } = Limits.CommandMemoryBytesMax;

    /// <summary>Nanoseconds after which it is aborted; null when it may take as long as it likes.</summary>
    public long? Timeout { get; init; }

    /// <summary>What its random octets come from; null for those of the machine.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Time begins at 1970-01-01T00:00:00Z and jumps to what is waited for.</summary>
    public bool VirtualTime { get; init; }

    /// <summary>The first is the command's own name.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary><c>NAME=VALUE</c> each.</summary>
    public ImmutableArray<string> Environment { get; init; } = [];

    public ImmutableArray<FolderGrant> Folders { get; init; } = [];

    /// <summary>An exported function to call in place of <c>_start</c>.</summary>
    public string? Invoke { get; init; }

    /// <summary>Its arguments as text, one for each parameter.</summary>
    public ImmutableArray<string> InvokeArguments { get; init; } = [];
}

/// <summary>The standard streams of a command.</summary>
public sealed record CommandStreams(Stream Input, Stream Output, Stream Error);
