using Tars.Cli;
using Tars.Engine.Vm;
using Tars.Engine.Vm.Objects;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.EngineVm;

/// <summary>What the doctor says is there was tried out.</summary>
public sealed class DoctorTests
{
    [Fact]
    public void A_guest_runs_where_there_are_machines_and_all_that_is_missing_has_a_mend()
    {
        var findings = VmDoctor.Look();
        Assert.Equal(
            ["machine", "KVM", "guest", "compiler", "cache"], findings.Select(finding => finding.What));
        Assert.All(findings, finding => Assert.Equal(finding.IsThere, finding.Mend.Length == 0));
        Assert.Equal(VmEngine.Shared.Host is not null, findings[2].IsThere);
    }

    [Theory]
    [InlineData("600", false, "sudo chmod 660 /dev/kvm")]
    [InlineData("644", false, "sudo chmod 660 /dev/kvm")]
    [InlineData("660", false, "join its group: sudo usermod -aG $(stat -c %G /dev/kvm) $USER")]
    [InlineData("666", false, "--device /dev/kvm")]
    [InlineData("600", true, "--device /dev/kvm")]
    public void The_mend_for_a_device_that_may_not_be_opened_is_one_that_helps(
        string mode, bool isRoot, string mend) => Assert.Contains(
            mend, VmDoctor.HowToOpen((UnixFileMode)Convert.ToInt32(mode, 8), isRoot), StringComparison.Ordinal);

    [Fact]
    public void A_disk_that_is_full_keeps_nothing_and_is_told()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can mount a small disk");
        string folder = Directory.CreateTempSubdirectory("tars-full").FullName;
        const string Mount = "mount -t tmpfs -o size=64k,mode=700 full \"$0\" || exit 77; ";
        string[] doctor = [CompileChild.DotnetHost(), "exec", typeof(CommandLine).Assembly.Location, "doctor"];
        var (status, output, _) = Tool.Run(
            "unshare",
            ["-m", "sh", "-c", $"{Mount} XDG_CACHE_HOME=\"$0\" exec \"$@\"", folder, .. doctor]);
        Directory.Delete(folder);
        Assert.SkipWhen(status is 1 or 77, "nothing can be mounted here");
        Assert.Equal(0, status);
        Assert.Contains($"missing cache     {folder}/tars/objects: No space left on device", output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_a_file_keeps_nothing_and_says_so()
    {
        string file = Path.GetTempFileName();
        Assert.NotNull(ObjectCache.WhyNotKept(Path.Combine(file, "objects")));
        File.Delete(file);
        string folder = Directory.CreateTempSubdirectory("tars-cache").FullName;
        Assert.Null(ObjectCache.WhyNotKept(Path.Combine(folder, "objects")));
        Assert.Empty(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories));
        Directory.Delete(folder, recursive: true);
    }
}
