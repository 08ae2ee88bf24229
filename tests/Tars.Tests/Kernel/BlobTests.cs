using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Kernel.Ports;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>Blobs from end to end: made, handed on, read in parts, kept, carried over swaps, gone at the end.</summary>
public sealed class BlobTests
{
    private static readonly string _gallery = File.ReadAllText(RepoRoot.File("samples/gallery.tars"));

    private const string Relay = """
        tars: 1
        module: relay
        version: 1.0.0
        summary: Makes blobs, keeps some, hands others on, forgets, traps and begins anew.

        capabilities:
          subscribe: { make: int, forget: int, fail: int, hand: int, born: int, far: int, item: Item }
          publish: { item: Item, told: text }
          spawn: { child: 4 }

        types:
          Item: { number: int, octets: blob }

        agentic:
          agents:
            maker:
              role: Makes.
              on_trap: continue
              handlers:
                message make as size:
                  do: |
                    var octets = bytes_of(size)
                    if size > 0 { octets[size - 1] = size % 256 }
                    let made = blob_of(octets)
                    # What an event has made it can read.
                    assert made.len() == size
                    publish("item", Item(number = size, octets = made))
                message fail as size:
                  do: |
                    publish("item", Item(number = size, octets = blob_of(bytes_of(size))))
                    fail "as told"
                message born as size:
                  do: |
                    spawn child(octets = blob_of(bytes_of(size)))
                refused as what:
                  do: |
                    publish("told", "refused: {what.reason}")
                exit child as end:
                  do: |
                    publish("told", "a child ended")
            keeper:
              role: Keeps.
              on_trap: restart
              state:
                kept: list<Item> = []
              handlers:
                message item as item:
                  do: |
                    kept.push(item)
                message forget as number:
                  do: |
                    kept = kept.filter(one => one.number != number)
                message fail as number:
                  do: |
                    if kept.len() > 0 { fail "{kept[0].octets.len()} octets" }
                message hand as number:
                  do: |
                    for one in kept {
                      if one.number == number {
                        tell reader.see(octets = one.octets)
                        let size = ask reader.measure(octets = one.octets) within 1s else why {
                          publish("told", why.detail)
                          return
                        }
                        publish("told", "{number} has {size}")
                      }
                    }
                message far as number:
                  do: |
                    if kept.len() > 0 {
                      let piece = kept[0].octets.read(number, 10)
                      publish("told", "{number}: {piece.len()}")
                    }
            reader:
              role: Reads.
              on_trap: continue
              state:
                seen: int = 0
              handlers:
                ask see:
                  with: { octets: blob }
                  do: |
                    seen += 1
                ask measure:
                  with: { octets: blob }
                  returns: int
                  do: |
                    if octets.len() == 0 { return 0 }
                    let last = octets.read(octets.len() - 1, 1)
                    assert last[0] == octets.len() % 256
                    return octets.len()
            child:
              role: Holds what it was given.
              starts: by_spawn
              on_trap: restart
              state:
                octets: blob
              handlers:
                start:
                  do: |
                    publish("told", "a child with {octets.len()}")
                message fail as number:
                  do: |
                    fail "so that it begins anew with {octets.len()}"
                message forget as number:
                  do: |
                    exit()
        """;

    private const string Kept = "kept: list<Item> = []\n        ";

    /// <summary>The same, but the keeper keeps what it has when it traps.</summary>
    private static string Lasting => Relay.Replace(
        "role: Keeps.\n      on_trap: restart", "role: Keeps.\n      on_trap: continue", StringComparison.Ordinal);

    public static IEnumerable<TheoryDataRow<bool>> Modes => SystemRig.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public void Pictures_are_seen_whole_kept_and_compared(bool running)
    {
        var rig = new SystemRig(running).Add(_gallery).Boot();
        Paint(rig, "dawn", 200_000, 200);
        Paint(rig, "dusk", 200_000, 200);
        Paint(rig, "night", 200_000, 9);
        Compare(rig, "dawn", "dusk");
        Compare(rig, "dawn", "night");
        Paint(rig, "noon", 100, 255);
        Compare(rig, "dawn", "dusk");
        Golden.CheckWhole(Golden.Path("kernel/blobs-gallery.txt"), rig.Journal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Blobs_go_by_every_way_and_end_with_their_last_holder(bool running)
    {
        var rig = new SystemRig(running).Add(Relay).Boot();
        Send(rig, "make", 100);
        Send(rig, "make", 70_000);
        Send(rig, "make", 0);
        Assert.Equal(3, rig.Kernel.BlobCount);
        Send(rig, "hand", 100);
        Send(rig, "hand", 70_000);
        Send(rig, "hand", 0);
        Send(rig, "far", 90);
        Send(rig, "born", 5);
        Assert.Equal(4, rig.Kernel.BlobCount);
        // What is out of range traps; the keeper begins anew, and what it kept has ended.
        Send(rig, "far", 91);
        Assert.Equal(1, rig.Kernel.BlobCount);
        Send(rig, "fail", 1);
        rig.Stop();
        Assert.Equal(0, rig.Kernel.BlobCount);
        Golden.CheckWhole(Golden.Path("kernel/blobs-relay.txt"), rig.Journal);
    }

    [Fact]
    public void A_mebibyte_is_made_and_read()
    {
        var rig = new SystemRig(running: false).Add(_gallery).Boot();
        Paint(rig, "large", 1 << 20, 7);
        Assert.Contains("large: 1048576 octets, 1 white", rig.Journal, StringComparison.Ordinal);
        Assert.Empty(rig.Letters);
    }

    [Fact]
    public void A_blob_that_is_too_large_is_refused_and_that_is_told()
    {
        var rig = new SystemRig(running: false).Add(Relay).Boot();
        Send(rig, "make", (16 << 20) + 1);
        Assert.Contains("refused: the blob is too large", rig.Journal, StringComparison.Ordinal);
        Assert.Contains("it names a blob by a slot that is not held", rig.Journal, StringComparison.Ordinal);
        Assert.Equal(0, rig.Kernel.BlobCount);
    }

    [Fact]
    public void More_octets_than_one_process_may_hold_are_refused()
    {
        var rig = new SystemRig(running: false).WithoutCheckpoints().Add(Lasting).Boot();
        for (int made = 0; made < 17; made++)
        {
            Send(rig, "make", 16 << 20);
        }

        // The one who makes them holds none behind its event; the one who keeps them has no room for the last.
        Assert.Equal(16, rig.Kernel.BlobCount);
        Assert.Single(rig.Letters);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_new_version_goes_on_with_the_blobs_of_the_old_one(bool running)
    {
        var rig = new SystemRig(running).Add(Relay).Boot();
        Send(rig, "make", 100);
        Send(rig, "make", 70_000);
        rig.Swap(Relay
            .Replace("1.0.0", "1.1.0", StringComparison.Ordinal)
            .Replace("kept: list<Item> = []", Kept + "swaps: int = 1", StringComparison.Ordinal));
        Assert.True(rig.Swaps[0].IsDone, string.Join("; ", rig.Swaps[0].Refusals));
        Send(rig, "hand", 70_000);
        Send(rig, "hand", 100);
        Assert.Contains("70000 has 70000", rig.Journal, StringComparison.Ordinal);
        Assert.Contains("100 has 100", rig.Journal, StringComparison.Ordinal);
        rig.Swap(Relay
            .Replace("1.0.0", "2.0.0", StringComparison.Ordinal)
            .Replace("kept: list<Item> = []", Kept + "other: int = 0", StringComparison.Ordinal));
        Assert.Equal(2, rig.Kernel.BlobCount);
        rig.Stop();
        Assert.Equal(0, rig.Kernel.BlobCount);
    }

    [Fact]
    public void A_process_that_forgets_blobs_lets_them_go_before_they_are_many()
    {
        var rig = new SystemRig(running: false).WithoutCheckpoints().Add(Relay).Boot();
        for (int made = 0; made < 3_000; made++)
        {
            Send(rig, "make", 10 + (made % 7));
            Send(rig, "forget", 10 + (made % 7));
            Assert.InRange(rig.Kernel.BlobCount, 0, 300);
        }
    }

    [Fact]
    public void A_letter_with_a_blob_is_delivered_again()
    {
        string strict = Lasting.Replace(
            "kept.push(item)", "assert item.number != 7\n            kept.push(item)", StringComparison.Ordinal);
        var rig = new SystemRig(running: false).Add(strict).Boot();
        Send(rig, "make", 7);
        Assert.Equal(1, rig.Kernel.BlobCount);
        rig.Swap(Lasting.Replace("1.0.0", "1.1.0", StringComparison.Ordinal));
        var letter = Assert.Single(rig.Kernel.DeadLetters);
        rig.Step("again", new KernelEvent.DeliverDead(rig.At, letter.Number));
        Send(rig, "hand", 7);
        Assert.Contains("7 has 7", rig.Journal, StringComparison.Ordinal);
        Assert.Equal(1, rig.Kernel.BlobCount);
        Send(rig, "forget", 7);
        rig.Stop();
        Assert.Equal(0, rig.Kernel.BlobCount);
    }

    [Fact]
    public void Whatever_happens_no_blob_is_left_when_all_have_ended()
    {
        var versions = new[] { Relay, Relay.Replace("1.0.0", "1.1.0", StringComparison.Ordinal) }
            .Select(CompiledModule.Of).ToArray();
        for (ulong seed = 1; seed <= 24; seed++)
        {
            var random = new Xoshiro256(seed);
            var rig = new SystemRig(running: seed % 2 == 0)
            {
                Faults = seed % 3 == 0
                    ? new MessageFaults(Drop: 0.1, DelayMax: 1_000_000, Duplicate: 0.1, Reorder: 0.2, seed)
                    : null,
            };
            rig.Add(versions[0].Manifest, () => CompiledModule.Instance(versions[0].Code)).Boot(seed);
            for (int step = 0; step < 60; step++)
            {
                var (manifest, code) = versions[(step + 1) % 2];
                Do(rig, random, rig.Image(manifest, () => CompiledModule.Instance(code)));
            }

            foreach (var letter in rig.Kernel.DeadLetters.ToArray())
            {
                rig.Step("drop", new KernelEvent.DropDead(rig.At, letter.Number));
            }

            rig.Wait(1).Stop();
            Assert.True(0 == rig.Kernel.BlobCount, $"seed {seed}: {rig.Kernel.BlobCount} are left\n{rig.Journal}");
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Who_forges_slots_and_ranges_harms_only_itself(bool running)
    {
        for (ulong seed = 1; seed <= 40; seed++)
        {
            var random = new Xoshiro256(seed);
            var agent = TestModule.Agent("a", TestModule.Message("make", TestModule.IntType));
            var hostile = TestModule.Of("hostile", agent) with { Subscribes = [new("make", TestModule.IntType)] };
            var rig = new SystemRig(running).Add(Relay).Add(hostile, happened => Forge(happened, random)).Boot();
            for (int sent = 0; sent < 20; sent++)
            {
                Send(rig, "make", 10 + sent);
            }

            Send(rig, "hand", 12);
            Assert.Contains("12 has 12", rig.Journal, StringComparison.Ordinal);
            rig.Stop();
            Assert.Equal(0, rig.Kernel.BlobCount);
        }
    }

    // Makes blobs of whatever octets by whatever slot, and wishes for whatever it likes.
    private static void Forge(ScriptedEvent happened, Xoshiro256 random)
    {
        if (happened.Kind != EventKind.Handler)
        {
            return;
        }

        long slot = random.Next(3) == 0 ? (long)random.Next() : happened.NextSlot - random.Next(3);
        if (random.Next(2) == 0)
        {
            happened.Want(slot, Range(random), Range(random));
        }

        for (int made = random.Next(3); 0 < made; made--)
        {
            long argument = random.Next(2) == 0 ? (long)random.Next() : (long)random.Next(8192) << 32 | 64;
            happened.Call(
                HostCall.Device, happened.NextSlot + random.Next(2), random.Next(5), argument, Array.Empty<byte>());
        }
    }

    private static long Range(Xoshiro256 random) =>
        random.Next(2) == 0 ? random.Next(5_000) : (long)random.Next() >> random.Next(64);

    private static void Do(SystemRig rig, Xoshiro256 random, ModuleImage other)
    {
        int size = random.Next(4) == 0 ? random.Next(200_000) : random.Next(10);
        switch (random.Next(10))
        {
            case 0:
                Send(rig, "fail", size);
                break;
            case 1:
                Send(rig, "forget", size);
                break;
            case 2:
                Send(rig, "born", size);
                break;
            case 3:
                Send(rig, "far", size);
                break;
            case 4:
                rig.Step("crash", new KernelEvent.Crash(rig.At, "relay", random.Next(2) == 0 ? "keeper" : "maker"));
                break;
            case 5:
                rig.Swap(other);
                break;
            case 6 or 7:
                Send(rig, "hand", size);
                break;
            default:
                Send(rig, "make", size);
                break;
        }

        rig.Wait(0.001);
    }

    private static void Send(SystemRig rig, string channel, long number) =>
        rig.Message(channel, SystemRig.Int(number));

    private static void Paint(SystemRig rig, string name, long size, long shade)
    {
        var order = new ByteWriter();
        order.Text(name);
        order.I64(size);
        order.I64(shade);
        rig.Message("gallery/paint", order.ToArray());
    }

    private static void Compare(SystemRig rig, string first, string second)
    {
        var two = new ByteWriter();
        two.U32(2);
        two.Text(first);
        two.Text(second);
        rig.Message("gallery/compare", two.ToArray());
    }
}
