using Tars.Kernel.Ports;

namespace Tars.Host.Sharding;

/// <summary>The swap of one shard that waits for all to stand still. The shard tells of it, and the run takes it, each
/// on a thread of its own.</summary>
/// <remarks>
/// Invariant: it is forgotten when it was taken, has ended or begins anew, and by nothing else: its shard stands until
/// somebody goes on with it. What is told of another one, such as that it was refused meanwhile, may be told late, when
/// the disk has it.
/// </remarks>
internal sealed class ReadySwap
{
    private SwapReadiness? _waiting;
    private SwapReadiness? _ended;

    public bool IsWaiting => Volatile.Read(ref _waiting) is not null;

    /// <summary>The one that ended last, else the one that waits; for who recovers. Null for none.</summary>
    public SwapReadiness? Newest => _ended ?? Volatile.Read(ref _waiting);

    public void Begin(SwapReadiness ready) => Volatile.Write(ref _waiting, ready);

    /// <summary>The one that waits, once; null for none.</summary>
    public SwapReadiness? Take() => Interlocked.Exchange(ref _waiting, null);

    /// <summary>It will be ready again, in the system as it is now.</summary>
    public void BeginAnew() => Volatile.Write(ref _waiting, null);

    /// <summary>A swap of this shard is done or refused: this one or another.</summary>
    public void End(SwapReport report)
    {
        var ready = Volatile.Read(ref _waiting);
        if (ready is not null && ready.Ticket == report.Ticket
            && Interlocked.CompareExchange(ref _waiting, null, ready) == ready)
        {
            _ended = ready;
        }
    }
}
