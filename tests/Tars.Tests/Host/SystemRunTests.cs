using System.Text;
using Tars.Bundle.Container;
using Tars.Bundle.DebugMap;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Bundle.Wasm;
using Tars.Host;
using Tars.Tests.Engine;
using Tars.Tests.Lang.Emitting;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Host;

/// <summary>
/// A bundle file runs as a system: bytes in by an input, bytes out by the console, counts in the report.
/// </summary>
public sealed class SystemRunTests
{
    [Fact]
    public void Lines_for_a_channel_of_text_are_taken_as_they_are()
    {
        var (outcome, output, _) = Run(Echo(TextType), "say", "one\ntwo\r\n\nthree");
        Assert.Equal("one\ntwo\n\nthree\n", output);
        var report = Assert.IsType<RunOutcome.Ended>(outcome).Report;
        Assert.Equal((4, 4), (report.Committed, report.Events));
        Assert.Equal(4, Assert.Single(report.Inputs).Lines);
        Assert.Equal(4, Assert.Single(report.Latencies).Count);
    }

    [Fact]
    public void Lines_for_other_channels_are_json_and_what_is_not_is_counted()
    {
        var type = new SchemaType.Record("Say", [new("line", TextType)]);
        var (outcome, output, log) = Run(
            Echo(type), "say", "{\"line\":\"x\"}\nnonsense\n{\"line\":\"y\",\"more\":1}\n");
        Assert.Equal("x\ny\n", output);
        Assert.Equal(1, Assert.Single(Assert.IsType<RunOutcome.Ended>(outcome).Report.Inputs).Malformed);
        Assert.Contains("$: not JSON", log, StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_that_nothing_takes_and_a_file_that_is_no_bundle_are_refused()
    {
        Assert.NotEmpty(Assert.IsType<RunOutcome.Refused>(Run(Echo(TextType), "nowhere", "").Outcome).Reasons);
        Assert.NotEmpty(Assert.IsType<RunOutcome.Refused>(Run([1, 2, 3], "say", "").Outcome).Reasons);
    }

    [Fact]
    public void A_run_that_goes_on_as_before_allocates_nothing()
    {
        const string ticking = """
            tars: 1
            module: ticks
            version: 1.0.0
            summary: Ticks.
            capabilities:
              timers: { shortest: 1ms }
            state:
              ticks: int = 0
            handlers:
              start:
                do: |
                  every 1ms tick
              timer tick:
                do: |
                  ticks += 1
            """;
        ReadOnlyMemory<byte>[] bundles = [CompiledProcess.Compile(ticking).Bytes];
        _ = AllocatedIn(2);
        long more = AllocatedIn(6) - AllocatedIn(2);
        Assert.InRange(more, -4_000, 4_000); // An octet a tick.

        long AllocatedIn(long seconds)
        {
            var options = new RunOptions { For = seconds * 1_000_000_000, VirtualTime = true };
            var streams = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
            var outcome = SystemRun.Run(bundles, options, streams, TestContext.Current.CancellationToken);
            var report = Assert.IsType<RunOutcome.Ended>(outcome).Report;
            Assert.InRange(report.Events, seconds * 1_000, seconds * 1_000 + 2);
            return report.Allocated;
        }
    }

    private static (RunOutcome Outcome, string Output, string Log) Run(byte[] bundle, string input, string text)
    {
        using var output = new MemoryStream();
        using var log = new StringWriter();
        using var source = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var options = new RunOptions { Inputs = [new InputSpec(input, "-")], VirtualTime = true };
        var outcome = SystemRun.Run([bundle], options, new RunStreams(source, output, log), CancellationToken.None);
        return (outcome, Encoding.UTF8.GetString(output.ToArray()), log.ToString());
    }

    // The echo guest sends what it gets to slot 7 as operation 3: here, the console.
    private static byte[] Echo(SchemaType type)
    {
        var echo = Agent("echo", Message("say", type)) with
        {
            Slots = [.. Enumerable.Repeat(new SlotSpec(SlotKind.Device, "screen"), (int)EchoGuest.Slot + 1)],
            Operations = [.. Enumerable.Repeat(Prints, EchoGuest.Operation + 1)],
        };
        var manifest = Of("echo", echo) with
        {
            Subscribes = [new("say", type)],
            Devices = [new("screen", "console", Value: null, [])],
        };
        return BundleWriter.Write(ModuleEncoder.Encode(EchoGuest.Module()), manifest, DebugInfo.None, []);
    }
}
