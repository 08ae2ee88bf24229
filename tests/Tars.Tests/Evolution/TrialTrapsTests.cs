using Tars.Evolution.Trials;
using Xunit;

namespace Tars.Tests.Evolution;

/// <summary>Traps of other code are held against those of the recorded code on the same shard.</summary>
public sealed class TrialTrapsTests
{
    // Events one and three are of shard 0, the others of shard 1, which comes to rest with the fourth.
    private static readonly byte[] _order = [0, 1, 0, 1, 1];

    private static readonly TrialRest[] _rests =
    [
        new(MoreToDo: false, NextDue: null),
        new(MoreToDo: true, NextDue: null),
        new(MoreToDo: false, NextDue: null),
        new(MoreToDo: false, NextDue: null),
        new(MoreToDo: false, NextDue: null),
    ];

    [Theory]
    [InlineData(1, 0)] // Before the first event.
    [InlineData(1, 1)] // While the other shard has an event.
    [InlineData(1, 2)]
    [InlineData(1, 3)]
    [InlineData(1, 4)]
    public void What_the_recorded_code_had_up_to_its_next_rest_is_no_new_trap_once(int shard, long happened)
    {
        var traps = new TrialTraps();
        traps.Recorded(4, "b traps");
        traps.Close(_order, _rests);
        traps.Tried(shard, happened, "b traps", "b traps: why");
        Assert.Equal(0, traps.Count);
        traps.Tried(shard, happened, "b traps", "b traps: why");
        Assert.Equal([new TrialDifference(happened, IsNew: true, "b traps: why")], traps.First);
    }

    [Theory]
    [InlineData(0, 1, "b traps")]
    [InlineData(0, 3, "b traps")]
    [InlineData(0, 4, "b traps")] // It has no event any more.
    [InlineData(1, 5, "b traps")]
    [InlineData(2, 4, "b traps")]
    [InlineData(1, 4, "b traps elsewhere")]
    public void What_it_had_elsewhere_or_behind_a_rest_is_a_new_one(int shard, long happened, string where)
    {
        var traps = new TrialTraps();
        traps.Recorded(4, "b traps");
        traps.Close(_order, _rests);
        traps.Tried(shard, happened, where, where);
        Assert.Equal(1, traps.Count);
    }
}
