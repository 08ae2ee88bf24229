using Tars.Bundle.Manifest;
using Tars.Bundle.Wasm;
using Tars.Host;
using Tars.Host.Moving;
using Tars.Kernel.Ports;
using Tars.Tests.Engine;
using Xunit;

namespace Tars.Tests.Host.Moving;

/// <summary>`auto` begins at once, and goes over when the better engine is ready.</summary>
public sealed class TieredEngineTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("oracle")]
    [InlineData("microvm")]
    public void A_guest_begins_at_once_and_goes_over_when_the_better_engine_is_ready(string name)
    {
        var better = Compose.Engine(name, TestContext.Current.CancellationToken);
        Assert.SkipWhen(better is null, better is null ? Compose.WhyNot(name) : "");
        using var door = new ManualResetEventSlim();
        var tiered = Tiered(new Gate(better!, door)); // Else it was skipped.
        var valid = Valid();
        using var code = (MovableCode)Loaded(tiered.Load(valid));
        using var stays = Loaded(Cil.Load(valid));
        using var guest = code.Instantiate(Guests.Limits, out _)!;
        using var other = stays.Instantiate(Guests.Limits, out _)!;
        AssertSame(other, guest, 7);
        Assert.Equal(("cil", 0), (code.Engine, code.Moved));

        door.Set();
        Assert.True(SpinWait.SpinUntil(() => code.Engine == name, _patience));
        AssertSame(other, guest, 8);
        AssertSame(other, guest, 9);
        Assert.Equal(1, code.Moved);
    }

    [Fact]
    public void What_the_better_engine_refuses_stays_and_says_why()
    {
        using var code = (MovableCode)Loaded(Tiered(new Refusing()).Load(Valid()));
        Assert.True(SpinWait.SpinUntil(() => code.WhyStays is not null, _patience));
        Assert.Equal(("cil", "never"), (code.Engine, code.WhyStays));
    }

    [Fact]
    public void An_engine_that_throws_ends_nothing_and_the_next_module_goes_over()
    {
        var oracle = Compose.Engine("oracle", TestContext.Current.CancellationToken)!; // It is always there.
        var tiered = Tiered(new Throwing(oracle));
        using var first = (MovableCode)Loaded(tiered.Load(Valid()));
        using var next = (MovableCode)Loaded(tiered.Load(Valid()));
        Assert.True(SpinWait.SpinUntil(() => next.Engine == "oracle", _patience));
        Assert.Equal(
            ("cil", "the engine oracle failed: InvalidOperationException: out of order"),
            (first.Engine, first.WhyStays));
    }

    [Fact]
    public void What_was_let_go_is_not_compiled_any_more()
    {
        using var door = new ManualResetEventSlim();
        var gate = new Gate(Compose.Engine("oracle", TestContext.Current.CancellationToken)!, door);
        var tiered = Tiered(gate);
        Loaded(tiered.Load(Valid())).Dispose();
        using var last = (MovableCode)Loaded(tiered.Load(Valid()));
        door.Set();
        Assert.True(SpinWait.SpinUntil(() => last.Engine == "oracle", _patience));
        Assert.Equal(1, gate.Loads);
    }

    [Fact]
    public void What_is_to_have_a_machine_of_its_own_never_begins_elsewhere()
    {
        using var door = new ManualResetEventSlim(initialState: true);
        var gate = new Gate(Compose.Engine("oracle", TestContext.Current.CancellationToken)!, door);
        using var code = Loaded(EngineDesk.Load(Tiered(gate), Valid(), isIsolated: true));
        Assert.IsNotType<MovableCode>(code);
        Assert.Equal(1, gate.Loads);
    }

    [Fact]
    public void A_desk_says_where_each_module_is_and_forgets_those_that_were_let_go()
    {
        var oracle = Compose.Engine("oracle", TestContext.Current.CancellationToken)!; // Like cil it is always there.
        var desk = new EngineDesk(Cil);
        var valid = Valid();
        using var stays = desk.Add("stays", valid, Loaded(Cil.Load(valid)), Cil, isIsolated: false);
        desk.Add("goes", valid, Loaded(Cil.Load(valid)), Cil, isIsolated: false).Dispose();
        Assert.Empty(desk.MoveTo(oracle));
        using var late = desk.Add("late", valid, Loaded(oracle.Load(valid)), oracle, isIsolated: true);
        Assert.Equal(
            [new ModuleEngine("stays", "oracle", false, null), new ModuleEngine("late", "oracle", true, null)],
            desk.Rows);
    }

    private static IEngine Cil => Compose.Engine("cil")!; // There is always one.

    private static TieredEngine Tiered(IEngine better) => new(Cil, better, better);

    private static void AssertSame(IGuest expected, IGuest actual, int argument)
    {
        var (one, other) = (Guests.Run(expected, argument), Guests.Run(actual, argument));
        Assert.Equal((one.FuelUsed, one.Fault?.Kind), (other.FuelUsed, other.Fault?.Kind));
        Assert.True(expected.Memory.SequenceEqual(actual.Memory));
    }

    private static ValidatedModule Valid() =>
        Assert.IsType<ValidationResult.Valid>(ModuleValidator.Validate(Wanderer.Module())).Module;

    private static IGuestCode Loaded(EngineLoad load) => Assert.IsType<EngineLoad.Loaded>(load).Code;

    /// <summary>Takes as long as a test wants.</summary>
    private sealed class Gate(IEngine inner, ManualResetEventSlim door) : IEngine
    {
        private int _loads;

        public int Loads => Volatile.Read(ref _loads);

        public string Name => inner.Name;

        public IsolationFloor Isolation => inner.Isolation;

        public EngineLoad Load(ValidatedModule module)
        {
            door.Wait();
            Interlocked.Increment(ref _loads);
            return inner.Load(module);
        }
    }

    /// <summary>Throws at the first module.</summary>
    private sealed class Throwing(IEngine inner) : IEngine
    {
        private bool _hasThrown;

        public string Name => inner.Name;

        public IsolationFloor Isolation => inner.Isolation;

        public EngineLoad Load(ValidatedModule module)
        {
            if (_hasThrown)
            {
                return inner.Load(module);
            }

            _hasThrown = true;
            throw new InvalidOperationException("out of order");
        }
    }

    private sealed class Refusing : IEngine
    {
        public string Name => "refusing";

        public IsolationFloor Isolation => IsolationFloor.MicroVm;

        public EngineLoad Load(ValidatedModule module) => new EngineLoad.Refused("never");
    }
}
