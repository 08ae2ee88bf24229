using System.Text;
using Tars.Host;
using Tars.Host.Swapping;
using Tars.Kernel.Ports;
using Tars.Sim.Disks;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host.Journal;

/// <summary>Lines that were read for one version of a channel are not given to another.</summary>
public sealed class KeptInputTypeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Lines_of_a_channel_whose_type_a_swap_has_changed_are_left_out(int shards)
    {
        var disk = new CutDisk();
        using var printed = new MemoryStream();
        using var told = new StringWriter();
        var options = new RunOptions
        {
            Inputs = [new InputSpec("half", "-")],
            JournalDisk = disk,
            Shards = shards,
            For = 120_000_000_000,
        };
        var desk = new SwapDesk(options, new SwapTerms { GrantsAll = true, NoReturn = true });
        var second = CompiledProcess.Compile(Text("1.1.0", "text"));
        using var input = new Late(() =>
        {
            Assert.True(SpinWait.SpinUntil(() => desk.IsAttached, TimeSpan.FromMinutes(1)));
            Assert.Empty(desk.Offer(second.Bytes));
            Assert.True(SpinWait.SpinUntil(() => desk.Running("ledger") == second.Hash, TimeSpan.FromMinutes(1)));
        });
        var outcome = SystemRun.Run(
            [CompiledProcess.Compile(Text("1.0.0", "int")).Bytes],
            options with { Swaps = desk },
            new RunStreams(input, printed, TextWriter.Synchronized(told)),
            CancellationToken.None);
        Assert.IsType<RunOutcome.Ended>(outcome);
        string log = told.ToString();
        Assert.Contains("swapped ledger 1.0.0 -> 1.1.0", log, StringComparison.Ordinal);
        Assert.True(log.Contains("input half: 3 lines not given", StringComparison.Ordinal), log);
        Assert.DoesNotContain("trap", log, StringComparison.Ordinal);

        // And nothing stands in the journal that a start would not take; there they are read as what they are now.
        using var lines = new Late(() => { });
        outcome = SystemRun.Run(
            [second.Bytes],
            options with { JournalDisk = new CutDisk(disk.Files) },
            new RunStreams(lines, printed, TextWriter.Null),
            CancellationToken.None);
        Assert.True(outcome is RunOutcome.Ended, string.Join('\n', (outcome as RunOutcome.Refused)?.Reasons ?? []));
        Assert.Equal("heard 1\nheard 2\nheard 3\n", Encoding.UTF8.GetString(printed.ToArray()));
    }

    private static string Text(string version, string type) => $$"""
        tars: 1
        module: ledger
        version: {{version}}
        summary: Hears.
        capabilities:
          devices: { out: console }
          subscribe: { half: {{type}} }
        agentic:
          agents:
            book:
              role: Hears.
              journal: durable
              handlers:
                message half as number:
                  do: |
                    tell out.print(line = "heard {number}")
        """;

    private sealed class Late(Action before) : MemoryStream(Encoding.UTF8.GetBytes("1\n2\n3\n"))
    {
        private int _reads;

        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer)
        {
            if (_reads++ == 0) // A line before it would wait as mail, and the swap would be refused.
            {
                before();
            }

            byte[] some = new byte[Math.Min(2, buffer.Length)];
            int read = base.Read(some, 0, some.Length);
            some.AsSpan(0, read).CopyTo(buffer);
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    }
}
