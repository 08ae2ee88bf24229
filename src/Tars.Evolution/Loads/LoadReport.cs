using System.Collections.Immutable;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Loads;

/// <summary>How a recorded load went in virtual time, on one core or on one for each shard.</summary>
/// <param name="Policy">Who decided, and what that cost.</param>
/// <param name="Agents">By name; those that handled something.</param>
/// <param name="Elapsed">Nanoseconds from the start to the last event that was handled.</param>
/// <param name="Busy">Nanoseconds in which the core ran something; of several cores all together.</param>
/// <param name="Handled">Events that processes handled.</param>
/// <param name="Waiting">Events that nobody had handled when it was broken off.</param>
/// <param name="Inconclusive">Why it could not be carried on; null when it could.</param>
public sealed record LoadReport(
    PolicyReport Policy,
    ImmutableArray<AgentLoad> Agents,
    long Elapsed,
    long Busy,
    long Handled,
    long Waiting,
    string? Inconclusive)
{
    /// <summary>One for each shard.</summary>
    public int Cores { get; init; } = 1;

    /// <summary>What all guests burnt, the policy's own included.</summary>
    public long Fuel { get; init; }

    /// <summary>
    /// Jain's index of the agents' slowdowns: 1 when all are slowed down alike, near 1 / n when one of n bears it all.
    /// </summary>
    public double Fairness
    {
        get
        {
            double sum = Agents.Sum(one => one.Slowdown);
            double squares = Agents.Sum(one => one.Slowdown * one.Slowdown);
            return squares == 0 ? 1 : sum * sum / (Agents.Length * squares);
        }
    }
}

/// <summary>How the events of one agent's processes fared. Times are nanoseconds from arrival to commit.</summary>
/// <param name="Name">The agent; with its module where that has another name.</param>
/// <param name="Events">Events that were committed.</param>
/// <param name="Late">Of those, how many took longer than the agent's deadline; null when it names none.</param>
/// <param name="Slowdown">All times from arrival to commit over the time that the handlers themselves took.</param>
public sealed record AgentLoad(
    string Name, long Events, long Median, long P99, long Worst, long? Late, double Slowdown)
{
    /// <summary>What the agent declares, 0 to 9.</summary>
    public int Priority { get; init; }
}
