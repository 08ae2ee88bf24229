using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Schema;
using Tars.Kernel.Blobs;
using Tars.Kernel.Caps;
using Tars.Kernel.Ports;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel;

/// <summary>The typed state of a process as the kernel saves it: canonical, and without a trace in the guest.</summary>
public sealed class SavedStateTests
{
    private const string Nursery = """
        tars: 1
        module: nursery
        version: 1.0.0
        summary: A parent that keeps its children in lists and as keys.

        capabilities:
          subscribe: { go: int }
          spawn: { child: 8 }

        agentic:
          agents:
            parent:
              role: Raises children.
              state:
                ages: map<ref<child>, int> = []
                order: list<ref<child>> = []
                total: int = 0

              handlers:
                message go as step:
                  do: |
                    total += step
                    if step == 0 { return }
                    let one = spawn child(age = step)
                    ages[one] = step
                    order.push(one)

                exit child as gone:
                  do: |
                    total -= 1

            child:
              role: Lives.
              starts: by_spawn
              state:
                age: int

              handlers:
                start:
                  do: |
                    if age == 13 { exit() }
        """;

    public static IEnumerable<TheoryDataRow<bool>> Modes => SystemRig.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_state_is_shown_with_the_kernels_ids_and_its_process_notices_nothing(bool running)
    {
        var rig = new SystemRig(running).Add(Nursery).Boot();
        foreach (int step in new[] { 7, 13, 9 })
        {
            rig.Message("go", SystemRig.Int(step));
        }

        var first = Look(rig, 1);
        var again = Look(rig, 1);
        Assert.Equal(first.Octets.ToArray(), again.Octets.ToArray());
        Assert.Equal("""{"-4611686018427387906":13,"2":7,"4":9}""", Json(first, "ages"));
        Assert.Equal("[2,-4611686018427387906,4]", Json(first, "order"));
        Assert.Equal("28", Json(first, "total"));
        Assert.Equal("9", Json(Look(rig, 4), "age"));

        rig.Message("go", SystemRig.Int(1));
        Assert.Equal("29", Json(Look(rig, 1), "total"));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_process_that_is_not_there_shows_nothing(bool running)
    {
        var rig = new SystemRig(running).Add(Nursery).Boot();
        rig.Step("look at #9", new KernelEvent.Look(rig.At, new ProcessId(9)));

        Assert.Null(Assert.Single(rig.Looks));
        Assert.EndsWith("#9 holds nothing: the process has ended\n", rig.Journal, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_looks_at_a_guest_that_runs_is_shown_what_it_left()
    {
        var rig = new SystemRig(running: true).Add(Nursery).Boot();
        rig.Kernel.Step(new KernelEvent.Message(rig.At, "go", [.. SystemRig.Int(5)]));
        rig.Kernel.Step(new KernelEvent.Look(rig.At, new ProcessId(1)));
        Assert.Empty(rig.Looks);

        rig.Step("go on", new KernelEvent.Turn(rig.At));
        Assert.Equal("5", Json(Assert.Single(rig.Looks)!, "total"));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_guest_that_saves_what_is_no_state_shows_nothing_and_goes_on(bool running)
    {
        var agent = Agent("a", Message("go", IntType)) with { State = [new SchemaField("text", TextType)] };
        var manifest = Of("m", agent) with { Subscribes = [new("go", IntType)] };
        int saves = 0;
        var rig = new SystemRig(running).Add(manifest, () => new ScriptedGuest(happened =>
        {
            if (happened.Kind == EventKind.Save)
            {
                ScriptedEvent.Fail();
            }
        })
        {
            Afterwards = guest =>
            {
                // Four hostile answers to Save, one after the other.
                bool saved = guest[ControlBlock.TrapCode] == (uint)GuestTrap.AssertionFailed;
                (uint Start, uint Size)[] claims = [(0, 3), (uint.MaxValue, 40), (0, 4096), (ScriptedGuest.State, 36)];
                if (saved)
                {
                    (guest[ControlBlock.SavedBase], guest[ControlBlock.SavedSize]) = claims[saves++ % 4];
                }
            },
        }).Boot();
        for (int look = 0; look < 4; look++)
        {
            rig.Step("look", new KernelEvent.Look(rig.At, new ProcessId(1)));
        }

        rig.Message("go", SystemRig.Int(1));
        Assert.All(rig.Looks, Assert.Null);
        Assert.False(rig.Kernel.Report().Processes[0].IsEnded);
        Assert.Contains("#1 commits 1 of 0", rig.Journal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_that_moves_to_another_table_is_the_same_state()
    {
        var ended = new ProcessId(8);
        var table = new CapTable(new Derivations(), new BlobStore());
        var type = new SchemaType.Map(new SchemaType.Ref("a"), new SchemaType.List(new SchemaType.Ref("a")));
        long[] slots = [.. new long[] { 5, 9, 3, 8 }.Select(id => Grant(table, id))];
        table.Forget(ended);
        table.Make(new Capability.OfProcess(new ProcessId(11)));
        long made = Grant(table, 11);
        var value = new ByteWriter();
        long[] keys = [.. slots.Append(made).Order()];
        value.U32((uint)keys.Length);
        foreach (long key in keys)
        {
            value.I64(key);
            value.U32(1);
            value.I64(slots[3]);
        }

        byte[] ids = Walk(value.ToArray(), (octets, to) => StateTranslation.TryToIds(type, octets, table, to));
        var other = new CapTable(new Derivations(), new BlobStore());
        other.Inherit(table);
        Grant(other, 70);
        byte[] moved = Walk(ids, (octets, to) => StateTranslation.TryToSlots(type, octets, other, to));
        Assert.True(ValueEncoding.IsValid(type, moved));
        Assert.Equal(made, Grant(other, 11));

        // What has ended has another number there, and is the same everywhere in the state.
        byte[] back = Walk(moved, (octets, to) => StateTranslation.TryToIds(type, octets, other, to));
        Assert.Equal(ids.Length, back.Length);
        long stale = BitConverter.ToInt64(back, 4);
        Assert.True(other.IsStale(CapSlot.Of(~stale)));
        for (int entry = 0; entry < keys.Length; entry++)
        {
            int at = 4 + (20 * entry);
            Assert.Equal(entry == 0 ? stale : BitConverter.ToInt64(ids, at), BitConverter.ToInt64(back, at));
            Assert.Equal(stale, BitConverter.ToInt64(back, at + 12));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-6)]
    [InlineData(-71)]
    [InlineData(long.MinValue)]
    [InlineData(5)]
    [InlineData(1L << 62)]
    public void What_is_no_slot_of_a_process_comes_out_as_nobody_s_id(long claimed)
    {
        var derivations = new Derivations();
        var table = new CapTable(derivations, new BlobStore());
        byte[] octets = BitConverter.GetBytes(claimed);
        foreach (SchemaType type in new SchemaType[] { new SchemaType.Ref("a"), new SchemaType.Cap("console") })
        {
            byte[] ids = Walk(octets, (from, to) => StateTranslation.TryToIds(type, from, table, to));
            Assert.True(BitConverter.ToInt64(ids) < 0, $"{claimed} stands for {BitConverter.ToInt64(ids)}");
            byte[] back = Walk(ids, (from, to) => StateTranslation.TryToSlots(type, from, table, to));
            Assert.Null(table.Find(CapSlot.Of(BitConverter.ToInt64(back))));
        }
    }

    private static byte[] Walk(byte[] octets, Func<byte[], ByteWriter, bool> walk)
    {
        var writer = new ByteWriter();
        Assert.True(walk(octets, writer));
        return writer.ToArray();
    }

    private static long Grant(CapTable table, long id) =>
        table.Grant(new Capability.OfProcess(new ProcessId(id)))!.Value.Encoded; // The table is not full.

    private static SavedState Look(SystemRig rig, long process)
    {
        rig.Step($"look at #{process}", new KernelEvent.Look(rig.At, new ProcessId(process)));
        return Assert.IsType<SavedState>(rig.Looks[^1]);
    }

    private static string Json(SavedState saved, string field)
    {
        var json = new ByteWriter();
        var type = saved.Agent.State.Single(one => one.Name == field).Type;
        Assert.Null(ValueJson.Write(type, saved.Field(field).Span, json));
        return System.Text.Encoding.UTF8.GetString(json.Written);
    }
}
