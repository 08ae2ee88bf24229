using System.Diagnostics;
using Tars.Engine.Vm.Objects;
using Tars.Sim.Hostile;
using Xunit;

namespace Tars.Tests.EngineVm.Objects;

/// <summary>What the process that compiles can still do: another process seals itself alike, and tries.</summary>
public sealed class SealedProcessTests : IDisposable
{
    private static readonly string[] _stillThere = ["memory", "a thread", "a collection of garbage"];

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-sealed-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_sealed_process_has_memory_and_threads_and_nothing_else()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the micro-VM engine is for Linux");
        using var sealedProcess = Process.Start(new ProcessStartInfo(
            CompileChild.DotnetHost(), ["exec", typeof(SealedProcess).Assembly.Location, "sealed"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = _folder,
        })!;
        string said = await sealedProcess.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string[] lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(12, lines.Length);
        Assert.All(lines, line => Assert.Matches(
            _stillThere.Contains(line.Split(':')[0]) ? ": yes, then yes$" : @": yes, then no( \(|$)", line));
    }
}
