using System.Collections.Immutable;

namespace Tars.Kernel.Ports;

/// <summary>What linking modules answers: one system, or everything that does not fit.</summary>
public abstract record LinkResult
{
    private LinkResult()
    {
    }

    public sealed record Linked(SystemImage System) : LinkResult;

    public sealed record Refused(ImmutableArray<string> Reasons) : LinkResult;
}
