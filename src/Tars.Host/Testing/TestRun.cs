using System.Collections.Immutable;

namespace Tars.Host.Testing;

/// <summary>What became of the tests of a bundle: their outcomes, or why none could run.</summary>
public abstract record TestRun
{
    private TestRun()
    {
    }

    public sealed record Ran(ImmutableArray<TestOutcome> Outcomes) : TestRun;

    public sealed record Refused(string Reason) : TestRun;

    /// <summary>It was asked to end before all had run; none of them counts.</summary>
    public sealed record Stopped : TestRun;
}
