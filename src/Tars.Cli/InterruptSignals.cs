using System.Runtime.InteropServices;

namespace Tars.Cli;

/// <summary>Turns the first SIGINT or SIGTERM into a request to end cleanly; the second ends the program.</summary>
internal sealed class InterruptSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    public InterruptSignals()
    {
        _interrupt = StopOn(PosixSignal.SIGINT);
        _terminate = StopOn(PosixSignal.SIGTERM);
    }

    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _stop.Dispose();
    }

    private PosixSignalRegistration StopOn(PosixSignal signal) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = !_stop.IsCancellationRequested;
            try
            {
                _stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It comes while the program ends, which is what it asks for.
            }
        });
}
