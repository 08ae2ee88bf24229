using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;
using Tars.Sim.Sharding;
using Tars.Sim.Swarm;
using Xunit;

namespace Tars.Tests.Kernel.Sharding;

/// <summary>What an operator did to a module goes with it to another shard, and comes back.</summary>
public sealed class OperatedMovesTests
{
    private readonly List<OperatorAct> _acts = [];
    private readonly List<(string Channel, long Value)> _heard = [];
    private readonly ShardedSystem _system;

    public OperatedMovesTests()
    {
        ImmutableArray<ModuleImage> modules =
            [.. Enumerable.Range(0, 2).Select(one => SwarmModules.Load($"m{one}.tars", Text(one), out _))];
        var system = ((LinkResult.Linked)SystemImage.Link(modules)).System;
        _system = new ShardedSystem(
            system, ShardPlan.Of(system, 2), seed: 1, (sharded, shard) => new Outside(this, sharded, shard));
        _system.Boot(seed: 1);
        Rest();
    }

    [Fact]
    public void A_parameter_that_is_set_for_a_time_returns_on_the_shard_where_its_module_lives_by_then()
    {
        var now = _system.Now;
        Step(0, new KernelEvent.SetParam(now, "m0", "step", [.. BitConverter.GetBytes(5L)]) { Until = 1 << 20 });
        Move(0, to: 1);
        Go(0, 1);
        Assert.Equal(("sum/0", 5), _heard[^1]);
        _system.Advance(1 << 20);
        Step(0, new KernelEvent.Turn(_system.Now));
        Step(1, new KernelEvent.Turn(_system.Now));
        Assert.Equal([OperatorActs.Set, OperatorActs.Return], _acts.Select(one => one.Act));
        Go(0, 1);
        Assert.Equal(("sum/0", 6), _heard[^1]);
    }

    [Fact]
    public void A_parameter_whose_time_is_over_while_its_module_moves_returns_once()
    {
        var now = _system.Now;
        Step(0, new KernelEvent.SetParam(now, "m0", "step", [.. BitConverter.GetBytes(5L)]) { Until = 1 << 20 });
        StandStill(true);
        Step(0, new KernelEvent.MoveOut(_system.Now, Module: 0));
        _system.Advance(1 << 20);
        Step(0, new KernelEvent.Turn(_system.Now));
        foreach (int shard in new[] { 1, 0 })
        {
            Step(shard, new KernelEvent.MoveIn(_system.Now, Module: 0, Shard: 1, _system.Package));
        }

        StandStill(false);
        Step(0, new KernelEvent.Turn(_system.Now));
        Step(1, new KernelEvent.Turn(_system.Now));
        Assert.Equal([OperatorActs.Set, OperatorActs.Return], _acts.Select(one => one.Act));
    }

    [Fact]
    public void A_shard_that_no_module_leaves_keeps_no_number_of_who_has_ended_there()
    {
        for (int child = 0; child < 8; child++)
        {
            Go(0, -1);
        }

        Move(0, to: 1);
        Assert.All(_system.Kernels, kernel => Assert.InRange(kernel.MovedNumbers, 9, 10));
        _system.Message("end/0", [.. BitConverter.GetBytes(0L)]); // They end where they came to.
        Rest();
        StandStill(true);
        StandStill(false);
        Rest();
        Assert.All(_system.Kernels, kernel => Assert.InRange(kernel.MovedNumbers, 1, 2));
    }

    [Fact]
    public void What_an_operator_took_from_a_process_it_does_not_have_elsewhere_either()
    {
        var publish = new Right(RightKind.Publish, "sum/0");
        var process = _system.Kernels[0].Status().Single().Process;
        Step(0, new KernelEvent.Revoke(_system.Now, process, "", publish));
        Assert.True(_acts[^1].IsDone, _acts[^1].Refusal);
        Move(0, to: 1);
        int heard = _heard.Count;
        Go(0, 1);
        Assert.Equal(heard, _heard.Count);
        Assert.True(_system.Kernels[1].Rights().Single(one => one.Process == process).IsRevoked);
        Step(1, new KernelEvent.Grant(_system.Now, process, "", publish));
        Assert.True(_acts[^1].IsDone, _acts[^1].Refusal);
        Move(0, to: 0);
        Go(0, 1);
        Assert.Equal(("sum/0", 2), _heard[^1]);
    }

    [Fact]
    public void Dead_letters_have_one_number_over_all_shards_and_find_their_process_where_it_went()
    {
        for (int each = 0; each < 3; each++)
        {
            Go(0, 0);
            Go(1, 0);
        }

        long[] here = [.. _system.Kernels[0].DeadLetters.Select(one => one.Number)];
        long[] there = [.. _system.Kernels[1].DeadLetters.Select(one => one.Number)];
        Assert.Equal([1, 3, 5], here);
        Assert.Equal([2, 4, 6], there);
        Move(0, to: 1);
        Assert.Empty(_system.Kernels[0].DeadLetters);
        Assert.Equal([.. there, .. here], _system.Kernels[1].DeadLetters.Select(one => one.Number));
        Step(1, new KernelEvent.SetParam(_system.Now, "m0", "zero_traps", [0]));
        Step(1, new KernelEvent.DeliverDead(_system.Now, 3));
        Assert.True(_acts[^1].IsDone, _acts[^1].Refusal);
        Rest();
        Assert.Equal(("sum/0", 0), _heard[^1]);
        Assert.Equal(5, _system.Kernels[1].DeadLetters.Count());
    }

    [Fact]
    public void A_package_that_is_refused_leaves_what_the_shard_knew_of_its_modules()
    {
        Go(0, 7);
        StandStill(true);
        Step(0, new KernelEvent.MoveOut(_system.Now, Module: 0));
        byte[] whole = [.. _system.Package];
        for (int size = 0; size < whole.Length; size++)
        {
            Step(1, new KernelEvent.MoveIn(_system.Now, Module: 0, Shard: 1, [.. whole.AsSpan(0, size)]));
            Assert.Equal(0, _system.Kernels[1].Report().Metrics[0].Metrics.Single().Count);
        }

        Step(1, new KernelEvent.MoveIn(_system.Now, Module: 0, Shard: 1, [.. whole]));
        Assert.Equal(1, _system.Kernels[1].Report().Metrics[0].Metrics.Single().Count);
    }

    [Fact]
    public void Modules_may_move_for_ever_since_who_has_ended_or_come_home_is_forgotten()
    {
        for (int round = 0; round < 200; round++)
        {
            Go(0, -1); // One more child, which ends when it has moved.
            Move(0, to: 1 - _system.Plan.ShardOf(0));
            Assert.Equal(2, _system.Kernels[_system.Plan.ShardOf(0)].Status().Count(one => one.Module == "m0"));
            _system.Message("end/0", [.. BitConverter.GetBytes(0L)]);
            Rest();
            Go(0, -1); // And one that comes home before it ends.
            Move(0, to: 1 - _system.Plan.ShardOf(0));
            Move(0, to: 1 - _system.Plan.ShardOf(0));
            _system.Message("end/0", [.. BitConverter.GetBytes(0L)]);
            Rest();
        }

        Assert.All(_system.Kernels, kernel => Assert.InRange(kernel.MovedNumbers, 0, 12));
    }

    private void Go(int module, long step)
    {
        _system.Message($"go/{module}", [.. BitConverter.GetBytes(step)]);
        Rest();
    }

    private void Move(int module, int to) => Assert.True(_system.Move(module, to), _system.WhyNotMoved);

    private void StandStill(bool stands)
    {
        for (int shard = 0; shard < 2; shard++)
        {
            Step(shard, new KernelEvent.Pause(_system.Now, stands));
        }
    }

    private void Step(int shard, KernelEvent happened) => _system.Step(shard, happened);

    private void Rest() => Assert.True(_system.Rest(), "the system does not come to rest");

    private static string Text(int one) => $$"""
        tars: 1
        module: m{{one}}
        version: 1.0.0
        summary: Adds up.

        capabilities:
          subscribe: { go/{{one}}: int, end/{{one}}: int }
          publish: { sum/{{one}}: int }
          spawn: { child: 8 }

        params:
          step: { type: int, value: 1, range: [0, 100], about: How far each goes. }
          zero_traps: { type: bool, value: true, about: Whether zero is refused. }

        metrics:
          steps: { kind: sum, goal: maximize, unit: steps, about: How often it went. }

        agentic:
          agents:
            adder:
              role: Adds up.
              state: { sum: int = 0 }
              handlers:
                message go/{{one}} as times:
                  do: |
                    if times == 0 and zero_traps { fail "zero" }
                    if times < 0 {
                      let one = spawn child()
                    } else {
                      sum += step * times
                      metric(steps, 1.0)
                      publish("sum/{{one}}", sum)
                    }
            child:
              role: Comes and goes.
              starts: by_spawn
              handlers:
                message end/{{one}} as what:
                  do: |
                    exit()
        """;

    private sealed class Outside(OperatedMovesTests test, ShardedSystem system, int shard) : DeafOutside, IOutside
    {
        public void ToShard(int to, long sequence, ReadOnlySpan<byte> records) =>
            system.Post(shard, to, sequence, records);

        public void Packed(int module, ImmutableArray<byte> package, string why) => system.Pack(package, why);

        public void Operated(OperatorAct act) => test._acts.Add(act);

        public override void Published(
            ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken) =>
            test._heard.Add((
                global::System.Text.Encoding.UTF8.GetString(channel), new ByteReader(value).I64()));
    }
}
