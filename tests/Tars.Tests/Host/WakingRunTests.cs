using System.Diagnostics;
using System.Globalization;
using Tars.Cli;
using Tars.Devices.Host;
using Tars.Devices.Wasi.Linux;
using Tars.Engine.Vm.Objects;
using Tars.Host;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host;

/// <summary>Whatever a guest does, the thread of its run is before others for a short time only, and ends with it.
/// </summary>
public sealed class WakingRunTests
{
    // Each answer comes before the next look at what has come from outside: there is always one more.
    private const string Head = """
        tars: 1
        module: lookers
        version: 1.0.0
        summary: All look at the run without rest, once they have slept.
        capabilities:
          timers: { shortest: 50ms }
          devices: { look: introspect }
        agentic:
          agents:

        """;

    private const string Looker = """
            NAME:
              role: Looks.
              state: { count: int = 0 }
              handlers:
                start:
                  do: |
                    after 50ms beat
                timer beat:
                  do: |
                    for i in 0..100000 {
                      let none_such = ask look.process(id = 99) within 1s else { return }
                      count += 1
                    }
                    after 50ms beat

        """;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_flood_of_answers_that_the_run_gives_itself_loses_real_time()
    {
        Assert.SkipWhen(WakeBoost.WhyNot() is not null, WakeBoost.WhyNot() ?? "");
        string program = Head + string.Concat(
            Enumerable.Range(0, 6).Select(one => Looker.Replace("NAME", $"a{one}", StringComparison.Ordinal)));
        ReadOnlyMemory<byte>[] bundles = [CompiledProcess.Compile(program).Bytes];
        using var stop = new CancellationTokenSource();
        using var log = new StringWriter(CultureInfo.InvariantCulture);
        string? self = null;
        string? whyNotAfter = "";
        var thread = new Thread(() =>
        {
            Volatile.Write(ref self, File.ResolveLinkTarget("/proc/thread-self", returnFinalTarget: false)!.FullName);
            _ = SystemRun.Run(bundles, new RunOptions(), new RunStreams(Stream.Null, Stream.Null, log), stop.Token);
            whyNotAfter = WakeBoost.WhyNot();
        });
        thread.Start();
        try
        {
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref self) is not null, _patience));
            Assert.True(Comes(self!, isPrompt: true), $"it never slept: {log}");
            long began = Stopwatch.GetTimestamp();
            Assert.True(Comes(self!, isPrompt: false), "it never is one of many again");
            Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        }
        finally
        {
            stop.Cancel();
            thread.Join();
        }

        Assert.Null(whyNotAfter);
    }

    [Theory]
    [InlineData("ulimit -R 200000", "\"prompt\":false")]
    [InlineData("renice -n 1 -p $$ >&2", "\"prompt\":false")]
    [InlineData("true", "\"prompt\":true")]
    public async Task It_is_not_taken_where_it_would_end_the_program_or_an_operator_says_nice(string first, string told)
    {
        Assert.SkipWhen(WakeBoost.WhyNot() is not null, WakeBoost.WhyNot() ?? "");
        string[] words = ["-c", $"{first} && exec \"$@\"", "bash", CompileChild.DotnetHost(), "exec"];
        using var doctor = Process.Start(new ProcessStartInfo(
            "bash", [.. words, typeof(CommandLine).Assembly.Location, "doctor", "--json"])
        {
            RedirectStandardOutput = true,
        })!;
        string output = await doctor.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await doctor.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, doctor.ExitCode);
        Assert.Contains(told, output.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static bool Comes(string thread, bool isPrompt) => SpinWait.SpinUntil(
        () =>
        {
            Thread.Sleep(1);
            return PolicyOf(thread) == (isPrompt ? LibC.SCHED_RR : LibC.SCHED_OTHER);
        },
        _patience);

    // Behind the name, which may hold anything, the 39th word (proc_pid_stat(5)).
    private static int PolicyOf(string thread)
    {
        string stat = File.ReadAllText(Path.Combine(thread, "stat"));
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[38], CultureInfo.InvariantCulture);
    }
}
