using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.DebugMap;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;
using Tars.Sim.Sharding;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel.Sharding;

/// <summary>
/// Modules of one agent each, which learn of each other by a channel and then tell, publish and ask; and what was seen.
/// </summary>
internal sealed class Players
{
    // What a `go` has a player do.
    public const int Tell = 1;
    public const int Say = 2;
    public const int Ask = 3;
    public const int TellAndTrap = 4;
    public const int Storm = 5;
    public const int Leave = 6;

    /// <summary>Index of the handler that takes a blob.</summary>
    public const int HoldHandler = 7;

    private const int Counter = 20;
    private const int HasAsker = 21;
    private const int Here = 0;
    private const int Chat = 1;

    private static readonly SchemaType _pair =
        new SchemaType.Record("Pair", [new("sender", IntType), new("number", IntType), new("left", IntType)]);

    private static readonly SchemaType _hello =
        new SchemaType.Record("Hello", [new("who", new SchemaType.Ref("player")), new("index", IntType)]);

    private static readonly SchemaType _hold =
        new SchemaType.Record("Hold", [new("bulk", new SchemaType.Blob())]);

    private readonly int _count;

    public Players(int count, int shards, ulong seed, WhenFull whenFull, int mailbox = 4, bool running = false)
    {
        _count = count;
        var later = running ? new Queue<(ProcessId, GuestResult)>() : null;
        ImmutableArray<ModuleImage> modules =
        [
            .. Enumerable.Range(0, count).Select(index => new ModuleImage(
                Module(index, whenFull, mailbox),
                new ScriptedCode(() => new ScriptedGuest(one => Play(one, index), eventsSize: 2048), later),
                DebugInfo.None,
                default)),
        ];
        Image = Assert.IsType<LinkResult.Linked>(SystemImage.Link(modules)).System;
        System = new ShardedSystem(
            Image, ShardPlan.Of(Image, shards), seed, (system, shard) => new Ear(this, system, shard), later);
        System.Boot(seed: 7);
        Rest();
    }

    public SystemImage Image { get; }

    public ShardedSystem System { get; }

    /// <summary>All that players logged, each with the process that did.</summary>
    public List<(ProcessId Process, string Text)> Said { get; } = [];

    public List<Audit> Audits { get; } = [];

    public List<string> Unheard { get; } = [];

    public List<SwapReport> Swaps { get; } = [];

    public int Traps { get; private set; }

    public void Rest() => Assert.True(System.Rest(), "the system does not come to rest");

    public void Go(int player, int act, int to = 0, int count = 1) =>
        System.Message($"go/{player}", [.. SystemRig.Int((act * 10_000) + (to * 1_000) + count)]);

    /// <summary>The numbers that one player sent to another, in order.</summary>
    public long[] Sent(int from, int to) =>
    [
        .. from one in Said
           let words = one.Text.Split(' ')
           where words[0] == "sent" && words[1] == $"{from}" && (words[2] == $"{to}" || words[2] == "all")
           select long.Parse(words[3], global::System.Globalization.CultureInfo.InvariantCulture),
    ];

    /// <summary>The numbers that one player got of another, in order.</summary>
    public long[] Got(int from, int to) =>
    [
        .. from one in Said
           let words = one.Text.Split(' ')
           where words[0] == "got" && words[1] == $"{to}" && words[2] == $"{from}"
           select long.Parse(words[3], global::System.Globalization.CultureInfo.InvariantCulture),
    ];

    private static BundleManifest Module(int index, WhenFull whenFull, int mailbox)
    {
        var operations = Enumerable.Range(0, PlayersMax).SelectMany(other => new[]
        {
            Tells($"p{other}.player", "put", _pair),
            Asks($"p{other}.player", "question", IntType, IntType),
        });
        var player = Agent(
            "player",
            Start,
            Message("hello", _hello),
            Message($"go/{index}", IntType),
            TestModule.Ask("put", _pair, UnitType),
            Message("chat", _pair),
            TestModule.Ask("question", IntType, IntType),
            Refused,
            TestModule.Ask("hold", _hold, UnitType)) with
        {
            Mailbox = new MailboxSpec(mailbox, whenFull),
            Slots = [new SlotSpec(SlotKind.Channel, "hello"), new SlotSpec(SlotKind.Channel, "chat")],
            Operations = [.. operations],
            Continuations = [new ContinuationSpec("ask question", 1, [], IntType)],
        };
        return Of($"p{index}", player) with
        {
            Subscribes = [new("hello", _hello), new($"go/{index}", IntType), new("chat", _pair)],
            Publishes = [new("hello", _hello), new("chat", _pair)],
        };
    }

    public const int PlayersMax = 4;

    private void Play(ScriptedEvent happened, int index)
    {
        switch (happened.Kind, happened.Handler)
        {
            case (EventKind.Answer, _):
                Answered(happened);
                break;
            case (EventKind.Handler, 0):
                happened.Publish(Here, "hello", Numbers(2, index));
                break;
            case (EventKind.Handler, 1):
                var hello = new ByteReader(happened.Payload);
                long slot = hello.I64();
                happened[(int)hello.I64()] = slot;
                break;
            case (EventKind.Handler, 2):
                Go(happened, index, happened.Number());
                break;
            case (EventKind.Handler, 3 or 4):
                Got(happened, index);
                break;
            case (EventKind.Handler, 5):
                Question(happened, index, happened.Number());
                break;
            default:
                break;
        }
    }

    private static void Go(ScriptedEvent happened, int index, long what)
    {
        int act = (int)(what / 10_000);
        int to = (int)(what / 1_000 % 10);
        int count = (int)(what % 1_000);
        switch (act)
        {
            case Tell or TellAndTrap:
                for (int each = 0; each < count; each++)
                {
                    Put(happened, index, to, left: 0);
                }

                break;
            case Say:
                for (int each = 0; each < count; each++)
                {
                    long number = ++happened[Counter];
                    happened.Publish(Chat, "chat", Numbers(index, number, 0));
                    happened.Log($"sent {index} all {number}");
                }

                break;
            case Ask:
                happened[HasAsker] = 0;
                happened.Call(HostCall.Ask, happened[to], (2 * to) + 1, 0L, 0, SystemRig.Int(count));
                break;
            case Storm:
                Put(happened, index, to, count);
                break;
            default:
                happened.Call(HostCall.Exit);
                break;
        }

        if (act == TellAndTrap)
        {
            ScriptedEvent.Fail();
        }
    }

    private static void Got(ScriptedEvent happened, int index)
    {
        var reader = new ByteReader(happened.Payload);
        long from = reader.I64();
        happened.Log($"got {index} {from} {reader.I64()}");
        long left = reader.I64();
        for (int each = 0; each < 2 && 0 < left; each++)
        {
            Put(happened, index, (int)from, left - 1);
        }
    }

    private void Question(ScriptedEvent happened, int index, long left)
    {
        if (left == 0)
        {
            happened.Call(HostCall.Reply, 0, SystemRig.Int(100 + index));
            return;
        }

        int next = (index + 1) % _count;
        happened[HasAsker] = 1;
        happened.Call(HostCall.Ask, happened[next], (2 * next) + 1, 0L, 0, SystemRig.Int(left - 1));
    }

    private static void Answered(ScriptedEvent happened)
    {
        if (happened[HasAsker] == 0)
        {
            happened.Log(happened.Answer());
        }
        else if (happened.Payload[0] == 0)
        {
            happened.Call(HostCall.Reply, 0, happened.Payload[1..].ToArray());
        }
        else
        {
            happened.Log($"passed on {happened.Answer()}");
            happened.Call(HostCall.Reply, 0, SystemRig.Int(-1));
        }
    }

    private static void Put(ScriptedEvent happened, int index, int to, long left)
    {
        long number = ++happened[Counter];
        happened.Send(happened[to], 2 * to, Numbers(index, number, left));
        happened.Log($"sent {index} {to} {number}");
    }

    private static byte[] Numbers(params ReadOnlySpan<long> numbers)
    {
        var value = new ByteWriter();
        foreach (long number in numbers)
        {
            value.I64(number);
        }

        return value.ToArray();
    }

    private sealed class Ear(Players players, ShardedSystem system, int shard) : SilentOutside, IOutside
    {
        public void ToShard(int to, long sequence, ReadOnlySpan<byte> records) =>
            system.Post(shard, to, sequence, records);

        public void Packed(int module, ImmutableArray<byte> package, string why) => system.Pack(package, why);

        public void Swapped(SwapReport report) => players.Swaps.Add(report);

        public override void Logged(ProcessId from, ReadOnlySpan<byte> entry) =>
            players.Said.Add((from, new ByteReader(entry).Text()));

        public override void Audited(Audit entry) => players.Audits.Add(entry);

        public override void Trapped(DeadLetter letter) => players.Traps++;

        public override void Published(
            ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
        {
            if (!taken)
            {
                players.Unheard.Add(global::System.Text.Encoding.UTF8.GetString(channel));
            }
        }
    }
}
