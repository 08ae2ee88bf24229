using Tars.Engine.Vm;
using Tars.Engine.Vm.Objects;
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
