using Tars.Evolution.Gates;
using Tars.Host.Evolving;
using Tars.Tests.Evolution.Planning;
using Xunit;

namespace Tars.Tests.Evolution.Gates;

/// <summary>What no run feels is changed only where the author named it, and not beside a gain.</summary>
public sealed class UnfeltChangeTests
{
    private const string Reach = "agentic, params, types";

    private const string Text =
        """
        tars: 1
        module: shop
        version: 1.0.0
        summary: One agent works, and an author gave all of it.
        capabilities:
          subscribe: { in: float }
          publish: { out: Job }
        types:
          Job: { size: float, at: float = 1.0 }
        params:
          much: { type: float, value: 2, range: [0, 10], about: How much. }
        agentic:
          supervision: { strategy: one_for_one, restarts: 1, within: 1s }
          agents:
            worker:
              role: works
              instructions: Ask before you pay.
              on_trap: stop
              journal: durable
              isolation: microvm
              reject_after: 3
              limits: { fuel: 100_000, memory: 1MiB, sends: 3 }
              state:
                done: int = 0
              handlers:
                message in as size:
                  do: |
                    done += 1
                    publish("out", Job(size = size * much))
        metrics:
          cost: { kind: last, goal: minimize, from: channels, of: 'published("out")' }
        scenarios:
          - { name: l, split: train, seed: 1, runs_for: 1s, steps: [{ at: 1ms, publish: in, value: 1 }] }
          - { name: v, split: validation, seed: 1, runs_for: 1s, steps: [{ at: 1ms, publish: in, value: 1 }] }
        evolution:
          objective: cost
          may_change: [agentic, params, types]
          versions_per_session: 1
          approval: manual

        """;

    [Theory]
    [InlineData("Ask before", "Never ask before", "agentic.agents.worker.instructions")]
    [InlineData("on_trap: stop", "on_trap: continue", "agentic.agents.worker.on_trap")]
    [InlineData("journal: durable", "journal: off", "agentic.agents.worker.journal")]
    [InlineData("isolation: microvm", "isolation: any", "agentic.agents.worker.isolation")]
    [InlineData("reject_after: 3", "reject_after: 900", "agentic.agents.worker.reject_after")]
    [InlineData("fuel: 100_000", "fuel: 900_000", "agentic.agents.worker.limits")]
    [InlineData("sends: 3 }", "sends: 3000 }", "agentic.agents.worker.limits")]
    [InlineData("restarts: 1,", "restarts: 1000,", "agentic.supervision")]
    [InlineData("range: [0, 10]", "range: [0, 10000]", "params.much.range")]
    public void What_no_run_feels_has_to_be_named(string old, string now, string path)
    {
        Assert.Contains(
            $"no run feels it, so `may_change` has to name {path} itself",
            WhyNot(Text, Replaced(Text, old, now)),
            StringComparison.Ordinal);
        string named = Replaced(Text, $"[{Reach}]", $"[{Reach}, {path}]");
        Assert.Equal("", WhyNot(named, Replaced(named, old, now)));
    }

    [Theory]
    [InlineData("      isolation: microvm\n")]
    [InlineData("      reject_after: 3\n")]
    public void What_no_run_feels_stays(string part) => Assert.StartsWith(
        "document: frozen-path agentic.agents.worker.",
        WhyNot(Text, Replaced(Text, part, "")),
        StringComparison.Ordinal);

    // What is new as a whole gives away nothing that was there.
    [Theory]
    [InlineData("params:\n", "params:\n  more: { type: float, value: 1, range: [0, 9], about: More. }\n")]
    [InlineData("  agents:\n", "  agents:\n    idle: { role: waits, limits: { fuel: 9_000 }, handlers: {} }\n")]
    [InlineData("value: 2", "value: 3")]
    public void What_is_new_or_felt_may_change(string old, string now) =>
        Assert.Equal("", WhyNot(Text, Replaced(Text, old, now)));

    // A system in which two modules take a channel for different types does not go together.
    [Theory]
    [InlineData("size: float, at", "size: float, by: float = 0.0, at", "schema: the channel `out` was Job{")]
    [InlineData("at: float = 1.0", "at: float = 2.0", "")]
    public void A_channel_keeps_its_type(string old, string now, string reason) =>
        Assert.StartsWith(reason, WhyNot(Text, Replaced(Text, old, now)), StringComparison.Ordinal);

    private static string Replaced(string text, string old, string now)
    {
        Assert.Contains(old, text, StringComparison.Ordinal);
        return text.Replace(old, now, StringComparison.Ordinal);
    }

    private static string WhyNot(string before, string after)
    {
        var (problem, _) = SmallTuning.Module(before);
        var parts = new SearchParts(SmallTuning.Path, problem.Source.Text, workers: 1);
        var last = VersionGates.Judge(problem, after, parts)[^1];
        return last.Passed ? "" : $"{last.Gate}: {last.Reason}";
    }
}
