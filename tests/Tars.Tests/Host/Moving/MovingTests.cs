using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Host;
using Tars.Host.Moving;
using Tars.Kernel.Ports;
using Tars.Tests.Engine;
using Xunit;

namespace Tars.Tests.Host.Moving;

/// <summary>A guest that goes from engine to engine is at every moment what one that stays is.</summary>
public sealed class MovingTests
{
    public static TheoryData<string, string> Ways => new()
    {
        { "cil", "oracle" }, { "cil", "microvm" }, { "microvm", "oracle" }, { "cil", "cil" },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_guest_that_moves_is_what_one_that_stays_is(string first, string second)
    {
        var engines = new[] { Engine(first), Engine(second) };
        for (ulong seed = 1; seed <= 20; seed++)
        {
            Compare(engines, new Xoshiro256(seed));
        }
    }

    [Fact]
    public void A_guest_goes_over_when_it_is_called_and_not_before()
    {
        var valid = Valid();
        var desk = new EngineDesk(Engine("cil"));
        using var code = desk.Add("m", valid, CodeOf(Engine("cil"), valid), Engine("cil"), isIsolated: false);
        using var guest = code.Instantiate(Guests.Limits, out _)!;
        Assert.Empty(desk.MoveTo(Engine("oracle")));
        Assert.Equal("oracle", desk.Engine.Name);
        Assert.Equal(0, ((MovableCode)code).Moved);
        Guests.Run(guest);
        Guests.Run(guest);
        Assert.Equal(1, ((MovableCode)code).Moved);
    }

    [Fact]
    public void What_is_to_have_a_machine_of_its_own_does_not_go_where_there_is_none_and_nobody_goes()
    {
        var valid = Valid();
        var desk = new EngineDesk(Engine("cil"));
        using var free = desk.Add("free", valid, CodeOf(Engine("cil"), valid), Engine("cil"), isIsolated: false);
        using var bound = desk.Add("bound", valid, CodeOf(Engine("cil"), valid), Engine("cil"), isIsolated: true);
        Assert.Equal(
            ["bound: it is to have a machine of its own, which oracle does not give"], desk.MoveTo(Engine("oracle")));
        Assert.Equal("cil", desk.Engine.Name);
        using var guest = free.Instantiate(Guests.Limits, out _)!;
        Guests.Run(guest);
        Assert.Equal(0, ((MovableCode)free).Moved);
    }

    [Fact]
    public void Code_that_comes_when_the_run_is_over_is_let_go()
    {
        var code = new MovableCode(CodeOf(Engine("cil"), Valid()), "cil");
        code.Dispose();
        var late = CodeOf(Engine("cil"), Valid());
        code.MoveTo(late, "cil");
        Assert.Throws<ObjectDisposedException>(() => late.Instantiate(Guests.Limits, out _));
    }

    private static void Compare(IEngine[] engines, Xoshiro256 random)
    {
        var valid = Valid();
        var codes = engines.Select(engine => CodeOf(engine, valid)).ToArray();
        using var movable = new MovableCode(codes[0], engines[0].Name);
        using var still = CodeOf(Engine("oracle"), valid);
        using var moves = movable.Instantiate(Guests.Limits, out _)!;
        using var stays = still.Instantiate(Guests.Limits, out _)!;
        int moved = 0;
        for (int call = 0; call < 60; call++)
        {
            if (random.Next(3) == 0)
            {
                movable.MoveTo(codes[++moved % codes.Length], engines[moved % codes.Length].Name);
            }

            int argument = random.Next(1 << 20);
            var expected = Guests.Run(stays, argument);
            var result = Guests.Run(moves, argument);
            Assert.Equal((expected.FuelUsed, expected.Fault?.Kind), (result.FuelUsed, result.Fault?.Kind));
            AssertEqual(stays.Save(), moves.Save());
        }

        Assert.InRange(movable.Moved, 1, moved);
        Assert.Equal(0, movable.Stayed);
    }

    private static void AssertEqual(GuestState expected, GuestState actual)
    {
        Assert.Equal(expected.MemorySize, actual.MemorySize);
        Assert.Equal(expected.Pages.Select(page => page.Address), actual.Pages.Select(page => page.Address));
        foreach (var (one, other) in expected.Pages.Zip(actual.Pages))
        {
            Assert.True(one.Bytes.Span.SequenceEqual(other.Bytes.Span), $"the page at {one.Address}");
        }

        Assert.Equal(expected.Globals, actual.Globals);
        Assert.Equal(expected.Tables.Length, actual.Tables.Length);
        foreach (var (one, other) in expected.Tables.Zip(actual.Tables))
        {
            Assert.Equal(one, other);
        }

        Assert.Equal(expected.DroppedData, actual.DroppedData);
        Assert.Equal(expected.DroppedElements, actual.DroppedElements);
    }

    private static ValidatedModule Valid() =>
        Assert.IsType<ValidationResult.Valid>(ModuleValidator.Validate(Wanderer.Module())).Module;

    private static IGuestCode CodeOf(IEngine engine, ValidatedModule valid) =>
        Assert.IsType<EngineLoad.Loaded>(engine.Load(valid)).Code;

    private static IEngine Engine(string name)
    {
        var engine = Compose.Engine(name);
        Assert.SkipWhen(engine is null, engine is null ? Compose.WhyNot(name) : "");
        return engine!; // Else it was skipped.
    }
}
