using Tars.Sim.Spec;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Bundle.Wasm;

/// <summary>The official WebAssembly 2.0 suite on decoder, validator, oracle and both engines.</summary>
public sealed class SpecSuiteTests
{
    // In the suite of WebAssembly 2.0: 52,227 assertions, 1,091 of them about the text format.
    private const string Whole = "51136 passed, 0 failed, 1091 text";

    public static TheoryData<ISpecEngine> Engines => new(SpecSuite.Engines(level: 0));

    [Theory]
    [MemberData(nameof(Engines), DisableDiscoveryEnumeration = true)]
    public void The_official_suite_passes_whole(ISpecEngine engine)
    {
        using var files = SpecFiles.Open(SpecSuite.PathFrom(RepoRoot.Path));
        Assert.SkipWhen(files is null, $"set {SpecSuite.PathVariable} to the archive of the suite");
        Assert.SkipWhen(engine.Missing is not null, engine.Missing ?? "");
        var report = SpecSuite.Run(files, engine);
        Assert.Empty(report.Failures);
        Assert.Equal(Whole, report.ToString());
    }
}
