using System.Collections.Immutable;
using System.Globalization;
using Tars.Bundle.Beliefs;
using Tars.Bundle.Manifest;
using Tars.Kernel.Linking;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Effects;

/// <summary>Evidence that a process gave for its beliefs, and the strengths that follow from it.</summary>
internal static class Evidence
{
    /// <summary>Notes or takes back evidence; <see cref="Weigh"/> follows once for the whole commit.</summary>
    public static Refusal? Observe(Process process, int belief, double value, int retract)
    {
        bool valid = (uint)belief < (uint)process.Evidence.Length && (retract == 1 || value is >= 0 and <= 1);
        if (!valid)
        {
            return new Refusal("", "there is no such belief of its own, or the value is not in 0..1");
        }

        process.Evidence[belief] = retract == 1 ? double.NaN : value;
        return null;
    }

    /// <summary>The evidence of a process, as another version of its agent has it: by the beliefs' names.</summary>
    public static double[] Carry(Process process, AgentImage target)
    {
        if (!target.OwnsBeliefs)
        {
            return [];
        }

        var names = target.Module.Manifest.Beliefs!.Beliefs; // Who owns beliefs has a graph.
        var before = process.Agent.OwnsBeliefs ? process.Agent.Module.Manifest.Beliefs : null;
        ImmutableArray<BeliefSpec> old = before?.Beliefs ?? [];
        return
        [
            .. names.Select(belief =>
            {
                int index = old.ToList().FindIndex(one => one.Name == belief.Name);
                return index < 0 ? double.NaN : process.Evidence[index];
            }),
        ];
    }

    /// <summary>What follows from evidence: the priors where it does not settle, or where none is given.</summary>
    public static double[] StrengthsOf(AgentImage agent, double[] evidence)
    {
        if (agent.Beliefs is not { } graph)
        {
            return [];
        }

        if (evidence.All(double.IsNaN))
        {
            return [.. graph.Priors];
        }

        var result = graph.Evaluate(Scores(graph, evidence));
        return result.Converged ? [.. result.Strengths] : [.. graph.Priors];
    }

    /// <summary>
    /// Works the strengths out anew. Where they do not settle the last ones stay, and that is audited.
    /// </summary>
    public static void Weigh(KernelState state, Process process)
    {
        if (process.Agent.Beliefs is not { } graph || !process.Agent.OwnsBeliefs)
        {
            return;
        }

        var result = graph.Evaluate(Scores(graph, process.Evidence));
        process.Fuel += (long)graph.RelationCount * result.Iterations;
        if (!result.Converged)
        {
            var residual = result.Residual.ToString("R", CultureInfo.InvariantCulture);
            state.Audit(process.Id, "observe", process.Agent.Name, $"the beliefs do not settle: {residual} is left");
            return;
        }

        process.Strengths = [.. result.Strengths];
        process.BeliefsDue = true;
    }

    private static double[] Scores(BeliefGraph graph, double[] evidence) =>
        [.. evidence.Zip(graph.Priors, (given, prior) => double.IsNaN(given) ? prior : given)];
}
