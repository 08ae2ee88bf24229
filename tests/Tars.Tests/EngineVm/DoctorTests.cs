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

    [Fact]
    public void A_folder_that_is_a_file_keeps_nothing_and_says_so()
    {
        string file = Path.GetTempFileName();
        Assert.NotNull(ObjectCache.WhyNotWritable(Path.Combine(file, "objects")));
        File.Delete(file);
        string folder = Directory.CreateTempSubdirectory("tars-cache").FullName;
        Assert.Null(ObjectCache.WhyNotWritable(Path.Combine(folder, "objects")));
        Assert.Empty(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories));
        Directory.Delete(folder, recursive: true);
    }
}
