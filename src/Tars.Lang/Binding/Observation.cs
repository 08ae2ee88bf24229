using Tars.Lang.Symbols;

namespace Tars.Lang.Binding;

/// <summary>What an expectation can see of a run. Only expectations hold it.</summary>
public abstract record Observation
{
    private Observation()
    {
    }

    /// <param name="Index">Place in the module's metrics.</param>
    public sealed record Metric(int Index) : Observation;

    /// <summary>A metric of a module that plays the world.</summary>
    /// <param name="Environment">Its name in the scenario.</param>
    public sealed record EnvironmentMetric(string Environment, ModuleSymbol Module, int Index) : Observation;

    /// <summary>A state field of an agent that starts with the module.</summary>
    public sealed record AgentState(AgentSymbol Agent, StateSymbol State) : Observation;

    /// <summary>How many values were published on channels that fit the pattern.</summary>
    public sealed record Published(string Pattern) : Observation;

    public sealed record Traps : Observation;

    /// <summary>How many processes of the agent are alive.</summary>
    public sealed record Alive(AgentSymbol Agent) : Observation;
}
