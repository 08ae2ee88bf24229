using System.Collections.Immutable;
using Tars.Kernel.Swapping;

namespace Tars.Kernel.Ports;

/// <summary>What a swap can know before it begins: how the versions differ, and the system with the new one in it.
/// </summary>
/// <remarks>
/// Pure, so it may be made beforehand, on any thread, while the system runs; a kernel makes it itself where none came,
/// or one that does not fit any more. So it is no part of the event: with it or without, the same happens.
/// </remarks>
public sealed class SwapPreparation
{
    private readonly SystemImage _running;

    private SwapPreparation(SystemImage running, int module, ModuleImage image, SwapTerms terms)
    {
        _running = running;
        Image = image;
        Terms = terms;
        var old = running.Modules[module];
        Plan = SwapPlanner.Plan(old.Manifest, image.Manifest);
        Back = HasToReturn(terms) ? SwapPlanner.Plan(image.Manifest, old.Manifest) : null;
        New = image with { IsImported = old.IsImported };
        Link = SystemImage.Link(running.Modules.SetItem(module, New), running);
    }

    /// <summary>The new version, as it was handed in.</summary>
    public ModuleImage Image { get; }

    public SwapTerms Terms { get; }

    /// <summary>Why it would be refused whatever the processes hold; empty when it would not.</summary>
    public ImmutableArray<string> Refusals =>
    [
        .. Plan.Reasons,
        .. Plan.Rights.Where(right => !Terms.GrantsAll && !Terms.Granted.Contains(right))
            .Select(right => $"it uses what is not granted: {right}"),
        .. Back?.Reasons.Select(reason => $"no way back: {reason}") ?? [],
        .. Link is LinkResult.Refused refused ? refused.Reasons : [],
    ];

    internal SwapPlan Plan { get; }

    /// <summary>The way back, where the terms ask for one.</summary>
    internal SwapPlan? Back { get; }

    /// <summary>The new version, as the system has it.</summary>
    internal ModuleImage New { get; }

    internal LinkResult Link { get; }

    /// <summary>Null when no module of that name runs.</summary>
    /// <param name="running">As <see cref="IOutside.Swapped"/> told it last, or as it was linked.</param>
    public static SwapPreparation? Of(SystemImage running, ModuleImage image, SwapTerms terms)
    {
        for (int module = 0; module < running.Modules.Length; module++)
        {
            if (running.Modules[module].Manifest.Name == image.Manifest.Name)
            {
                return Of(running, module, image, terms);
            }
        }

        return null;
    }

    internal static SwapPreparation Of(SystemImage running, int module, ModuleImage image, SwapTerms terms) =>
        new(running, module, image, terms);

    /// <summary>True when it is of just this system, version and terms.</summary>
    internal bool Fits(SystemImage running, ModuleImage image, SwapTerms terms) =>
        ReferenceEquals(running, _running) && ReferenceEquals(image, Image) && ReferenceEquals(terms, Terms);

    private static bool HasToReturn(SwapTerms terms) => 0 < terms.Probation && !terms.NoReturn;
}
