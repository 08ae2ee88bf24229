using System.Collections.Immutable;
using Tars.Devices.Host;

namespace Tars.Devices.Wasi;

/// <summary>All that a WASI command is given. What does not stand here it has not.</summary>
public sealed record WasiGrants
{
    /// <summary>The first is the command's own name.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary><c>NAME=VALUE</c> each.</summary>
    public ImmutableArray<string> Environment { get; init; } = [];

    public ImmutableArray<FolderGrant> Folders { get; init; } = [];

    public Stream Input { get; init; } = Stream.Null;

    public Stream Output { get; init; } = Stream.Null;

    public Stream Error { get; init; } = Stream.Null;

    public IClock Clock { get; init; } = new VirtualClock();

    public IEntropy Entropy { get; init; } = new SeededEntropy(0);

    /// <summary>Ends waiting; whoever asks also ends the guest.</summary>
    public CancellationToken Stop { get; init; }
}

/// <summary>A folder that a command may use.</summary>
/// <param name="HostPath">Where it is; null for an empty folder in memory.</param>
/// <param name="GuestPath">What the command calls it.</param>
public sealed record FolderGrant(string? HostPath, string GuestPath, FolderAccess Access);

/// <summary>What a command may do with all that is in a folder.</summary>
public enum FolderAccess
{
    ReadOnly,
    ReadWrite,
}
