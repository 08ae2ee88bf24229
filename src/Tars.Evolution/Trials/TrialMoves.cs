using Tars.Kernel.Ports;

namespace Tars.Evolution.Trials;

/// <summary>Modules that went from shard to shard in the recorded run, and do so with the other code.</summary>
/// <remarks>What the other code packs is its own state; where it cannot do what the recorded code did, the trial ends.
/// </remarks>
internal sealed class TrialMoves
{
    private readonly HashSet<long> _refused = [];
    private TrialPackage? _recorded;
    private TrialPackage? _package;

    /// <summary>True when what a shard takes was packed before, as it is, by the recorded code.</summary>
    public bool IsPacked(KernelEvent.MoveIn move) => _recorded is { } packed && packed.Module == move.Module
        && packed.Octets.AsSpan().SequenceEqual(move.Package.AsSpan());

    /// <summary>The recorded code was stepped with an event.</summary>
    public void Recorded(KernelEvent happened, long number, TrialOutside old)
    {
        if (happened is KernelEvent.MoveOut)
        {
            _recorded = old.Package;
        }

        if (happened is KernelEvent.MoveIn && old.WhyNotMoved is not "")
        {
            _refused.Add(number);
        }
    }

    /// <summary>The move with what the other code has packed; null where it could not.</summary>
    public KernelEvent.MoveIn? OfOther(KernelEvent.MoveIn move, out string? why)
    {
        string? own = _package?.Module != move.Module ? "it was not packed"
            : _package.Why.Length == 0 ? null : _package.Why;
        why = own is null ? null : $"a module moved to another shard there, and the other one could not: {own}";
        return own is null ? move with { Package = _package!.Octets } : null;
    }

    /// <summary>Why the trial ends with an event that the other code was stepped with; null when it goes on.</summary>
    /// <param name="number">Of the recorded event.</param>
    public string? WhyNot(KernelEvent given, long number, TrialOutside now)
    {
        if (given is KernelEvent.MoveOut)
        {
            _package = now.Package;
        }

        bool isRefused = now.WhyNotMoved is not "";
        return given is not KernelEvent.MoveIn || isRefused == _refused.Contains(number) ? null
            : isRefused ? $"a module moved to another shard there, and the other one could not: {now.WhyNotMoved}"
            : "a module could not move to another shard there, and the other one could";
    }
}
