using Tars.Host.Granting;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal;

/// <summary>Under what a recorded load is run again.</summary>
public sealed record WhatIfOptions
{
    /// <summary>The policy; beside a module, the one that takes over from it.</summary>
    public PolicyKind Policy { get; init; }

    /// <summary>The bundle of a module that decides; null for none.</summary>
    public ReadOnlyMemory<byte>? PolicyModule { get; init; }

    /// <summary>What its operator says of that module, of which only the floor of its isolation counts; null for
    /// nothing. The recorded modules keep theirs by the journal.</summary>
    public PolicyFile? Grants { get; init; }

    /// <summary>What a unit of fuel takes in the model.</summary>
    public long NanosecondsPerFuel { get; init; } = 1;
}
