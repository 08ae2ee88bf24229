using System.Buffers.Binary;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel;

/// <summary>
/// Random trees of narrowing, handing over and revoking over several processes, beside a model of who may do what.
/// </summary>
public sealed class AuthorityTests
{
    private const int Processes = 4;
    private const int Prints = Processes;
    private const int Device = Processes;

    private static readonly SchemaType _capability = new SchemaType.Cap("console");

    public static IEnumerable<TheoryDataRow<bool, ulong>> Seeds =>
        from running in SystemRig.Modes.Select(mode => mode.Data)
        from seed in Enumerable.Range(1, 12)
        select new TheoryDataRow<bool, ulong>(running, (ulong)seed);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_process_can_use_what_was_revoked_above_it_nor_what_it_was_never_given(bool running, ulong seed)
    {
        var world = new World(running, seed);
        for (int step = 0; step < 60; step++)
        {
            world.Act();
            world.Try(3);
        }

        world.TryAll();
    }

    private sealed class World
    {
        private readonly Xoshiro256 _random;
        private readonly SystemRig _rig;
        private readonly List<Node> _nodes = [];
        private readonly List<Held> _held = [];
        private Action<ScriptedEvent> _order = _ => { };
        private Node? _onTheWay;
        private int _receiver;
        private int _prints;

        public World(bool running, ulong seed)
        {
            _random = new Xoshiro256(seed);
            _rig = new SystemRig(running);
            var agents = Enumerable.Range(0, Processes).Select(Member).ToArray();
            var manifest = Of("m", agents) with
            {
                Subscribes = [.. Enumerable.Range(0, Processes).Select(one => new ChannelSpec($"go/{one}", IntType))],
                Devices = [new("screen", "console", Value: null, [])],
                Supervision = new SupervisionSpec(SupervisionStrategy.OneForOne, Restarts: 1_000, Within: 1),
            };
            int born = 0;
            _rig.Add(manifest, () =>
            {
                int place = born < Processes ? born++ : -1;
                return new ScriptedGuest(happened => Play(happened, place));
            });
            _rig.Boot();
            _held.Add(new Held(0, Device, Node: null));
        }

        public void Act()
        {
            var held = _held[_random.Next(_held.Count)];
            switch (_random.Next(8))
            {
                case < 3:
                    Narrow(held);
                    break;
                case < 6 when held.Node is not null:
                    Give(held, _random.Next(Processes));
                    break;
                case 6 when held.Node is not null:
                    Revoke(held);
                    break;
                case 7 when _random.Next(4) == 0:
                    Restart(_random.Next(Processes));
                    break;
            }
        }

        public void Try(int count)
        {
            for (; 0 < count; count--)
            {
                Print(_held[_random.Next(_held.Count)]);
                Guess();
            }
        }

        public void TryAll()
        {
            foreach (var held in _held.ToArray())
            {
                Print(held);
            }
        }

        private AgentSpec Member(int place)
        {
            var all = Enumerable.Range(0, Processes).ToArray();
            var slots = all.Select(one => new SlotSpec(SlotKind.Agent, $"a{one}")).ToList();
            if (place == 0)
            {
                slots.Add(new SlotSpec(SlotKind.Device, "screen"));
            }

            return Agent($"a{place}", Message($"go/{place}", IntType), Ask("take", _capability, UnitType)) with
            {
                OnTrap = TrapPolicy.Restart,
                Slots = [.. slots],
                Operations = [.. all.Select(one => Tells($"a{one}", "take", _capability)), TestModule.Prints],
            };
        }

        private void Play(ScriptedEvent happened, int place)
        {
            if (happened.Kind != EventKind.Handler)
            {
                return;
            }

            if (happened.Handler == 0)
            {
                _order(happened);
            }
            else
            {
                long slot = BinaryPrimitives.ReadInt64LittleEndian(happened.Payload);
                _held.Add(new Held(_receiver, slot, _onTheWay));
            }
        }

        private void Order(int process, Action<ScriptedEvent> order)
        {
            _order = order;
            _rig.Pass(1);
            _rig.Message($"go/{process}", SystemRig.Int(0));
        }

        private void Narrow(Held held)
        {
            long slot = 0;
            Order(held.Process, happened =>
            {
                slot = happened.NextSlot;
                happened.Call(HostCall.Narrow, held.Slot, slot, new byte[] { 0 });
            });
            bool may = IsUsable(held);
            var node = new Node(held.Node, held.Process) { IsRevoked = !may };
            _nodes.Add(node);
            _held.Add(new Held(held.Process, slot, node));
        }

        private void Give(Held held, int to)
        {
            _onTheWay = held.Node;
            _receiver = to;
            Order(held.Process, happened => happened.Send(to, to, SystemRig.Int(held.Slot)));
        }

        private void Revoke(Held held)
        {
            bool may = held.Node!.By == held.Process; // It was narrowed.
            Order(held.Process, happened => happened.Call(HostCall.Revoke, held.Slot));
            held.Node.IsRevoked |= may;
        }

        // It begins anew: what it narrowed ends, and its new guest knows no slot of the old one.
        private void Restart(int process)
        {
            Order(process, _ => ScriptedEvent.Fail());
            foreach (var node in _nodes.Where(one => one.By == process))
            {
                node.IsRevoked = true;
            }

            _held.RemoveAll(one => one.Process == process && one.Node is not null);
        }

        private void Print(Held held)
        {
            string text = string.Create(CultureInfo.InvariantCulture, $"print {++_prints}.");
            Order(held.Process, happened => happened.Send(held.Slot, Prints, SystemRig.Text(text)));
            Assert.Equal(IsUsable(held), _rig.Journal.Contains(text, StringComparison.Ordinal));
        }

        // Whoever was given nothing cannot guess a slot: what is found there is what it was given.
        private void Guess()
        {
            int process = 1 + _random.Next(Processes - 1);
            long slot = _random.Next(3) switch
            {
                0 => _random.Next(12),
                1 => (1L << 62) + _random.Next(12),
                _ => _held[_random.Next(_held.Count)].Slot,
            };
            var known = _held.Find(one => one.Process == process && one.Slot == slot);
            Print(known ?? new Held(process, slot, Node.Nothing));
        }

        private static bool IsUsable(Held held)
        {
            for (var at = held.Node; at is not null; at = at.Parent)
            {
                if (at.IsRevoked)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <param name="Node">Null for the grant itself.</param>
    private sealed record Held(int Process, long Slot, Node? Node);

    private sealed class Node(Node? parent, int by)
    {
        public static Node Nothing { get; } = new(parent: null, by: -1) { IsRevoked = true };

        public Node? Parent { get; } = parent;

        public int By { get; } = by;

        public bool IsRevoked { get; set; }
    }
}
