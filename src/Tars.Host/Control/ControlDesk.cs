using System.Collections.Concurrent;
using System.Diagnostics;
using Tars.Host.Swapping;
using Tars.Kernel.Ports;

namespace Tars.Host.Control;

/// <summary>What operators ask of a run, on its way between their connections and the thread of the kernel.</summary>
/// <remarks>
/// Invariants:
///   I1  One request is with the run at a time, and after it the run has many times as long for itself, so that no
///       number of clients can slow it by more than a small part.
///   I2  Every request is answered, at the latest when the run ends; also while the run does again what it did before a
///       crash, which may take long.
/// </remarks>
internal sealed class ControlDesk : IDisposable
{
    private const string Ended = "the run has ended";

    private static readonly TimeSpan _restMax = TimeSpan.FromSeconds(10);

    private readonly ConcurrentQueue<ControlTask> _asked = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action _wake;
    private volatile bool _isClosed;
    private volatile SystemImage? _system;
    private int _owed;

    /// <param name="wake">Called after each request, from the thread that asks.</param>
    public ControlDesk(Action wake) => _wake = wake;

    /// <summary>True when a request waits for the run.</summary>
    public bool HasWork => !_asked.IsEmpty;

    /// <summary>The system that runs; null until it is known.</summary>
    public SystemImage? Running
    {
        get => _system;
        set => _system = value;
    }

    /// <summary>A module was swapped, or was not.</summary>
    public void Swapped(SwapReport report) => _system = report.System;

    /// <summary>
    /// Hands a request to the run and waits for its answer, a whole line.
    /// </summary>
    /// <param name="offer">Of a swap, the new version.</param>
    public async Task<ReadOnlyMemory<byte>> AskAsync(
        ControlRequest request, long id, SwapOffer? offer, CancellationToken stop)
    {
        try
        {
            await _begun.Task.WaitAsync(TimeSpan.FromMilliseconds(Limits.ControlBeginMilliseconds), stop);
        }
        catch (TimeoutException)
        {
            offer?.Image.Code.Dispose();
            return ControlAnswer.Refused(id, "the run has not begun: what it did before is being done again"); // I2
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, _closing.Token);
        try
        {
            await _turn.WaitAsync(either.Token); // I1
        }
        catch (OperationCanceledException) when (_isClosed)
        {
            offer?.Image.Code.Dispose();
            return ControlAnswer.Refused(id, Ended); // I2: nobody gets a turn any more.
        }

        var task = new ControlTask(request, id, offer);
        try
        {
            _asked.Enqueue(task);
            if (_isClosed)
            {
                Close();
            }

            _wake();
            return (await task.Answer)(); // Written here, while the run goes on.
        }
        finally
        {
            _ = RestAsync(task.Took, stop);
        }
    }

    /// <summary>The run begins, or goes on where it was left: from now on it takes requests.</summary>
    public void Begin() => _begun.TrySetResult();

    /// <summary>A line was read, and is to be answered.</summary>
    public void Owe() => Interlocked.Increment(ref _owed);

    /// <summary>Its answer has gone out, or nobody takes it.</summary>
    public void Settle() => Interlocked.Decrement(ref _owed);

    /// <summary>Gives answers a little time to go out, once nothing more is asked.</summary>
    /// <returns>False when some have not by then.</returns>
    public bool Drain() =>
        SpinWait.SpinUntil(() => Volatile.Read(ref _owed) == 0, Limits.ControlDrainMilliseconds);

    /// <summary>The next request; the thread of the run answers it.</summary>
    public ControlTask? Take()
    {
        _ = _asked.TryDequeue(out var task);
        task?.Begin();
        return task;
    }

    /// <summary>The run ends and answers no more.</summary>
    public void Close() // I2
    {
        _isClosed = true;
        _closing.Cancel();
        Begin(); // Who waits for that is told that it has ended.
        while (_asked.TryDequeue(out var task))
        {
            task.Offer?.Image.Code.Dispose();
            task.Refuse(Ended);
        }
    }

    public void Dispose()
    {
        _turn.Dispose();
        _closing.Dispose();
    }

    private async Task RestAsync(TimeSpan took, CancellationToken stop)
    {
        try
        {
            var rest = took * Limits.ControlRestFactor;
            await Task.Delay(rest < _restMax ? rest : _restMax, stop);
            _turn.Release();
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The run has ended, and nobody waits for a turn.
        }
    }
}

/// <summary>One request on its way through a run.</summary>
/// <remarks>It is answered once; what is written into an answer must not change any more.</remarks>
internal sealed class ControlTask(ControlRequest request, long id, SwapOffer? offer)
{
    private readonly TaskCompletionSource<Func<ReadOnlyMemory<byte>>> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private long _began;

    public ControlRequest Request { get; } = request;

    /// <summary>Of a swap, the new version; the kernel's once it was stepped with it.</summary>
    public SwapOffer? Offer { get; } = offer;

    /// <summary>Makes the line of the answer.</summary>
    public Task<Func<ReadOnlyMemory<byte>>> Answer => _answer.Task;

    /// <summary>How long the run was busy with it.</summary>
    public TimeSpan Took { get; private set; }

    /// <summary>The run is busy with it from now on.</summary>
    public void Begin() => _began = Stopwatch.GetTimestamp();

    /// <summary>It waits, and the run does other things.</summary>
    public void Wait() => _began = 0;

    public void Refuse(string reason) => End(() => ControlAnswer.Refused(id, reason));

    public void Done(Action<System.Text.Json.Utf8JsonWriter> members) => End(() => ControlAnswer.Done(id, members));

    private void End(Func<ReadOnlyMemory<byte>> answer)
    {
        Took = _began == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_began);
        _answer.TrySetResult(answer);
    }
}
