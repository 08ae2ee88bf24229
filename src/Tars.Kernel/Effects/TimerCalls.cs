using Tars.Bundle.Manifest;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Effects;

/// <summary>Sets and cancels the timers that a process's own handlers stand for.</summary>
internal sealed class TimerCalls(KernelState state)
{
    /// <param name="from">The clock that the timer counts from.</param>
    /// <returns>Null, or why it is not set.</returns>
    public Refusal? Set(Process process, long from, ref EffectReader effect)
    {
        int handler = effect.I32();
        long first = effect.I64();
        long period = effect.I64();
        if (!IsTimer(process, handler))
        {
            return new Refusal("", "there is no such timer");
        }

        var name = process.Agent.Handlers[handler].Spec.Subject;
        long shortest = process.Agent.Module.Manifest.ShortestTimer ?? long.MaxValue;
        if (first < shortest || (period != 0 && period < shortest))
        {
            return new Refusal(name, "it is shorter than `capabilities.timers.shortest`");
        }

        state.Clock.Set(process, handler, from, first, period);
        return null;
    }

    public Refusal? Cancel(Process process, ref EffectReader effect)
    {
        int handler = effect.I32();
        if (!IsTimer(process, handler))
        {
            return new Refusal("", "there is no such timer");
        }

        state.Clock.Cancel(process, handler);
        return null;
    }

    private static bool IsTimer(Process process, int handler) =>
        (uint)handler < (uint)process.Agent.Handlers.Length
        && process.Agent.Handlers[handler].Spec.Kind == HandlerKind.Timer;
}
