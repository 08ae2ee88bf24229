using Tars.Kernel.Ports;

namespace Tars.Host.Sharding;

/// <summary>What the thread of a run has a shard do.</summary>
/// <param name="EventOf">Looks at the kernel, on the shard's own thread; null when nothing is to happen.</param>
/// <param name="Done">Called there when that was stepped.</param>
/// <param name="Bundle">Of the version that the event names; a journal has it before the event.</param>
internal sealed record ShardCommand(
    Func<Moment, KernelEvent?> EventOf, Action? Done = null, ReadOnlyMemory<byte>? Bundle = null);

/// <summary>What a shard is asked for, and gives from its own thread.</summary>
internal sealed class ShardAnswer<T>(T none)
{
    private T _value = none;
    private volatile bool _isThere;

    public bool IsThere => _isThere;

    /// <summary>To be asked for once it is there.</summary>
    public T Value => _value;

    public void Give(T value)
    {
        _value = value;
        _isThere = true;
    }
}
