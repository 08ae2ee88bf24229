using System.Diagnostics;
using System.Globalization;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Bench;

/// <summary>Swaps of a process with 1 MB of state while mail waits: how long it stands still, what is lost.</summary>
/// <remarks>
/// Every second swap adds a field to a record of which the state holds 10,000, the others take it away again. What the
/// process publishes shows that no message was lost, handled twice or overtaken.
/// </remarks>
internal static class SwapBench
{
    private const int SwapCount = 1_000;
    private const int WarmUpCount = 20;
    private const int Items = 10_000;
    private const int LinesPerSwap = 1_500;

    // With so much text in each, more of them come at once than one Step handles.
    private const int TextSize = 4_000;
    private const int LineSize = 12 + TextSize;

    // What PROMISES.md says.
    private static readonly TimeSpan _pauseMax = TimeSpan.FromMilliseconds(1);

    private const string Program = """
        tars: 1
        module: shelf
        version: 1.0.0
        summary: Holds ten thousand records.

        capabilities:
          subscribe: { put: Note, fill: int }
          publish: { seen: int }

        types:
          Note: { n: int, words: text }
          Item: { id: int, a: int, b: int, c: int, d: int, e: float, f: float, g: float, h: float, i: int, j: int, k: int }

        state:
          items: list<Item> = []
          last: int = 0

        handlers:
          message fill as count:
            do: |
              for n in 0..count {
                items.push(Item(id = n, a = n, b = n, c = n, d = n, e = 1.5, f = 2.5, g = 3.5, h = 4.5, i = n, j = n, k = n))
              }

          message put as note:
            do: |
              assert items[note.n % items.len()].id >= 0
              last = note.n
              publish("seen", note.n)
        """;

    public static int Run()
    {
        var old = LoadedProgram.Load(Program);
        var now = LoadedProgram.Load(Program.Replace("k: int }", "k: int, extra: int = 7 }", StringComparison.Ordinal)
            .Replace("1.0.0", "1.1.0", StringComparison.Ordinal));
        if (SystemImage.Link([old]) is not LinkResult.Linked { System: var system })
        {
            Console.WriteLine("FAILED: the module does not link");
            return 1;
        }

        var outside = new Watcher();
        var kernel = new Kernel.Kernel(system, outside);
        kernel.Step(new KernelEvent.Boot(At(0), Seed: 1));
        kernel.Step(new KernelEvent.Message(At(1), "fill", [.. BitConverter.GetBytes((long)Items)]));
        var lines = new LineBatch(LineSize * LinesPerSwap, LineForm.Encoded);
        long next = 0;
        var total = Stopwatch.StartNew();
        for (int swap = 0; swap < WarmUpCount + SwapCount; swap++)
        {
            next = Fill(lines, next);
            var answer = kernel.Step(new KernelEvent.ChannelLines(At(swap + 2), "put", lines));
            // As a host does it, on the thread of whoever hands the version in.
            var prepared = SwapPreparation.Of(outside.System ?? system, swap % 2 == 0 ? now : old, new SwapTerms())!;
            outside.Waited += answer.MoreToDo ? 1 : 0;
            outside.BeganWork = Environment.CpuUsage.TotalTime;
            outside.Began = Stopwatch.GetTimestamp();
            answer = kernel.Step(KernelEvent.Swap.Of(At(swap + 2), prepared));
            while (answer.MoreToDo)
            {
                answer = kernel.Step(new KernelEvent.Turn(At(swap + 2)));
            }
        }

        return Tell(outside, next, total.Elapsed);
    }

    private static int Tell(Watcher outside, long sent, TimeSpan elapsed)
    {
        TimeSpan[] pauses = [.. outside.Pauses.Skip(WarmUpCount).Order()];
        var median = pauses.Length == 0 ? TimeSpan.MaxValue : pauses[pauses.Length / 2];
        var table = new Table("swaps", "median", "p99", "worst", "at most", "median of processor time");
        table.Row(
            pauses.Length.ToString(CultureInfo.InvariantCulture),
            Short(median),
            Short(pauses.ElementAtOrDefault(pauses.Length * 99 / 100)),
            Short(pauses.LastOrDefault()),
            Short(_pauseMax),
            Short(Table.Median(outside.Work.Skip(WarmUpCount).DefaultIfEmpty())));
        table.Print(Console.Out);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {sent:N0} messages, {outside.Wrong} out of order, {sent - outside.Seen} missing; mail waited at "
            + $"{outside.Waited} of {WarmUpCount + SwapCount} swaps; {elapsed.TotalSeconds:0.0} s in all"));
        bool whole = outside.Wrong == 0 && outside.Seen == sent && pauses.Length == SwapCount;
        if (!whole)
        {
            Console.WriteLine($"FAILED: {outside.Refusal ?? "a message was lost, handled twice or overtaken"}");
        }

        Console.Write(median <= _pauseMax ? "" : "FAILED: it stands still for longer than promised\n");
        return whole && median <= _pauseMax ? 0 : 1;
    }

    private static string Short(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.00} ms");

    private static Moment At(int second) => new(second * 1_000_000_000L, second * 1_000_000_000L);

    private static long Fill(LineBatch lines, long next)
    {
        lines.Clear();
        for (int line = 0; line < LinesPerSwap; line++)
        {
            var octets = lines.Buffer.AsSpan(LineSize * line, LineSize);
            BitConverter.TryWriteBytes(octets, next++);
            BitConverter.TryWriteBytes(octets[8..], TextSize);
            octets[12..].Fill((byte)'x');
            lines.Add(LineSize * line, LineSize);
        }

        return next;
    }

    /// <summary>Counts what is published, and the time from the event to the switch.</summary>
    private sealed class Watcher : IOutside
    {
        private long _next;

        public long Began { get; set; }

        public TimeSpan BeganWork { get; set; }

        public List<TimeSpan> Work { get; } = [];

        /// <summary>As it is since the last swap; null before the first.</summary>
        public SystemImage? System { get; private set; }

        public long Seen { get; private set; }

        public long Wrong { get; private set; }

        public long Waited { get; set; }

        public string? Refusal { get; private set; }

        public List<TimeSpan> Pauses { get; } = [];

        public void Published(
            ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
        {
            Seen++;
            Wrong += BitConverter.ToInt64(value) == _next++ ? 0 : 1;
        }

        public void Swapped(SwapReport report)
        {
            System = report.System;
            Refusal ??= report.IsDone ? null : string.Join("; ", report.Refusals);
            if (report.IsDone)
            {
                Pauses.Add(Stopwatch.GetElapsedTime(Began));
                Work.Add(Environment.CpuUsage.TotalTime - BeganWork);
            }
        }

        public void Started(ProcessId process, string module, string agent)
        {
        }

        public void Ended(ProcessId process, EndReason reason, string detail)
        {
        }

        public void Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments)
        {
        }

        public void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
        {
        }

        public void Answered(long number, bool failed, SchemaType type, ReadOnlySpan<byte> answer)
        {
        }

        public void Measured(ProcessId from, int metric, double value)
        {
        }

        public void Logged(ProcessId from, ReadOnlySpan<byte> entry)
        {
        }

        public void Audited(Audit entry)
        {
        }

        public void Trapped(DeadLetter letter)
        {
        }

        public void InputTaken(LineBatch batch)
        {
        }

        public void Committed(ProcessId process, int handler, int count, long arrived)
        {
        }
    }
}
