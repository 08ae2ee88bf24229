using System.Buffers.Binary;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel;

/// <summary>Whatever a guest leaves in its memory, the kernel does not throw and no other process notices.</summary>
public sealed class HostileGuestTests
{
    // A guest, its control block after the run as the test wants it, and a neighbour that must go on.
    private delegate void Hand(ScriptedGuest guest, Xoshiro256 random);

    [Theory]
    [InlineData(71)]
    [InlineData(72)]
    public void Random_control_blocks(ulong seed) => Torment(seed, (guest, random) =>
    {
        for (int fields = 1 + random.Next(3); 0 < fields; fields--)
        {
            guest[4 * random.Next(18)] = Word(random);
        }
    });

    [Theory]
    [InlineData(73)]
    [InlineData(74)]
    public void Random_effect_rings(ulong seed) => Torment(seed, (guest, random) =>
    {
        int size = 8 * random.Next(40);
        var ring = guest.Memory.Slice((int)guest[ControlBlock.EffectsBase], size);
        Ring(ring, random);
        guest[ControlBlock.EffectsUsed] = (uint)size;
        guest[ControlBlock.EffectsCommitted] = (uint)size;
    });

    [Theory]
    [InlineData(75)]
    [InlineData(76)]
    public void Random_undo_logs(ulong seed) => Torment(seed, (guest, random) =>
    {
        for (int at = 512; at < 2048; at += 4)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(guest.Memory[at..], random.Next(3) switch
            {
                0 => (uint)(8 * random.Next(300)),
                1 => (uint)random.Next(3),
                _ => (uint)(256 + (8 * random.Next(32))),
            });
        }

        guest[ControlBlock.UndoHead] = (uint)(8 * random.Next(260));
        if (random.Next(8) == 0)
        {
            guest[ControlBlock.StateEnd] = Word(random);
        }
    });

    [Fact]
    public void A_cyclic_undo_log_ends()
    {
        var rig = Bench((guest, _) =>
        {
            guest.Memory.Slice(512, 16).Clear();
            guest.Memory[512] = 0;
            guest.Memory[513] = 2;
            guest[ControlBlock.UndoHead] = 512;
        }, new Xoshiro256(1));
        rig.Message("go", SystemRig.Int(13));
        Assert.Contains("#1 ended Failed: its undo log is not sound", rig.Journal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_writes_outside_the_state_harms_its_owner_only()
    {
        var rig = Bench((guest, _) =>
        {
            var chunk = guest.Memory.Slice(512, 40);
            chunk.Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(chunk[4..], 16);
            BinaryPrimitives.WriteUInt32LittleEndian(chunk[8..], guest[ControlBlock.EventsCommitted]);
            BinaryPrimitives.WriteUInt32LittleEndian(chunk[16..], ScriptedGuest.StateEnd - 4);
            BinaryPrimitives.WriteUInt32LittleEndian(chunk[20..], 8);
            guest[ControlBlock.UndoHead] = 512;
        }, new Xoshiro256(1));
        rig.Message("go", SystemRig.Int(13));
        Assert.Contains("#1 ended Failed: its undo log is not sound", rig.Journal, StringComparison.Ordinal);
        Assert.Contains("#2 logs heard", rig.Message("go", SystemRig.Int(1)).Journal, StringComparison.Ordinal);
    }

    private static void Torment(ulong seed, Hand hand)
    {
        var random = new Xoshiro256(seed);
        for (int round = 0; round < 400; round++)
        {
            var rig = Bench(hand, random);
            for (int message = 0; message < 4; message++)
            {
                rig.Message("go", SystemRig.Int(random.Next(3) == 0 ? 13 : message)).Wait(0.5);
            }

            // The neighbour heard all four.
            Assert.Equal(4, rig.Journal.Split("#2 logs heard").Length - 1);
            rig.Stop();
            Assert.Equal(0, rig.Last.Alive);
        }
    }

    private static SystemRig Bench(Hand hand, Xoshiro256 random)
    {
        var evil = Agent("evil", Message("go", IntType), Timer("t"), Ask("take", IntType, IntType), Refused) with
        {
            Slots = [new(SlotKind.Agent, "good"), new(SlotKind.Channel, "out"), new(SlotKind.Device, "screen")],
            Operations = [Tells("good", "take", IntType), Asks("good", "take", IntType, IntType), Prints],
            Continuations = [Continuation(IntType)],
        };
        var good = Agent("good", Message("go", IntType), Ask("take", IntType, IntType));
        var manifest = Of("m", evil, good) with
        {
            Subscribes = [new("go", IntType)],
            Publishes = [new("out", IntType)],
            Devices = [new("screen", "console", Value: null, [])],
            Metrics = [new("x", MetricKind.Sum, Maximize: true, "", "", MetricSource.Module)],
            Beliefs = new BeliefGraphSpec("evil", [new("b", "", 0.5)], []),
        };
        int born = 0;
        return new SystemRig(running: false).Add(manifest, () =>
        {
            var guest = new ScriptedGuest(happened =>
            {
                if (happened is not { Kind: EventKind.Handler, Handler: 0 })
                {
                    return;
                }

                happened[1] += 1;
                happened.Log("heard");
                if (happened.Number() == 13 && happened[2] == 0)
                {
                    ScriptedEvent.Fail();
                }
            });
            if (born++ == 0)
            {
                bool started = false;
                guest.Afterwards = one =>
                {
                    if (started)
                    {
                        hand(one, random);
                    }

                    started = true;
                };
            }
            else
            {
                // The neighbour never traps.
                guest.Memory[ScriptedGuest.State + 16] = 1;
            }

            return guest;
        }).Boot();
    }

    // Records that are mostly well formed, with arguments that are mostly not.
    private static void Ring(Span<byte> ring, Xoshiro256 random)
    {
        var writer = new ByteWriter();
        while (writer.Length < ring.Length)
        {
            int start = writer.Length;
            int call = 1 + random.Next(random.Next(50) == 0 ? 40 : 16);
            writer.U32(0);
            writer.U16((ushort)call);
            writer.U16(0);
            writer.U32(random.Next(30) == 0 ? Word(random) : 0);
            writer.U32(0);
            foreach (var argument in HostCalls.Find(call)?.Arguments ?? [])
            {
                if (argument.Kind == HostArgumentKind.Bytes)
                {
                    byte[][] samples = [[], SystemRig.Int(1), SystemRig.Text("x"), "out"u8.ToArray(), [1]];
                    var bytes = samples[random.Next(samples.Length)];
                    writer.I64(random.Next(40) == 0 ? (long)random.Next() : bytes.Length);
                    writer.Bytes(bytes);
                    writer.Align(8);
                }
                else
                {
                    writer.I64(random.Next(5) == 0 ? (long)random.Next() : random.Next(5));
                }
            }

            writer.PatchU32(start, random.Next(60) == 0 ? Word(random) : (uint)(writer.Length - start));
        }

        writer.Written[..ring.Length].CopyTo(ring);
    }

    private static uint Word(Xoshiro256 random) => random.Next(4) switch
    {
        0 => (uint)random.Next(),
        1 => (uint)random.Next(10_000),
        2 => (uint)(8 * random.Next(1100)),
        _ => uint.MaxValue - (uint)random.Next(64),
    };
}
