using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Tars.Engine.Vm.Kvm;
using Tars.Engine.Vm.Llvm;
using Tars.Engine.Vm.Machine;
using Tars.Engine.Vm.Objects;

namespace Tars.Engine.Vm;

/// <summary>Tries out each thing that the engine needs, and says how to get what is not there.</summary>
public static class VmDoctor
{
    private static ReadOnlySpan<byte> Sample => "define i32 @f(i32 %a) {\n  %b = mul i32 %a, 3\n  ret i32 %b\n}\n"u8;

    private static readonly VmShape _smallest = new(
        GuestMap.PageSize,
        GuestMap.PageSize,
        GuestMap.Control.Module,
        Limits.ClearedBytesMax,
        GuestMap.WasmPageSize,
        GuestMap.WasmPageSize);

    public static ImmutableArray<VmFinding> Look() => [Machine(), Device(), Guest(), Compiler(), Cache()];

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
                HowToOpen(
                    OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(VmSupport.Device),
                    Environment.IsPrivilegedProcess));
    }

    // Where its group may not open it either, it helps nobody to join that; and where rights do not forbid it, a
    // container does.
    internal static string HowToOpen(UnixFileMode mode, bool isRoot)
    {
        const UnixFileMode Group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        return isRoot || (mode & Others) == Others
            ? $"its rights do not forbid it; in a container, give it --device {VmSupport.Device}"
            : (mode & Group) == Group
                ? $"join its group: sudo usermod -aG $(stat -c %G {VmSupport.Device}) $USER, then log in again"
                : "only its owner may; give it a group that may, and join that: sudo groupadd -f kvm && "
                    + $"sudo chgrp kvm {VmSupport.Device} && sudo chmod 660 {VmSupport.Device} && "
                    + "sudo usermod -aG kvm $USER, then log in again";
    }

    // A machine that is made as for any guest, and a few instructions in ring 3 that touch its memory and leave.
    private static VmFinding Guest()
    {
        if (VmEngine.Shared.Host is not { } host)
        {
            return VmSupport.IsOpen()
                ? new VmFinding("guest", IsThere: false, VmEngine.Shared.HostWhyNot, "use a newer kernel of the system")
                : new VmFinding("guest", IsThere: false, "without KVM there are no machines", Mend: "see KVM");
        }

        try
        {
            long begin = Stopwatch.GetTimestamp();
            var machine = host.Create(_smallest);
            bool runs = machine.Warm();
            double milliseconds = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            host.Destroy(machine);
            return runs
                ? new VmFinding(
                    "guest", IsThere: true, $"a machine was made and ran in {milliseconds:0.0} ms", Mend: "")
                : new VmFinding(
                    "guest",
                    IsThere: false,
                    "a machine was made, and what ran in it did not come back as it should",
                    "look for messages of KVM in the system's log; another version of its kernel may do");
        }
        catch (KvmException failed)
        {
            return new VmFinding(
                "guest", IsThere: false, failed.Message, "free memory or descriptors, or use a newer kernel");
        }
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

        if (ObjectCache.WhyNotKept(folder) is var (why, mend))
        {
            return new VmFinding(
                "cache", IsThere: false, $"{folder}: {why}", $"{mend}; until then each run compiles");
        }

        var (count, octets) = ObjectCache.Measure(folder);
        return new VmFinding(
            "cache",
            IsThere: true,
            $"{folder}: {count} compiled pieces, {octets >> 20} of {Limits.CacheBytesMax >> 20} MiB",
            Mend: "");
    }
}
