using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;
using Tars.Sim.Sharding;
using Tars.Sim.Swarm;
using Xunit;

namespace Tars.Tests.Kernel.Sharding;

/// <summary>A module is swapped in a system on several shards: all learn of it while they stand still.</summary>
public sealed class ShardedSwapTests
{
    private const int PrintersCount = 2;

    private readonly List<SwapReport> _swaps = [];
    private readonly List<SwapReport> _elsewhere = [];
    private readonly List<string> _printed = [];
    private readonly List<Audit> _audits = [];
    private readonly List<string> _seen = [];
    private ShardedSystem _system;

    public ShardedSwapTests() => _system = Begin();

    [Fact]
    public void Others_go_on_with_the_new_version_whatever_numbers_it_has()
    {
        Say(0, "one");
        Swap(SinkText.Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal)
            .Replace("handlers:", Handler, StringComparison.Ordinal)
            .Replace("publish(\"printed\", line)", "publish(\"printed\", \"{line} anew\")", StringComparison.Ordinal));
        Say(0, "two");
        Say(1, "three");
        Assert.Equal(["one", "two anew", "three anew"], _printed);
        Assert.True(_swaps.Single().IsDone);
        Assert.Equal(["sink", "sink"], _elsewhere.Select(one => one.Module));
        Assert.All(_system.Kernels, kernel => Assert.Equal("1.1.0", kernel.System.Modules[^1].Manifest.Version));
        Assert.Empty(_audits);
    }

    [Fact]
    public void A_version_that_traps_on_probation_gives_way_on_all_shards_and_the_message_is_not_lost()
    {
        string bad = SinkText.Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal)
            .Replace("handlers:", Handler, StringComparison.Ordinal)
            .Replace("lines += 1", "assert lines < 0", StringComparison.Ordinal);
        Swap(bad, new SwapTerms { Probation = 1_000_000_000 });
        Say(0, "one");
        Say(1, "two");
        Assert.Equal(["one", "two"], _printed);
        Assert.Equal([false, true], _swaps.Select(one => one.IsReturn));
        Assert.All(_system.Kernels, kernel => Assert.Equal("1.0.0", kernel.System.Modules[^1].Manifest.Version));
    }

    [Fact]
    public void A_module_on_probation_does_not_move_since_what_it_may_return_to_stays()
    {
        Swap(
            SinkText.Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal),
            new SwapTerms { Probation = 1_000_000 });
        int module = PrintersCount;
        int to = (_system.Plan.ShardOf(module) + 1) % 3;
        Assert.False(_system.Move(module, to));
        Assert.Contains("may have to come back", _system.WhyNotMoved, StringComparison.Ordinal);
        _system.Advance(2_000_000);
        Say(0, "one");
        Assert.True(_system.Move(module, to), _system.WhyNotMoved);
        Say(1, "two");
        Assert.Equal(["one", "two"], _printed);
    }

    [Fact]
    public void Two_swaps_on_two_shards_at_once_both_come_about()
    {
        var sink = Load(SinkText.Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal)
            .Replace("handlers:", Handler, StringComparison.Ordinal));
        var printer = Load(Printer(0).Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal)
            .Replace("handlers:", Handler, StringComparison.Ordinal)
            .Replace("line = line", "line = \"{line}!\"", StringComparison.Ordinal));
        _system.Swap(sink, new SwapTerms());
        _system.Swap(printer, new SwapTerms());
        Rest();
        Assert.Equal(2, _swaps.Count(one => one.IsDone));
        Say(0, "one");
        Say(1, "two");
        Assert.Equal(["one!", "two"], _printed);
        Assert.All(_system.Kernels, kernel => Assert.Equal(
            ["1.1.0", "1.0.0", "1.1.0"], kernel.System.Modules.Select(one => one.Manifest.Version)));
    }

    [Fact]
    public void An_agent_that_is_new_begins_and_others_know_its_process()
    {
        string more = SinkText.Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal)
            .Replace("  agents:\n", "  agents:\n" + Newcomer, StringComparison.Ordinal);
        Swap(more, new SwapTerms { GrantsAll = true });
        Say(0, "one");
        Assert.Equal(["hello", "one"], _printed);
        Assert.Equal(PrintersCount + 2, _system.Kernels.Sum(kernel => kernel.Status().Count()));
    }

    [Fact]
    public void A_channel_that_is_taken_no_more_refuses_the_swap_while_its_mail_waits_on_another_shard()
    {
        string hears = SinkText
            .Replace("implements: { kind: console }\n", "", StringComparison.Ordinal)
            .Replace("capabilities:\n", "capabilities:\n  subscribe: { echo: text }\n", StringComparison.Ordinal)
            .Replace("ask print:", "message echo as line:", StringComparison.Ordinal)
            .Replace("          with: { line: text }\n", "", StringComparison.Ordinal);
        string says = Printer(0)
            .Replace("devices: { out: console }", "publish: { echo: text }", StringComparison.Ordinal)
            .Replace("tell out.print(line = line)", "publish(\"echo\", line)", StringComparison.Ordinal);
        _system = Begin([Load(says), Load(hears)], standIns: []);
        for (int each = 0; each < 400; each++)
        {
            _system.Message("say/0", Text("x")); // More than may be on their way.
        }

        _system.Swap(
            Load(hears.Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal)
                .Replace("  subscribe: { echo: text }\n", "", StringComparison.Ordinal)
                .Replace("message echo as line:", "start:", StringComparison.Ordinal)
                .Replace("\"printed\", line", "\"printed\", \"none\"", StringComparison.Ordinal)),
            new SwapTerms());
        Rest();
        Assert.Contains("echo", string.Join(';', _swaps.Single().Refusals), StringComparison.Ordinal);
        Assert.Equal(400, _printed.Count);
    }

    [Fact]
    public void Steps_that_nobody_is_ready_for_change_nothing()
    {
        var image = Load(SinkText.Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal));
        _system.Step(0, new KernelEvent.SwapHere(_system.Now, Ticket: 1, []));
        _system.Step(0, Elsewhere(image, isDone: true)); // Nobody stands still.
        for (int shard = 0; shard < 3; shard++)
        {
            _system.Step(shard, new KernelEvent.Pause(_system.Now, Stands: true));
        }

        int home = _system.Plan.ShardOf(PrintersCount);
        _system.Step(home, Elsewhere(image, isDone: true)); // It is not elsewhere.
        _system.Step(0, new KernelEvent.SwapHere(_system.Now, Ticket: 1, []));
        _system.Step(0, Elsewhere(image, isDone: true) with { Image = null });
        Assert.Equal(3, _audits.Count(one => one.Effect == "swap"));
        Assert.Equal(_audits.Where(one => one.Effect == "swap").Select(one => one.Reason), _seen); // And who asked.
        for (int shard = 0; shard < 3; shard++)
        {
            _system.Step(shard, new KernelEvent.Pause(_system.Now, Stands: false));
        }

        Say(0, "one");
        Assert.Equal(["one"], _printed);
        Assert.Empty(_swaps);
        Assert.Empty(_elsewhere);
    }

    private KernelEvent.SwapElsewhere Elsewhere(ModuleImage image, bool isDone) =>
        new(_system.Now, "sink", image.Hash, isDone, []) { Image = image };

    private ShardedSystem Begin() => Begin(
        [.. Enumerable.Range(0, PrintersCount).Select(one => Load(Printer(one))), Load(SinkText)],
        [.. Enumerable.Range(0, PrintersCount).Select(one => new StandIn($"p{one}", "out", "sink"))]);

    private ShardedSystem Begin(ImmutableArray<ModuleImage> modules, ImmutableArray<StandIn> standIns)
    {
        var image = ((LinkResult.Linked)SystemImage.Link(modules, standIns)).System;
        var system = new ShardedSystem(
            image, ShardPlan.Of(image, 3), seed: 1, (sharded, shard) => new Outside(this, sharded, shard));
        system.Boot(seed: 1);
        Assert.True(system.Rest(), "the system does not come to rest");
        return system;
    }

    private void Swap(string text, SwapTerms? terms = null)
    {
        _system.Swap(Load(text), terms ?? new SwapTerms());
        Rest();
        Assert.True(_swaps[^1].IsDone, string.Join("; ", _swaps[^1].Refusals));
    }

    private void Say(int printer, string line)
    {
        _system.Message($"say/{printer}", Text(line));
        Rest();
    }

    private void Rest() => Assert.True(_system.Rest(), "the system does not come to rest");

    private static ImmutableArray<byte> Text(string line)
    {
        var value = new ByteWriter();
        value.Text(line);
        return [.. value.Written];
    }

    private static ModuleImage Load(string text) => SwarmModules.Load("module.tars", text, out _);

    private const string Handler = """
        handlers:
                ask first:
                  with: { number: int }
                  returns: int
                  do: |
                    return number
        """;

    private const string Newcomer = """
            herald:
              role: Is new.
              handlers:
                start:
                  do: |
                    publish("printed", "hello")

        """;

    private const string SinkText = """
        tars: 1
        module: sink
        version: 1.0.0
        summary: Stands in the place of everybody's console.
        implements: { kind: console }

        capabilities:
          publish: { printed: text }

        agentic:
          agents:
            sink:
              role: Tells what it was told.
              state: { lines: int = 0 }
              handlers:
                ask print:
                  with: { line: text }
                  do: |
                    lines += 1
                    publish("printed", line)
        """;

    private static string Printer(int one) => $$"""
        tars: 1
        module: p{{one}}
        version: 1.0.0
        summary: Prints what it hears.

        capabilities:
          devices: { out: console }
          subscribe: { say/{{one}}: text }

        agentic:
          agents:
            printer:
              role: Prints.
              mailbox: { length: 1000, when_full: block }
              handlers:
                message say/{{one}} as line:
                  do: |
                    tell out.print(line = line)
        """;

    private sealed class Outside(ShardedSwapTests test, ShardedSystem system, int shard) : DeafOutside, IOutside
    {
        public void ToShard(int to, long sequence, ReadOnlySpan<byte> records) =>
            system.Post(shard, to, sequence, records);

        public void Packed(int module, ImmutableArray<byte> package, string why) => system.Pack(package, why);

        public void SwapReady(long ticket, ModuleImage now, ImmutableArray<Newcomer> newcomers) =>
            system.Ready(shard, ticket, now, newcomers);

        public void SwapSeen(string module, ImmutableArray<string> refusals)
        {
            system.Seen(refusals);
            test._seen.AddRange(refusals);
        }

        public void SwappedElsewhere(SwapReport report) => test._elsewhere.Add(report);

        public void Swapped(SwapReport report)
        {
            system.Swapped(report);
            test._swaps.Add(report);
        }

        void IOutside.Audited(Audit entry) => test._audits.Add(entry);

        public override void Published(
            ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
        {
            if (channel.SequenceEqual("printed"u8))
            {
                test._printed.Add(new ByteReader(value).Text());
            }
        }
    }
}
