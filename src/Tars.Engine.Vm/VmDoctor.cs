using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Tars.Engine.Vm.Llvm;
using Tars.Engine.Vm.Objects;

namespace Tars.Engine.Vm;

/// <summary>Tries out each thing that the engine needs, and says how to get what is not there.</summary>
public static class VmDoctor
{
    private static ReadOnlySpan<byte> Sample => "define i32 @f(i32 %a) {\n  %b = mul i32 %a, 3\n  ret i32 %b\n}\n"u8;

    public static ImmutableArray<VmFinding> Look() => [Machine(), Device(), Compiler(), Cache()];

    private static VmFinding Machine()
    {
        bool isRight = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;
        return new VmFinding(
            "machine",
            isRight,
            $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}",
            isRight ? "" : "micro-VMs need Linux on an x86-64 processor");
    }

    private static VmFinding Device()
    {
        if (!File.Exists(VmSupport.Device))
        {
            return new VmFinding(
                "KVM",
                IsThere: false,
                $"there is no {VmSupport.Device}",
                "load the module kvm_intel or kvm_amd; in a virtual machine, let its host nest them; in a container, "
                    + $"give it --device {VmSupport.Device}");
        }

        return VmSupport.IsOpen()
            ? new VmFinding("KVM", IsThere: true, $"{VmSupport.Device} opens", Mend: "")
            : new VmFinding(
                "KVM",
                IsThere: false,
                $"{VmSupport.Device} may not be opened by this user",
                "join its group: sudo usermod -aG kvm $USER, then log in again");
    }

    // All of the way: the process, its limits, the library, an object that comes back.
    private static VmFinding Compiler()
    {
        using var compiler = new ObjectCompiler(
            () => CompileChild.Program(CompileLimits.Usual), CompileLimits.Usual, cache: null);
        long begin = Stopwatch.GetTimestamp();
        var answer = compiler.Compile(Sample, CodeTier.O2, options: "");
        double milliseconds = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        return answer switch
        {
            ObjectAnswer.Made => new VmFinding(
                "compiler",
                IsThere: true,
                $"a process of its own compiled a function in {milliseconds:0} ms",
                Mend: ""),
            ObjectAnswer.Refused refused => new VmFinding(
                "compiler",
                IsThere: false,
                refused.Reason,
                "install libLLVM 19: apt install libllvm19, dnf install llvm-libs, or from llvm.org"),
            _ => throw new UnreachableException(),
        };
    }

    private static VmFinding Cache()
    {
        if (ObjectCache.UsualFolder() is not { } folder)
        {
            return new VmFinding(
                "cache", IsThere: false, "this user has no folder for one", "set XDG_CACHE_HOME to a folder");
        }

        var (count, octets) = ObjectCache.Measure(folder);
        return new VmFinding(
            "cache",
            IsThere: true,
            $"{folder}: {count} compiled pieces, {octets >> 20} of {Limits.CacheBytesMax >> 20} MiB",
            Mend: "");
    }
}
