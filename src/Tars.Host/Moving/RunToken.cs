namespace Tars.Host.Moving;

/// <summary>A token that is cancelled when a run is told to end, and when it has ended by itself.</summary>
/// <remarks>What is still being compiled for it then is for nobody.</remarks>
internal sealed class RunToken(CancellationToken stop) : IDisposable
{
    private readonly CancellationTokenSource _over = CancellationTokenSource.CreateLinkedTokenSource(stop);

    public CancellationToken Token => _over.Token;

    public void Dispose()
    {
        _over.Cancel();
        _over.Dispose();
    }
}
