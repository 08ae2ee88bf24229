using System.Collections.Immutable;

namespace Tars.Kernel.Ports;

/// <summary>What an operator leaves one agent, of a capability that its module declares: less than all of it.</summary>
/// <param name="Module">The module's name.</param>
/// <param name="Agent">The agent's name.</param>
/// <param name="Name">The pattern, device or spawned agent as the module declares it.</param>
/// <param name="Only">
/// Of channels the patterns that are left; of what is spawned the number alive at once; empty where nothing is.
/// </param>
public sealed record Narrowing(
    string Module, string Agent, NarrowingKind Kind, string Name, ImmutableArray<string> Only);

/// <summary>What a <see cref="Narrowing"/> is about.</summary>
public enum NarrowingKind
{
    /// <summary>To hear messages of channels.</summary>
    Subscribe,

    /// <summary>To publish on channels.</summary>
    Publish,

    /// <summary>To tell, ask and hear a device; it is withheld whole.</summary>
    Device,

    /// <summary>To spawn an agent. The number is the module's, whichever agent is named.</summary>
    Spawn,
}
