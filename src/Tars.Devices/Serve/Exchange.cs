using System.Collections.Immutable;

namespace Tars.Devices.Serve;

/// <summary>One request that waits for its answer.</summary>
/// <remarks>Any thread may answer; the first answer counts.</remarks>
public sealed class Exchange
{
    private readonly TaskCompletionSource<ServedResponse> _answered =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Action _done;

    internal Exchange(string module, ImmutableArray<byte> request, Action done)
    {
        Module = module;
        Request = request;
        _done = done;
    }

    /// <summary>The module that serves it.</summary>
    public string Module { get; }

    /// <summary>A Request in the value encoding.</summary>
    public ImmutableArray<byte> Request { get; }

    internal Task<ServedResponse> Answered => _answered.Task;

    public void Answer(ServedResponse response)
    {
        if (_answered.TrySetResult(response))
        {
            _done();
        }
    }
}
