using System.Buffers.Binary;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel.Journal;

/// <summary>A run that is repeated from its journal does the same, whatever the wall clock had ended.</summary>
public sealed class RepeatTests
{
    [Fact]
    public void What_the_clock_aborted_is_not_run_again_and_all_else_is_the_same()
    {
        int aborted = 0;
        for (ulong seed = 1; seed <= 300; seed++)
        {
            var random = new Xoshiro256(seed);
            var onTrap = (TrapPolicy)random.Next(3);
            var first = new Recording(clock: random, onTrap);
            first.Run(seed);
            var second = new Recording(clock: null, onTrap);
            second.Repeat(first.Records);
            Assert.Equal(first.Rig.Journal, second.Rig.Journal);
            Assert.Equal(first.Ends, second.Ends);
            aborted += first.Aborted;
        }

        Assert.True(300 < aborted, $"only {aborted} calls were aborted");
    }

    // What the aborted event had written into the ring is not known to the replay. What a guest wrote there by itself
    // stays or goes in both runs alike; a guest without an undo log has it from before that event.
    [Fact]
    public void How_much_of_a_ring_is_let_go_of_does_not_depend_on_what_the_clock_aborted()
    {
        var (first, journal) = Marked(isHurried: true);
        _ = Assert.Single(journal.SelectMany(happened => happened.Aborted));
        var (second, _) = Marked(isHurried: false, journal);
        Assert.Equal(first, second);

        // What a guest that marks its ring finds there later.
        static (long Found, List<KernelEvent> Journal) Marked(bool isHurried, List<KernelEvent>? repeated = null)
        {
            const int Mark = 3_000; // In the middle of the effect ring.
            ScriptedGuest? marking = null;
            var rig = new SystemRig(running: false) { WarmMax = 1 }.WithoutCheckpoints();
            rig.Add(Listener("marks", "a"), () => marking = new ScriptedGuest(MarkAndFind, keepsUndoLog: false))
                .Add(Listener("other", "b"), () => new ScriptedGuest(_ => { }))
                .Link(rig);
            var journal = new List<KernelEvent>();
            foreach (var happened in repeated
                ?? [new KernelEvent.Boot(rig.At, 1), To("a", 1), To("a", 2), To("b", 0), To("a", 3)])
            {
                rig.Once("event", happened);
                journal.Add(happened with { Aborted = rig.Last.Aborted });
            }

            return (marking!.Load(0), journal);

            KernelEvent To(string channel, int number) =>
                new KernelEvent.Message(rig.At, channel, [.. SystemRig.Int(number)]);

            void MarkAndFind(ScriptedEvent happened)
            {
                switch (happened.Kind == EventKind.Handler ? happened.Number() : 0)
                {
                    case 1:
                        marking!.Memory[Mark] = 7; // It runs.
                        break;
                    case 2:
                        happened.Log(new string('x', 1_500));
                        throw isHurried
                            ? new ScriptedTrap(FaultKind.Deadline)
                            : new InvalidOperationException("What was aborted is not run again.");
                    case 3:
                        happened[0] = marking!.Memory[Mark];
                        break;
                }
            }
        }

        static BundleManifest Listener(string name, string channel) =>
            Of(name, Agent(name, Message(channel, IntType))) with { Subscribes = [new(channel, IntType)] };
    }

    [Fact]
    public void A_run_can_be_looked_at_after_every_transaction()
    {
        var first = new Recording(clock: null);
        first.Run(seed: 3);
        var last = first.Rig.Kernel.LastTransaction;
        Assert.NotNull(last);
        Assert.InRange(last.Value.Number, 50, 1_000);
        var counts = new Dictionary<ProcessId, long>();
        for (long number = 1; number <= last.Value.Number; number++)
        {
            var second = new Recording(clock: null);
            second.RepeatUntil(first.Records, number);
            var at = second.Rig.Kernel.LastTransaction;
            Assert.NotNull(at);
            Assert.Equal((number, number), (at.Value.Number, second.Rig.Kernel.Transactions));

            // Each handler counts the events that it has committed.
            bool counted = at.Value is { Handler: >= 0, Fault: null };
            counts[at.Value.Process] = counts.GetValueOrDefault(at.Value.Process) + (counted ? 1 : 0);
            Assert.Equal(counts[at.Value.Process], second.Guests[(int)at.Value.Process.Value - 1].Load(0));
        }

        Assert.Equal(first.Guests.Select(guest => guest.Load(0)), counts.Values);
    }

    [Fact]
    public void A_journal_that_lies_about_aborted_calls_harms_nothing()
    {
        var first = new Recording(clock: null);
        first.Run(seed: 4);
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var random = new Xoshiro256(seed);
            var lies = first.Records.Select(happened => happened with
            {
                Aborted =
                [
                    new AbortedCall(
                        random.Next(200), random.Next(3) == 0 ? int.MaxValue : random.Next(20), random.Next(100),
                        (uint)random.Next(9), (AbortEnd)random.Next(3)),
                ],
            });
            new Recording(clock: null).Repeat([.. lies]);
        }
    }

    /// <summary>A system of three agents that talk to each other, and its events.</summary>
    private sealed class Recording
    {
        private readonly Xoshiro256? _clock;
        private readonly EffectTrace _effects;

        /// <param name="clock">Decides when the clock ends a call; null for a run that nobody hurries.</param>
        public Recording(Xoshiro256? clock, TrapPolicy onTrap = TrapPolicy.Continue)
        {
            _clock = clock;
            Rig = new SystemRig(running: false).WithoutCheckpoints();
            _effects = new EffectTrace(Rig);
            for (int agent = 0; agent < 3; agent++)
            {
                var spec = Agent(Name(agent), Message("go", IntType)) with
                {
                    Slots = [new SlotSpec(SlotKind.Channel, "go")],
                    OnTrap = onTrap,
                };
                var manifest = Of(Name(agent), spec) with
                {
                    Subscribes = [new("go", IntType)],
                    Publishes = [new("go", IntType)],
                };
                Rig.Add(manifest, Make);
            }

            Rig.Link(_effects);
        }

        public SystemRig Rig { get; }

        public List<KernelEvent> Records { get; } = [];

        public List<ScriptedGuest> Guests { get; } = [];

        /// <summary>What the run had done and was after each event.</summary>
        public List<(ulong Trace, ulong Effects, ulong State)> Ends { get; } = [];

        public int Aborted { get; private set; }

        public void Run(ulong seed)
        {
            Take(new KernelEvent.Boot(Rig.At, seed));
            for (int number = 0; number < 12; number++)
            {
                Rig.Advance(seconds: 1);
                Take(new KernelEvent.Message(Rig.At, "go", [.. SystemRig.Int(number)]));
                while (Rig.Last.MoreToDo)
                {
                    Take(new KernelEvent.Turn(Rig.At));
                }
            }
        }

        public void Repeat(IReadOnlyList<KernelEvent> events)
        {
            foreach (var happened in events)
            {
                Take(happened);
            }
        }

        public void RepeatUntil(IReadOnlyList<KernelEvent> events, long transactions)
        {
            foreach (var happened in events)
            {
                Rig.Kernel.StepUntil(happened, transactions);
            }
        }

        private static string Name(int agent) => string.Create(CultureInfo.InvariantCulture, $"m{agent}");

        private void Take(KernelEvent happened)
        {
            Rig.Once("event", happened);
            Records.Add(happened with { Aborted = Rig.Last.Aborted });
            Aborted += Rig.Last.Aborted.Length;
            Ends.Add((Rig.Kernel.Trace, _effects.Digest, Rig.Kernel.StateDigest().Value));
        }

        private ScriptedGuest Make()
        {
            var guest = new ScriptedGuest(Handle);
            Guests.Add(guest);
            return guest;
        }

        private void Handle(ScriptedEvent happened)
        {
            Hurry();
            if (happened.Kind != EventKind.Handler)
            {
                return;
            }

            long number = happened.Handler == 0 ? happened.Number() : 0;
            happened.Site((uint)number + 1);
            happened[0]++;
            happened.Burn(number);
            Hurry();
            if (number % 5 == 4)
            {
                ScriptedEvent.Fail();
            }

            if (number is > 0 and < 8)
            {
                byte[] value = new byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(value, number / 2);
                happened.Publish(0, "go", value);
                happened.Log("went");
            }

            Hurry();
        }

        private void Hurry()
        {
            if (_clock is not null && _clock.Next(40) == 0)
            {
                throw new ScriptedTrap(FaultKind.Deadline);
            }
        }
    }
}
