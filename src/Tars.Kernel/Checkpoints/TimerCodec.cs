using Tars.Base;
using Tars.Kernel.Processes;
using Tars.Kernel.Timers;

namespace Tars.Kernel.Checkpoints;

/// <summary>The octets of a timer; of one that is not set only that.</summary>
internal static class TimerCodec
{
    public static void Save(ByteWriter output, TimerEntry? timer)
    {
        bool isSet = timer is { IsSet: true };
        output.U8(isSet ? (byte)1 : (byte)0);
        if (timer is null || !isSet)
        {
            return;
        }

        output.U8(timer.HeapPlace < 0 ? (byte)0 : (byte)1);
        output.I64(timer.Due);
        output.I64(timer.Period);
        output.I64(timer.WaitingTurns);
        output.I64(timer.Serial);
    }

    /// <param name="handler">-1 for the time-out of an ask.</param>
    public static TimerEntry? Load(TimerService clock, Process owner, int handler, ref ByteReader input)
    {
        if (input.U8() == 0)
        {
            return null;
        }

        bool isInHeap = input.U8() != 0;
        var timer = new TimerEntry(owner, handler)
        {
            Due = input.I64(),
            Period = input.I64(),
            WaitingTurns = input.I64(),
            Serial = input.I64(),
        };
        if (timer.Due < 0 || timer.Period < 0 || timer.WaitingTurns < 0)
        {
            input.Fail();
        }

        if (isInHeap && !input.Failed)
        {
            clock.PutBack(timer);
        }

        return timer;
    }
}
