using System.Globalization;
using Tars.Kernel.Ports;

namespace Tars.Sim.Swarm;

/// <summary>A module that decides which process runs next, for the simulator and for tests: whom it takes depends on
/// how often it was asked.</summary>
internal static class PolicyText
{
    private const string Text = """
        tars: 1
        module: turns
        version: 1.0.0
        summary: Takes another one each time.
        implements: scheduler
        state:
          asked: int = 0
        handlers:
          ask pick:
            with: { ready: list<Ready> }
            returns: Choice
            do: |
              asked += 1
              if asked > LIMIT { fail "it had enough" }
              return Choice(process = ready[(asked * 5 + asked / 4) % ready.len()].process, fuel = FUEL)
        """;

    /// <summary>Its text.</summary>
    /// <param name="asked">How often it answers; then it fails.</param>
    /// <param name="fuel">What it lets each burn in a turn.</param>
    public static string Of(int asked = 1_000_000, int fuel = 1) => Text
        .Replace("LIMIT", asked.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("FUEL", fuel.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <summary>The same as what a kernel takes for a policy.</summary>
    public static PolicyModule Load(int asked, int fuel)
    {
        var reasons = new List<string>();
        return PolicyModule.Of(SwarmModules.Load("turns.tars", Of(asked, fuel), out _), reasons)
            ?? throw new InvalidOperationException(string.Join("; ", reasons));
    }
}
