using Tars.Engine.Vm.Llvm;
using Tars.Engine.Vm.Loading;
using Tars.Engine.Vm.Objects.Linux;

namespace Tars.Engine.Vm.Objects;

/// <summary>The child's side: takes one job after the other from a pipe until that ends.</summary>
internal static class CompileWorker
{
    private const int SampleFrameSize = 1024 * sizeof(int);

    // Its frame is told too: see LlvmRemarks. Without a red zone all of it is the frame.
    private static ReadOnlySpan<byte> Sample =>
        """
        define i32 @f(i32 %a) noredzone "warn-stack-size"="0" {
          %b = alloca [1024 x i32]
          %c = getelementptr i32, ptr %b, i32 %a
          store volatile i32 %a, ptr %c
          %d = mul i32 %a, 3
          ret i32 %d
        }

        """u8;

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

        ParentWatch.Begin();
        if (LoadAll(compile) is { } missing)
        {
            CompileFrames.WriteRefusal(answers, missing);
            return 1;
        }

        if (!ChildLimits.Seal())
        {
            CompileFrames.WriteRefusal(
                answers, "the compiler's process could not be kept from system calls: this system has no seccomp");
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

    /// <summary>Whether the sample's object tells the sample's frame: a libLLVM of another wording is heard
    /// wrong.</summary>
    internal static bool HasFrame(ReadOnlyMemory<byte> sample) => FramedObject.Read(sample) is { } framed
        && framed.Frames.TryGetValue("f", out long size) && SampleFrameSize <= size;

    // What it will ever need, of the compiler and of the runtime, is read from files now: later none can be opened.
    // That is also true of what a refusal needs.
    private static string? LoadAll(CompileJob compile)
    {
        foreach (var tier in Enum.GetValues<CodeTier>())
        {
            if (compile(Sample, tier, out string missing) is not { } made)
            {
                return missing;
            }

            if (!HasFrame(made))
            {
                return "LLVM did not say how large a function's frame is";
            }

            CompileFrames.WriteObject(Stream.Null, made);
        }

        _ = ChildLimits.AllowCpu(Limits.CompileCpuSecondsMax); // Each job says how long it may take.
        _ = compile("no code"u8, CodeTier.O0, out string refusal);
        CompileFrames.WriteRefusal(Stream.Null, refusal);
        return null;
    }
}
