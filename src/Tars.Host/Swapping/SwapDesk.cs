using System.Collections.Concurrent;
using System.Collections.Immutable;
using Tars.Bundle.Container;
using Tars.Evolution.Trials;
using Tars.Host.Granting;
using Tars.Host.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host.Swapping;

/// <summary>Where new versions of a run's modules are handed in from another thread.</summary>
/// <remarks>What takes long, reading and translating, is done on the thread of whoever hands in.</remarks>
/// <param name="options">As of the run: engine and parameters.</param>
public sealed class SwapDesk(RunOptions options, SwapTerms terms)
{
    private readonly ConcurrentQueue<SwapOffer> _offers = new();
    private readonly ConcurrentDictionary<string, BundleHash> _running = new(StringComparer.Ordinal);
    private volatile Action? _wake;
    private volatile RunOptions _options = options;
    private volatile SystemImage? _system;

    /// <summary>True once the run knows its modules; before that none of them is <see cref="Running"/>.</summary>
    public bool IsAttached => _wake is not null;

    /// <summary>When it is cancelled, nobody wants versions any more that are still being compiled.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>On what terms versions that are handed in may take over.</summary>
    public SwapTerms Terms { get; } = terms;

    /// <summary>The bundle that runs under a module's name; null when none does.</summary>
    public BundleHash? Running(string module) => _running.TryGetValue(module, out var hash) ? hash : null;

    /// <summary>Hands in a new version of a module; what becomes of it is told in the log of the run.</summary>
    /// <returns>Why it is not even tried; empty when it is.</returns>
    public IReadOnlyList<string> Offer(ReadOnlyMemory<byte> bundle)
    {
        var options = _options;
        if ((options.Engines?.Engine ?? Compose.Engine(options.Engine, Stop)) is not { } engine)
        {
            return [Compose.WhyNot(options.Engine)];
        }

        var grants = SystemGrants.Of([bundle], options);
        if (grants.Refusals() is { Count: > 0 } refusals)
        {
            return refusals;
        }

        var loader = new SystemLoader(engine, grants.ApplyTo(options));
        if (loader.LoadAlone(bundle) is not { } image)
        {
            return loader.Reasons;
        }

        if (Unkept.WhyNot(image.Manifest, options) is { Count: > 0 } unkept)
        {
            image.Code.Dispose();
            return unkept;
        }

        _offers.Enqueue(SwapOffer.Of(image, bundle, _system, Terms));
        _wake?.Invoke();
        return [];
    }

    /// <summary>Tries a version on what the run had lately; null where nothing of that is kept.</summary>
    public TrialOutcome? Try(ReadOnlyMemory<byte> bundle) => _options.Recent?.Try(bundle);

    /// <param name="wake">Called after each offer, from the thread that offers.</param>
    /// <param name="options">As it goes on: what it was begun with may be said in its journal alone, and a version
    /// begins on the engine where the one is that it replaces.</param>
    internal void Attach(SystemImage system, Action wake, RunOptions options)
    {
        Note(system);
        _options = options;
        _wake = wake;
    }

    /// <summary>The system is now as it is said here.</summary>
    internal void Note(SystemImage system)
    {
        _system = system;
        foreach (var module in system.Modules)
        {
            _running[module.Manifest.Name] = module.Hash;
        }
    }

    internal bool HasOffer => !_offers.IsEmpty;

    internal SwapOffer? Take() => _offers.TryDequeue(out var offer) ? offer : null;
}

/// <summary>A new version of a module, loaded, and the bundle that it is of.</summary>
internal sealed record SwapOffer(ModuleImage Image, ReadOnlyMemory<byte> Bundle)
{
    /// <summary>Why a version of what is not there takes over nothing.</summary>
    public const string NotRunning = "no module of that name runs";

    /// <summary>What came of its trial, in lines for a person.</summary>
    public ImmutableArray<string> Trial { get; init; } = [];

    /// <summary>What was worked out on the thread of whoever hands it in.</summary>
    private SwapPreparation? Prepared { get; init; }

    /// <param name="system">As it runs; null when that is not known yet.</param>
    public static SwapOffer Of(
        ModuleImage image, ReadOnlyMemory<byte> bundle, SystemImage? system, SwapTerms terms) =>
        new(image, bundle) { Prepared = system is null ? null : SwapPreparation.Of(system, image, terms) };

    /// <summary>Why it would not take over in a system, whatever the processes hold; null when it would.</summary>
    public string? WhyNot(SystemImage running, SwapTerms terms) =>
        SwapPreparation.Of(running, Image, terms) is not { } prepared ? NotRunning
            : prepared.Refusals is { IsEmpty: false } reasons ? string.Join("; ", reasons)
            : null;

    /// <summary>The event that hands it to a kernel.</summary>
    public KernelEvent.Swap EventAt(Moment at, SwapTerms terms) =>
        Prepared is { } prepared && ReferenceEquals(prepared.Terms, terms)
            ? KernelEvent.Swap.Of(at, prepared)
            : KernelEvent.Swap.Of(at, Image, terms);
}
