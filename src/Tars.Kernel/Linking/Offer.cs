using System.Collections.Immutable;
using Tars.Bundle.Interfaces;
using Tars.Bundle.Manifest;

namespace Tars.Kernel.Linking;

/// <summary>An agent that stands in the place of a device: which of its handlers is which operation of the kind.
/// </summary>
/// <param name="Kind">Of the device that was linked to it.</param>
/// <param name="Asks">By the number of the ask its handler.</param>
/// <param name="Tells">By the number of the tell its handler; the answer of a tell is dropped.</param>
internal sealed record Offer(InterfaceKind Kind, ImmutableArray<int> Asks, ImmutableArray<int> Tells)
{
    /// <summary>Null when the agent does not have each operation of the kind with its very types.</summary>
    public static Offer? Of(AgentSpec agent, InterfaceKind kind)
    {
        // Whoever brings events or answers a type that the asker chooses is no handler of asks.
        bool isPossible = kind is { Event: null, Reserved: false } && !kind.Asks.Any(one => one.AnyRecord);
        ImmutableArray<int> asks = [.. kind.Asks.Select(one => HandlerOf(agent, one))];
        ImmutableArray<int> tells = [.. kind.Tells.Select(one => HandlerOf(agent, one))];
        return isPossible && !asks.Contains(-1) && !tells.Contains(-1) ? new Offer(kind, asks, tells) : null;
    }

    public int HandlerOf(OperationImage operation) =>
        (operation.Spec.IsAsk ? Asks : Tells)[operation.Number];

    private static int HandlerOf(AgentSpec agent, Operation wanted) => agent.Handlers.ToList().FindIndex(handler =>
        handler.Kind == HandlerKind.Ask && handler.Subject == wanted.Name
        && handler.Payload.AsSpan().SequenceEqual(wanted.Arguments.AsSpan())
        && handler.Returns.Equals(wanted.Returns));
}
