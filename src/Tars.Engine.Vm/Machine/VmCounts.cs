using System.Collections.Immutable;

namespace Tars.Engine.Vm.Machine;

/// <summary>How often what happened to the machines of one host. Any thread may add and read.</summary>
internal sealed class VmCounts
{
    private static readonly int _kinds = Enum.GetValues<VmExitKind>().Length;
    private static readonly int _faults = Enum.GetValues<VmFaultKind>().Length;
    private static readonly int _breaches = Enum.GetValues<VmBreach>().Length;

    private readonly long[] _exits = new long[_kinds];
    private readonly long[] _byFault = new long[_faults];
    private readonly long[] _byBreach = new long[_breaches];
    private long _created;
    private long _destroyed;
    private long _reused;

    public long Created => Interlocked.Read(ref _created);

    public long Destroyed => Interlocked.Read(ref _destroyed);

    /// <summary>Machines that came from the pool.</summary>
    public long Reused => Interlocked.Read(ref _reused);

    public long Of(VmExitKind kind) => Interlocked.Read(ref _exits[(int)kind]);

    public long Of(VmFaultKind kind) => Interlocked.Read(ref _byFault[(int)kind]);

    public long Of(VmBreach breach) => Interlocked.Read(ref _byBreach[(int)breach]);

    /// <summary>What is not zero, by name, for who wants to show it.</summary>
    public ImmutableArray<(string Name, long Count)> Breaches() =>
    [
        .. from breach in Enum.GetValues<VmBreach>()
           where breach != VmBreach.None && 0 < Of(breach)
           select (breach.ToString(), Of(breach)),
        .. 0 < Of(VmFaultKind.Unforeseen)
            ? [(nameof(VmFaultKind.Unforeseen), Of(VmFaultKind.Unforeseen))]
            : Array.Empty<(string, long)>(),
    ];

    internal void Add(in VmExit exit)
    {
        Interlocked.Increment(ref _exits[(int)exit.Kind]);
        if (exit.Kind == VmExitKind.Fault)
        {
            Interlocked.Increment(ref _byFault[(int)exit.Fault.Kind]);
        }
        else if (exit.Kind == VmExitKind.Broken)
        {
            Interlocked.Increment(ref _byBreach[(int)exit.Breach]);
        }
    }

    internal void AddCreated() => Interlocked.Increment(ref _created);

    internal void AddDestroyed() => Interlocked.Increment(ref _destroyed);

    internal void AddReused() => Interlocked.Increment(ref _reused);
}
