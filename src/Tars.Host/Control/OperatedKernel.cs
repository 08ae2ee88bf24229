using System.Collections.Immutable;
using Tars.Devices.Host;
using Tars.Host.Swapping;
using Tars.Kernel.Ports;

namespace Tars.Host.Control;

/// <summary>The one kernel of a run, operated on the thread that steps it.</summary>
/// <param name="whyLost">Why what was stepped last is not kept; null when it is.</param>
/// <param name="note">Tells the journal of a bundle that the next event names.</param>
internal sealed class OperatedKernel(
    Kernel.Kernel kernel,
    SystemOutside outside,
    IClock clock,
    Func<KernelEvent, StepResult> step,
    Func<string?> whyLost,
    Action<ReadOnlyMemory<byte>> note) : IOperated
{
    public SystemImage System => kernel.System;

    public string? WhyLost => whyLost();

    /// <summary>What the newest Step answered, whoever made it.</summary>
    public StepResult Last { get; set; }

    public ControlPage<T>? Look<T>(Func<Kernel.Kernel, IEnumerable<T>> rows, Func<T, long> keyOf) =>
        ControlPage<T>.Of(rows(kernel), keyOf);

    public OperatorAct Act(Func<Moment, KernelEvent> what)
    {
        Last = step(what(clock.Now));
        return outside.LastAct!; // Every event of an operator tells in its own Step what came of it.
    }

    public string? Feed(DeviceId device, ImmutableArray<byte> value)
    {
        Last = step(new KernelEvent.DeviceInput(clock.Now, device, value));
        return null;
    }

    public string? WhyNot(SwapOffer offer, SwapTerms terms) => offer.WhyNot(System, terms);

    public string? Swap(SwapOffer offer, SwapTerms terms)
    {
        note(offer.Bundle);
        Last = step(offer.EventAt(clock.Now, terms));
        return null;
    }
}
