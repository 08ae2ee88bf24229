namespace Tars.Engine.Vm.Machine;

/// <summary>Stops machines whose deadline has passed: one thread looks at all that run.</summary>
/// <remarks>
/// It sleeps when none runs. A run that is stopped and goes on (for a stop can come between two exits) is stopped again
/// at the next look: a deadline cannot be outrun.
/// </remarks>
internal sealed class VmWatch : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<MicroVm, (int Thread, VmDeadline Deadline)> _running = [];
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly Thread _thread;
    private bool _isAsleep;
    private volatile bool _isEnded;

    public VmWatch()
    {
        _thread = new Thread(Watch) { IsBackground = true, Name = "micro-VM watch" };
        _thread.Start();
    }

    public void Enter(MicroVm machine, int thread, VmDeadline deadline)
    {
        bool wasAsleep;
        lock (_gate)
        {
            _running[machine] = (thread, deadline);
            wasAsleep = _isAsleep;
            _isAsleep = false;
        }

        if (wasAsleep)
        {
            _wake.Set();
        }
    }

    public void Leave(MicroVm machine)
    {
        lock (_gate)
        {
            _running.Remove(machine);
        }
    }

    public void Dispose()
    {
        _isEnded = true;
        _wake.Set();
        _thread.Join();
        _wake.Dispose();
    }

    private void Watch()
    {
        int idleRounds = 0;
        while (!_isEnded)
        {
            bool isIdle = Look();
            idleRounds = isIdle ? idleRounds + 1 : 0;
            _wake.WaitOne(Limits.IdleRoundsMax < idleRounds && FallAsleep() ? -1 : Limits.WatchMilliseconds);
        }
    }

    private bool FallAsleep()
    {
        lock (_gate)
        {
            _isAsleep = _running.Count == 0;
            return _isAsleep;
        }
    }

    // The lock is held while machines are stopped, so that no stop reaches the next run of one that has just left.
    private bool Look()
    {
        lock (_gate)
        {
            foreach (var (machine, (thread, deadline)) in _running)
            {
                if (deadline.HasPassed(thread) is { } why)
                {
                    _ = machine.Stop(why);
                }
            }

            return _running.Count == 0;
        }
    }
}
