using System.Collections.Immutable;
using Tars.Bundle.Schema;

namespace Tars.Bundle.Interfaces;

/// <summary>One kind of interface: what may be asked of it and told to it, and the event that it brings.</summary>
/// <param name="Types">Types that only users of this kind see.</param>
/// <param name="Event">Payload of a `device` event, or null when it has none.</param>
/// <param name="TakesValue">True when a declaration may (and must) say `value: TYPE`.</param>
/// <param name="Options">Further keys of a declaration.</param>
/// <param name="TwinOptions">Keys of the simulated twin in a scenario, besides steps.</param>
/// <param name="Reserved">True for a word whose shape comes with its device.</param>
public sealed record InterfaceKind(
    string Name,
    ImmutableArray<Operation> Asks,
    ImmutableArray<Operation> Tells,
    SchemaType? Event,
    ImmutableArray<SchemaType> Types,
    bool TakesValue,
    ImmutableArray<string> Options,
    ImmutableArray<string> TwinOptions,
    bool Reserved);
