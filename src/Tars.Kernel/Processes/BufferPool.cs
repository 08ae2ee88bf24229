using Tars.Base;

namespace Tars.Kernel.Processes;

/// <summary>Buffers for states on the move, used again: fresh memory costs more than what is written into it.</summary>
internal sealed class BufferPool
{
    private const int KeptMax = 4;

    private readonly Stack<ByteWriter> _free = new();

    /// <summary>An empty buffer; whoever takes it gives it back.</summary>
    public ByteWriter Rent() => _free.TryPop(out var buffer) ? buffer : new ByteWriter();

    public void Return(ByteWriter buffer)
    {
        if (_free.Count < KeptMax && buffer.Length <= Limits.BufferKeptMax)
        {
            buffer.Clear();
            _free.Push(buffer);
        }
    }
}
