using System.Collections.Immutable;
using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Checkpoints;

/// <summary>The octets of what is told of processes that have ended.</summary>
internal static class EndedCodec
{
    public static void Save(ByteWriter output, IReadOnlyCollection<ProcessReport> ended)
    {
        output.U32((uint)ended.Count);
        foreach (var report in ended)
        {
            output.I64(report.Process.Value);
            output.Text(report.Module);
            output.Text(report.Agent);
            output.I64(report.Traps);
            output.I64(report.Restarts);
            output.I64(report.Fuel);
            output.I64(report.MemoryHigh);
            output.U32((uint)report.Waiting);
            output.U32((uint)report.Handlers.Length);
            foreach (var handler in report.Handlers)
            {
                output.Text(handler.Name);
                output.I64(handler.Events);
                output.I64(handler.Committed);
                output.I64(handler.Traps);
                output.I64(handler.Fuel);
            }

            Doubles.Save(output, report.Strengths.AsSpan());
        }
    }

    public static List<ProcessReport> Load(ref ByteReader input)
    {
        var ended = new List<ProcessReport>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            var process = new ProcessId(input.I64());
            var (module, agent) = (input.Text(), input.Text());
            var (traps, restarts, fuel, memory) = (input.I64(), input.I64(), input.I64(), input.I64());
            int waiting = (int)input.U32();
            var handlers = ImmutableArray.CreateBuilder<HandlerReport>();
            for (uint more = input.U32(); 0 < more && !input.Failed; more--)
            {
                handlers.Add(new HandlerReport(
                    input.Text(), input.I64(), input.I64(), input.I64(), input.I64()));
            }

            ended.Add(new ProcessReport(
                process, module, agent, IsEnded: true, traps, restarts, fuel, memory, waiting,
                handlers.DrainToImmutable(), [.. Doubles.Load(ref input)]));
        }

        return ended;
    }
}
