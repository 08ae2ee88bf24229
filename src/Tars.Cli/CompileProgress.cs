using System.Globalization;
using Tars.Base;
using Tars.Engine.Vm;

namespace Tars.Cli;

/// <summary>Says on standard error that modules are being compiled for micro-VMs, when that takes a while.</summary>
/// <remarks>
/// Invariants:
///   I1  Nothing is said of what is over within half a second.
///   I2  At a terminal there is one line, which is gone at the end; elsewhere one line for each module.
/// </remarks>
internal sealed class CompileProgress : IDisposable
{
    private const int QuietMilliseconds = 500;

    private readonly Lock _gate = new();
    private readonly Action<string> _write;
    private readonly bool _isTerminal;
    private readonly Lazy<string> _fate;
    private readonly Timer _timer;
    private VmProgress _at;
    private long _begin;
    private bool _isShown;

    /// <param name="isKept">Whether code is kept for the next time; asked when there is first something to say.</param>
    public CompileProgress(Action<string> write, bool isTerminal, Func<bool> isKept)
    {
        _fate = new(() => isKept()
            ? "it is kept for the next time"
            : "it cannot be kept for the next time (see tarscli doctor)");
        _write = write;
        _isTerminal = isTerminal;
        _timer = new Timer(_ => Look(Environment.TickCount64), state: null, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>For the terminal that this process was started from.</summary>
    public static CompileProgress OfProcess()
    {
        var error = Console.OpenStandardError(); // Octets as they are: others write lines there through a buffer.
        return new CompileProgress(
            text => error.Write(System.Text.Encoding.UTF8.GetBytes(text)),
            !Console.IsErrorRedirected,
            VmSupport.IsCodeKept);
    }

    /// <summary>Any thread may say how far it is; of several at once the last is shown.</summary>
    public void Hear(VmProgress progress) => Hear(progress, Environment.TickCount64);

    /// <summary>A line of its own, whatever is compiled meanwhile. Any thread may say it.</summary>
    public void Warn(string why)
    {
        lock (_gate)
        {
            string gone = _isShown && _isTerminal ? "\r\e[K" : "";
            _write($"{gone}tarscli: {Printable.Of(why)}\n");
        }
    }

    internal void Hear(VmProgress progress, long now)
    {
        lock (_gate)
        {
            if (progress.IsOver)
            {
                _timer.Change(Timeout.Infinite, Timeout.Infinite);
                if (_isShown && _isTerminal)
                {
                    _write("\r\e[K"); // I2
                }
            }
            else if (progress.Piece == 1 || _at.Count == 0 || _at.IsOver) // Pieces before it may have been kept.
            {
                (_begin, _isShown) = (now, false);
                _timer.Change(QuietMilliseconds, QuietMilliseconds);
            }

            _at = progress;
        }
    }

    /// <summary>Says what there is to say at this time.</summary>
    internal void Look(long now)
    {
        lock (_gate)
        {
            if (_at.Count == 0 || _at.IsOver || now - _begin < QuietMilliseconds || (_isShown && !_isTerminal)) // I1
            {
                return;
            }

            _isShown = true;
            string pieces = _at.Count == 1 ? "" : $", piece {_at.Piece} of {_at.Count}";
            _write(_isTerminal
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"\r\e[Kcompiling for microvm{pieces}, {(now - _begin) / 1_000} s; {_fate.Value}")
                : $"compiling for microvm{pieces}; {_fate.Value}\n");
        }
    }

    public void Dispose() => _timer.Dispose();
}
