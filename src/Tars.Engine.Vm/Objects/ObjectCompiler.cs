using System.Diagnostics;
using Tars.Engine.Vm.Llvm;

namespace Tars.Engine.Vm.Objects;

/// <summary>Makes objects of code in a child process that is limited, and keeps them for the next time.</summary>
/// <remarks>Any thread may ask; jobs are done one after the other.</remarks>
internal sealed class ObjectCompiler(Func<ProcessStartInfo> program, CompileLimits limits, ObjectCache? cache)
    : IDisposable
{
    private readonly Lock _gate = new();
    private CompileChild? _child;

    /// <summary>How many objects were compiled, and not found.</summary>
    public int Compiled { get; private set; }

    /// <summary>How many processes were begun for that.</summary>
    public int Children { get; private set; }

    /// <param name="options">All that decides besides the code what the object is: versions, processor, tier.</param>
    /// <param name="isAnew">Whatever is kept: it was no good.</param>
    /// <param name="onCompile">Called when it is not kept, before it is compiled.</param>
    /// <param name="stop">When it is cancelled nobody wants the answer any more.</param>
    public ObjectAnswer Compile(
        ReadOnlySpan<byte> code,
        CodeTier tier,
        string options,
        bool isAnew = false,
        Action? onCompile = null,
        CancellationToken stop = default)
    {
        if (Limits.CodeTextBytesMax < code.Length)
        {
            return new ObjectAnswer.Refused(
                $"it is {code.Length:N0} octets of code for the compiler; {Limits.CodeTextBytesMax:N0} are allowed");
        }

        var key = ObjectKey.Of(code, tier, options);
        if (!isAnew && cache?.Find(key) is { } kept)
        {
            return new ObjectAnswer.Made(kept, IsKept: true);
        }

        onCompile?.Invoke();
        var answer = InChild(code, tier, stop);
        if (answer is ObjectAnswer.Made made)
        {
            cache?.Keep(key, made.Octets.Span);
        }

        return answer;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _child?.Dispose();
            _child = null;
        }
    }

    private ObjectAnswer InChild(ReadOnlySpan<byte> code, CodeTier tier, CancellationToken stop)
    {
        // Somebody else's code may be compiled just now, for a minute.
        while (!_gate.TryEnter(Limits.CompileLookMilliseconds))
        {
            if (stop.IsCancellationRequested)
            {
                return CompileChild.Stopped;
            }
        }

        try
        {
            // Who killed it, an operator or a system without memory, need not have meant the code: what is refused is
            // refused for good, so it is tried once more.
            var answer = Try(code, tier, stop);
            return answer is ObjectAnswer.Refused { IsKilled: true } && !stop.IsCancellationRequested
                ? Try(code, tier, stop)
                : answer;
        }
        finally
        {
            _gate.Exit();
        }
    }

    private ObjectAnswer Try(ReadOnlySpan<byte> code, CodeTier tier, CancellationToken stop)
    {
        if (_child is not { IsWarm: true })
        {
            _child?.Dispose();
            _child = CompileChild.Start(program(), limits, out string refusal);
            Children++;
            if (_child is null)
            {
                return new ObjectAnswer.Refused(refusal);
            }
        }

        Compiled++;
        return _child.Compile(code, tier, stop);
    }
}
