using System.Collections.Immutable;

namespace Tars.Kernel.Ports;

/// <summary>What stands in a simulation for an agent that is not run: each ask has one answer, always.</summary>
/// <param name="Answers">The name of an ask, and a value of the type that it returns.</param>
public sealed record AgentStub(
    string Module, string Agent, ImmutableArray<KeyValuePair<string, ImmutableArray<byte>>> Answers);
