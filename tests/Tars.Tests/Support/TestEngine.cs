using Tars.Host;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Support;

/// <summary>The engine on which tests of everything above an engine run: `cil`, or what `./dev.cs kernelvm` says.
/// </summary>
internal static class TestEngine
{
    /// <summary>The engine that was asked for; null where none was.</summary>
    public static string? Asked { get; } = Environment.GetEnvironmentVariable("TARS_TEST_ENGINE");

    public static string Name => Asked ?? "cil";

    /// <summary>Whether only a share is to run, without the longest: what `./dev.cs kernelvm share` says.</summary>
    public static bool IsShare { get; } = Environment.GetEnvironmentVariable("TARS_TEST_SHARE") is not null;

    /// <summary>It, or the test is skipped with why there is none.</summary>
    public static IEngine Here()
    {
        var engine = Compose.Engine(Name, TestContext.Current.CancellationToken);
        Assert.SkipWhen(engine is null, Compose.WhyNot(Name));
        return engine;
    }
}
