using System.Collections.Immutable;
using Tars.Host.Swapping;
using Tars.Kernel.Ports;

namespace Tars.Host.Control;

/// <summary>What operators work on: the one kernel of a run, or all of its shards.</summary>
/// <remarks>What is asked here runs on the thread that steps the kernel, and touches nothing of any other.</remarks>
internal interface IOperated
{
    /// <summary>What runs.</summary>
    SystemImage System { get; }

    /// <summary>Why what was done last will not last, whatever is said to have come of it; null when it will. Who
    /// answers an operator asks.</summary>
    string? WhyLost { get; }

    /// <summary>The first page of what all kernels have, in the order of its keys; null when the run ends.</summary>
    /// <param name="rows">Of one kernel, in that order.</param>
    ControlPage<T>? Look<T>(Func<Kernel.Kernel, IEnumerable<T>> rows, Func<T, long> keyOf);

    /// <summary>Has an operator's event happen where it belongs, and tells what came of it.</summary>
    OperatorAct Act(Func<Moment, KernelEvent> what);

    /// <summary>Something comes from a device.</summary>
    /// <returns>Null, or why it does not.</returns>
    string? Feed(DeviceId device, ImmutableArray<byte> value);

    /// <summary>Why a new version would not take over, whatever the processes hold; null when it would.</summary>
    string? WhyNot(SwapOffer offer, SwapTerms terms);

    /// <summary>Begins to put a new version in the place of the one that runs.</summary>
    /// <returns>Null, or why that is not even tried.</returns>
    string? Swap(SwapOffer offer, SwapTerms terms);
}
