using Tars.Engine.Vm.Kvm;

namespace Tars.Engine.Vm.Machine;

/// <summary>What all machines of a process share: KVM, the watch over deadlines, the pool, the counts.</summary>
/// <remarks>
/// Any thread may use it.
/// Invariants:
///   I1  What comes from the pool has nothing of whom it served before: memory, stack, control area and registers are
///       as in a new machine.
///   I2  A poisoned machine never comes back.
///   I3  When too many wait, the one that has waited longest goes: of shapes that nobody asks for none stays.
/// </remarks>
internal sealed class VmHost : IDisposable
{
    private readonly Lock _gate = new();

    // Who came last is last.
    private readonly List<MicroVm> _ready = [];
    private bool _isDisposed;

    private VmHost(KvmSystem system) => System = system;

    public KvmSystem System { get; }

    public VmWatch Watch { get; } = new();

    public VmCounts Counts { get; } = new();

    /// <summary>Machines that wait.</summary>
    public int ReadyCount
    {
        get
        {
            lock (_gate)
            {
                return _ready.Count;
            }
        }
    }

    /// <summary>Opens KVM.</summary>
    /// <exception cref="KvmException">This system has none, or it may not be opened.</exception>
    public static VmHost Open(string path = "/dev/kvm") => new(KvmSystem.Open(path));

    /// <summary>A machine of this shape in which nothing runs, from the pool or new.</summary>
    /// <exception cref="KvmException">The system has no more machines or memory.</exception>
    public MicroVm Take(VmShape shape)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            int last = _ready.FindLastIndex(machine => machine.Shape == shape);
            if (0 <= last)
            {
                var ready = _ready[last];
                _ready.RemoveAt(last);
                Counts.AddReused();
                return ready;
            }
        }

        return Create(shape);
    }

    /// <summary>A new machine.</summary>
    public MicroVm Create(VmShape shape)
    {
        var machine = MicroVm.Create(this, shape);
        Counts.AddCreated();
        return machine;
    }

    /// <summary>A machine with an image in it, ready to run.</summary>
    public MicroVm Start(VmImage image) => Filled(image.Shape, machine => machine.Load(image));

    /// <summary>Another machine that goes on where a snapshot was taken.</summary>
    public MicroVm Fork(VmSnapshot snapshot) =>
        Filled(snapshot.Image.Shape, machine => machine.Become(snapshot));

    /// <summary>Takes a machine back. It is cleaned and waits for the next guest, or it is destroyed.</summary>
    public void Give(MicroVm machine)
    {
        if (!machine.IsReusable) // I2
        {
            Destroy(machine);
            return;
        }

        try
        {
            machine.Clean(); // I1
        }
        catch (KvmException)
        {
            Destroy(machine);
            return;
        }

        Keep(machine);
    }

    /// <summary>Makes machines ahead, each with its pages touched, until so many of this shape wait, or as many as
    /// can wait at all. Those of other shapes make room.</summary>
    /// <exception cref="KvmException">The system has no more machines or memory.</exception>
    public void Prepare(VmShape shape, int count)
    {
        int wanted = Math.Min(count, Limits.PooledCountMax);
        for (int waiting = Waiting(shape); waiting < wanted; waiting++)
        {
            var machine = Create(shape);
            if (!machine.Warm())
            {
                Destroy(machine);
                return;
            }

            Give(machine); // I3
        }
    }

    /// <summary>Ends a machine.</summary>
    public void Destroy(MicroVm machine)
    {
        machine.Dispose();
        Counts.AddDestroyed();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        foreach (var machine in _ready)
        {
            Destroy(machine);
        }

        _ready.Clear();
        Watch.Dispose();
        System.Dispose();
    }

    // A machine that could not be filled is no one's.
    private MicroVm Filled(VmShape shape, Action<MicroVm> fill)
    {
        var machine = Take(shape);
        try
        {
            fill(machine);
            return machine;
        }
        catch
        {
            Destroy(machine);
            throw;
        }
    }

    private int Waiting(VmShape shape)
    {
        lock (_gate)
        {
            return _ready.Count(machine => machine.Shape == shape);
        }
    }

    private void Keep(MicroVm machine)
    {
        var goes = machine;
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _ready.Add(machine);
                if (_ready.Count <= Limits.PooledCountMax)
                {
                    return;
                }

                goes = _ready[0]; // I3
                _ready.RemoveAt(0);
            }
        }

        Destroy(goes);
    }
}
