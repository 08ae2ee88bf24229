using Tars.Sim.Spec;
using Xunit;

namespace Tars.Tests.Bundle.Wasm;

/// <summary>The official WebAssembly 2.0 suite on decoder, validator, oracle and CIL engine.</summary>
public sealed class SpecSuiteTests
{
    public static TheoryData<ISpecEngine> Engines => [new OracleSpecEngine(), new CilSpecEngine()];

    [Theory]
    [MemberData(nameof(Engines), DisableDiscoveryEnumeration = true)]
    public void The_official_suite_passes_whole(ISpecEngine engine)
    {
        string path = Environment.GetEnvironmentVariable(SpecSuite.PathVariable) ?? "";
        Assert.SkipUnless(File.Exists(path), $"set {SpecSuite.PathVariable} to the archive of the suite");
        var report = SpecSuite.Run(path, engine);
        Assert.Empty(report.Failures);
        Assert.True(52_000 < report.Passed, report.ToString());
    }
}
