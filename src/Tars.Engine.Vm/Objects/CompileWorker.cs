using Tars.Engine.Vm.Objects.Linux;

namespace Tars.Engine.Vm.Objects;

/// <summary>The child's side: takes one job after the other from a pipe until that ends.</summary>
internal static class CompileWorker
{
    /// <summary>Limits this process, then works. What a job does to the process is its parent's to notice.</summary>
    /// <param name="memoryBytes">What this process may have written to.</param>
    /// <returns>The status to end with.</returns>
    public static int Run(Stream jobs, Stream answers, CompileJob compile, long memoryBytes)
    {
        if (!ChildLimits.Confine(memoryBytes))
        {
            CompileFrames.WriteRefusal(answers, "the compiler's process could not be limited");
            return 1;
        }

        while (CompileFrames.ReadJob(jobs) is var (code, tier, cpuSeconds))
        {
            if (!ChildLimits.AllowCpu(cpuSeconds))
            {
                CompileFrames.WriteRefusal(answers, "the compiler's processor time could not be limited");
                return 1;
            }

            if (compile(code, tier, out string refusal) is { } made)
            {
                CompileFrames.WriteObject(answers, made);
            }
            else
            {
                CompileFrames.WriteRefusal(answers, refusal);
            }
        }

        return 0;
    }
}
