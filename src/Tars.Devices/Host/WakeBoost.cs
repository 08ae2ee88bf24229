using System.Diagnostics;

namespace Tars.Devices.Host;

/// <summary>
/// Has a thread that sleeps until something is due run at once when it wakes, before all that only computes.
/// </summary>
/// <remarks>
/// On Linux the thread is under SCHED_RR (sched(7)) while it sleeps and for a short time after, where the system
/// permits that: otherwise it may have to wait until others have used their slices up, which are some milliseconds. It
/// is one of many again as soon as it works for longer, so a guest that never rests takes no more from others than
/// without. Threads and processes that it begins are not meant. Who was told to run behind others, or by a policy of
/// an operator's choice, stays there.
///
/// Invariants:
///   I1  Of any longer time the thread works under SCHED_RR for at most half: each nanosecond of it takes one without
///       to earn back, and without credit there is none.
///   I2  It stays under SCHED_RR for at most <see cref="StretchMax"/> after it woke, and until its next look.
/// </remarks>
public sealed class WakeBoost
{
    /// <summary>Nanoseconds of work until the thread is as others are.</summary>
    internal const long StretchMax = 2_000_000;

    /// <summary>Nanoseconds of such work that can be saved up.</summary>
    internal const long CreditMax = 20_000_000;

    private readonly Func<bool, bool> _set;
    private readonly Func<long> _now;
    private bool _isRefused;
    private bool _isOn;
    private long _credit = CreditMax;
    private long _counted;
    private long _woke;

    /// <summary>For the thread that calls the methods, always the same.</summary>
    public WakeBoost()
        : this(RealTime.TrySet, () => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency)))
    {
    }

    /// <param name="set">Puts the thread under SCHED_RR, or back; false when that is not permitted.</param>
    /// <param name="now">Nanoseconds since any instant; never goes back.</param>
    internal WakeBoost(Func<bool, bool> set, Func<long> now)
    {
        _set = set;
        _now = now;
        _counted = now();
    }

    /// <summary>Null when this thread may have it, or why not.</summary>
    public static string? WhyNot() => RealTime.WhyNot();

    /// <summary>The thread is about to sleep.</summary>
    public void BeforeSleep()
    {
        if (!_isRefused)
        {
            Count();
            Set(0 < _credit); // I1
        }
    }

    /// <summary>The thread has slept.</summary>
    public void AfterSleep()
    {
        if (_isOn)
        {
            long now = _now();
            _credit = Math.Min(CreditMax, _credit + now - _counted);
            _counted = now;
            _woke = now;
        }
    }

    /// <summary>The thread works still; to be told often.</summary>
    public void GoesOn()
    {
        if (_isOn && StretchMax < _now() - _woke)
        {
            End(); // I2
        }
    }

    /// <summary>From here on the thread is as others are, until it sleeps again.</summary>
    public void End()
    {
        Count();
        Set(false);
    }

    // What was worked since it woke is paid for.
    private void Count()
    {
        long now = _now();
        _credit = Math.Min(CreditMax, _credit + (_isOn ? _counted - now : now - _counted));
        _counted = now;
    }

    private void Set(bool on)
    {
        if (on != _isOn)
        {
            _isRefused = !_set(on);
            _isOn = on && !_isRefused;
        }
    }
}
