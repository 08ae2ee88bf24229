using Tars.Sim.Spec;
using Xunit;

namespace Tars.Tests.Bundle.Wasm;

/// <summary>The official WebAssembly 2.0 suite on decoder, validator and oracle.</summary>
public sealed class SpecSuiteTests
{
    [Fact]
    public void The_official_suite_passes_whole()
    {
        string path = Environment.GetEnvironmentVariable(SpecSuite.PathVariable) ?? "";
        Assert.SkipUnless(File.Exists(path), $"set {SpecSuite.PathVariable} to the archive of the suite");
        var report = SpecSuite.Run(path);
        Assert.Empty(report.Failures);
        Assert.True(52_000 < report.Passed, report.ToString());
    }
}
