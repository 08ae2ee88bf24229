using System.Globalization;
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

    /// <summary>
    /// Works the strengths out anew. Where they do not settle the last ones stay, and that is audited.
    /// </summary>
    public static void Weigh(KernelState state, Process process)
    {
        if (process.Agent.Beliefs is not { } graph || !process.Agent.OwnsBeliefs)
        {
            return;
        }

        double[] scores = new double[process.Evidence.Length];
        for (int belief = 0; belief < scores.Length; belief++)
        {
            double evidence = process.Evidence[belief];
            scores[belief] = double.IsNaN(evidence) ? graph.Priors[belief] : evidence;
        }

        var result = graph.Evaluate(scores);
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
}
