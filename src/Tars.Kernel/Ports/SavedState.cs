using System.Collections.Immutable;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;

namespace Tars.Kernel.Ports;

/// <summary>The typed state of one process between two events, canonical: equal states are equal octets.</summary>
/// <remarks>
/// The octets are those that the event Save leaves (docs/abi.md), with the kernel's ids where the guest has slots: the
/// generator, the pending wait with its locals, the fields. A slot that has ended is the complement of its number.
/// </remarks>
/// <param name="Agent">Whose state and continuations give the types.</param>
/// <param name="Continuation">Index into the agent's continuations; -1 when no answer is awaited.</param>
/// <param name="FieldsAt">Where in the octets the state fields begin.</param>
public sealed record SavedState(
    ProcessId Process, AgentSpec Agent, ReadOnlyMemory<byte> Octets, int Continuation, int FieldsAt)
{
    /// <summary>The state fields, one behind the other.</summary>
    public ReadOnlyMemory<byte> Fields => Octets[FieldsAt..];

    /// <summary>What the handler that waits keeps until the answer; empty when none waits.</summary>
    public ReadOnlyMemory<byte> Locals => Octets[SavedHead.Size..FieldsAt];

    /// <summary>The types of <see cref="Locals"/>.</summary>
    public ImmutableArray<SchemaField> LocalTypes =>
        0 <= Continuation ? Agent.Continuations[Continuation].Locals : [];

    /// <summary>Where in the fields each begins, and where the last ends.</summary>
    internal int[] Starts { get; init; } = [];

    /// <summary>One field in the value encoding; empty when the agent has none of that name.</summary>
    public ReadOnlyMemory<byte> Field(string name)
    {
        int index = Agent.State.ToList().FindIndex(one => one.Name == name);
        return index < 0 ? default : FieldAt(index);
    }

    internal ReadOnlyMemory<byte> FieldAt(int index) => Fields[Starts[index]..Starts[index + 1]];
}
