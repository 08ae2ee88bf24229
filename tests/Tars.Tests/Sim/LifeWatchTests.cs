using System.Diagnostics;
using Tars.Sim.Kills;
using Xunit;

namespace Tars.Tests.Sim;

/// <summary>A process that says nothing is told as standing still when it rests or spins, not while it has not had its
/// time.</summary>
public sealed class LifeWatchTests
{
    [Theory]
    [InlineData("sleep 60", @"rested 0\.[5-9] s")]
    [InlineData("while :; do :; done", @"rested 0\.[0-4] s")]
    public void One_that_rests_and_one_that_spins_stand_still(string script, string why)
    {
        using var process = Process.Start("/bin/sh", ["-c", "exec 2>&-; " + script]);
        try
        {
            var watch = new LifeWatch(process.Id) { RestSecondsMax = 0.5, ProcessorSecondsMax = 0.3 };
            Assert.Null(watch.Look());
            string? told = null;
            for (long begin = Stopwatch.GetTimestamp(); told is null && Stopwatch.GetElapsedTime(begin).Minutes < 1;)
            {
                Thread.Sleep(LifeWatch.LookMilliseconds);
                told = watch.Look();
            }

            Assert.Matches(why, told);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
    }
}
