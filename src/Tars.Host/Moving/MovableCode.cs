using Tars.Kernel.Ports;

namespace Tars.Host.Moving;

/// <summary>A module's code on one engine, and on another when its operator wants it so.</summary>
/// <remarks>
/// Invariants:
///   I1  A guest goes over when it is called, and never while it runs: what it is then is free of engines.
///   I2  Engines give the same results, so a move is no event: a run that moves is journalled and replayed as one that
///       does not.
/// </remarks>
/// <param name="engine">The name of the engine that it begins on.</param>
internal sealed class MovableCode(IGuestCode first, string engine) : IGuestCode
{
    private readonly Lock _gate = new();
    private readonly List<IGuestCode> _codes = [first];
    private IGuestCode _current = first;
    private string _engine = engine;
    private string? _whyStays;
    private int _moved;
    private int _stayed;
    private bool _isDisposed;

    /// <summary>Where its guests are to be. Any thread may ask.</summary>
    public IGuestCode Current => Volatile.Read(ref _current);

    /// <summary>The name of the engine where they are to be.</summary>
    public string Engine
    {
        get
        {
            lock (_gate)
            {
                return (_current as MovableCode)?.Engine ?? _engine;
            }
        }
    }

    /// <summary>Why they do not go where they were to go, if they do not.</summary>
    public string? WhyStays => Volatile.Read(ref _whyStays) ?? (Current as MovableCode)?.WhyStays;

    /// <summary>Nobody will run it any more.</summary>
    public bool IsDisposed
    {
        get
        {
            lock (_gate)
            {
                return _isDisposed;
            }
        }
    }

    /// <summary>How often a guest has gone over.</summary>
    public int Moved => Volatile.Read(ref _moved);

    /// <summary>How often one could not, and stayed where it was.</summary>
    public int Stayed => Volatile.Read(ref _stayed);

    public IGuest? Instantiate(GuestLimits limits, out GuestFault? fault)
    {
        var code = Current;
        return code.Instantiate(limits, out fault) is { } guest ? new MovableGuest(this, code, guest, limits) : null;
    }

    /// <summary>From now on its guests go over to other code of the same module, each at its next call.</summary>
    /// <param name="code">Its owner from now on is this.</param>
    public void MoveTo(IGuestCode code, string engine)
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                code.Dispose();
                return;
            }

            _codes.Add(code);
            _engine = engine;
            Volatile.Write(ref _current, code);
        }
    }

    /// <summary>The engine that they were to go to refuses them.</summary>
    public void Stays(string why) => Volatile.Write(ref _whyStays, why);

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _codes.ForEach(code => code.Dispose());
            _codes.Clear();
        }
    }

    private void Count(bool hasMoved) => Interlocked.Increment(ref hasMoved ? ref _moved : ref _stayed);

    private sealed class MovableGuest(MovableCode code, IGuestCode on, IGuest guest, GuestLimits limits) : IGuest
    {
        private IGuestCode _on = on;
        private IGuest _guest = guest;

        public Span<byte> Memory => _guest.Memory;

        public int ControlAddress => _guest.ControlAddress;

        public StartAnswer Start(GuestCall call)
        {
            if (code.Current is var wanted && wanted != _on)
            {
                GoTo(wanted); // I1
            }

            return _guest.Start(call);
        }

        public void Abort() => Volatile.Read(ref _guest).Abort();

        public void Forget(int address, int size) => _guest.Forget(address, size);

        public GuestState Save() => _guest.Save();

        public void Restore(GuestState state) => _guest.Restore(state);

        public void Dispose() => _guest.Dispose();

        private void GoTo(IGuestCode wanted)
        {
            _on = wanted; // One that cannot go over is not asked again at each call.
            var next = wanted.Instantiate(limits, out _);
            if (next is not null)
            {
                next.Restore(_guest.Save());
                var before = _guest;
                Volatile.Write(ref _guest, next);
                before.Dispose();
            }

            code.Count(hasMoved: next is not null);
        }
    }
}
