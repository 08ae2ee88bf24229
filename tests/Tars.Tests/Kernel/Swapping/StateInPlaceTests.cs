using System.Buffers.Binary;
using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;
using Tars.Kernel.Swapping;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel.Swapping;

/// <summary>States that are read where a guest left them, and written to where the next one reads them.</summary>
public sealed class StateInPlaceTests
{
    private const long Value = 0x0123_4567_89AB_CDEF;
    private const int FirstWord = 16;

    // The place of what is saved is the guest's choice: also one that undoing the save writes over.
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void What_was_saved_arrives_whether_undoing_overwrites_it_or_not(bool isLogged, bool running)
    {
        var agent = Agent("a", Message("go", IntType)) with { State = [new SchemaField("n", IntType)] };
        var manifest = Of("m", agent) with { Subscribes = [new("go", IntType)] };
        var loaded = new List<long>();
        var rig = new SystemRig(running).Add(manifest, () => Guest(isLogged, loaded)).Boot();
        var next = manifest with { Version = "1.1.0" };
        rig.Swap(rig.Image(next, () => Guest(isLogged, loaded)));
        Assert.True(Assert.Single(rig.Swaps).IsDone, rig.Journal);
        Assert.Equal([Value], loaded);
    }

    [Fact]
    public void Rows_that_are_written_in_place_are_what_converting_them_one_by_one_gives()
    {
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var random = new Xoshiro256(seed);
            var steps = Steps(random);
            int count = random.Next(200);
            byte[] rows = new byte[count * steps.Sizes!.Value.From];
            for (int at = 0; at < rows.Length; at++)
            {
                rows[at] = (byte)random.Next(256);
            }

            var list = new ByteWriter();
            list.U32((uint)count);
            list.Bytes(rows);
            var expected = new ByteWriter();
            expected.U32((uint)count);
            for (int row = 0; row < count; row++)
            {
                var (from, _) = steps.Sizes.Value;
                Assert.True(Converter.Run(steps, rows.AsSpan(row * from, from), expected));
            }

            var how = new Conversion.EachItem(steps);
            Assert.Equal(expected.Length, PlainRows.SizeOf(how, list.Written));
            byte[] written = new byte[expected.Length];
            PlainRows.Write(how, list.Written, written);
            Assert.True(expected.Written.SequenceEqual(written), $"seed {seed}");
        }
    }

    // A preparation for a system that is not there any more must not bring that system back.
    [Fact]
    public void A_preparation_that_is_out_of_date_changes_nothing()
    {
        var rig = new SystemRig(running: false).Add(Text("1.0.0", "n: int = 1")).Boot();
        var first = rig.Image(Text("1.1.0", "n: int = 1\n  more: int = 2"));
        var second = rig.Image(Text("1.2.0", "n: int = 1\n  last: int = 3"));
        var stale = SwapPreparation.Of(rig.Kernel.System, second, new SwapTerms())!;
        rig.Swap(first);
        rig.Step("swap", KernelEvent.Swap.Of(rig.At, stale));
        Assert.Equal(["+field more"], rig.Swaps[0].Changes);
        Assert.Equal(["+field last", "-field more"], rig.Swaps[1].Changes.Order(StringComparer.Ordinal));

        var third = SwapPreparation.Of(rig.Kernel.System, rig.Image(Text("1.3.0", "n: int = 1")), new SwapTerms())!;
        rig.Step("swap", KernelEvent.Swap.Of(rig.At, third));
        Assert.Equal(["-field last"], rig.Swaps[2].Changes);
        Assert.All(rig.Swaps, one => Assert.True(one.IsDone));
    }

    private static string Text(string version, string state) => $"""
        tars: 1
        module: m
        version: {version}
        summary: Has a state.
        state:
          {state}
        handlers:
          start:
            do: |
              n = 1
        """;

    private static Conversion.Steps Steps(Xoshiro256 random)
    {
        var all = ImmutableArray.CreateBuilder<Conversion>();
        all.Add(new Conversion.Copy(IntType, 8));
        for (int left = random.Next(5); 0 < left; left--)
        {
            int size = random.Next(40);
            all.Add(random.Next(3) switch
            {
                0 => new Conversion.Copy(IntType, size),
                1 => new Conversion.Drop(IntType, size),
                _ => new Conversion.Put([.. new byte[size].Select(_ => (byte)random.Next(256))]),
            });
        }

        return new Conversion.Steps(all.ToImmutable());
    }

    private static ScriptedGuest Guest(bool isLogged, List<long> loaded)
    {
        ScriptedGuest? self = null;
        bool saves = false;
        self = new ScriptedGuest(happened =>
        {
            saves = happened.Kind == EventKind.Save;
            if (happened.Kind == EventKind.Load)
            {
                loaded.Add(BinaryPrimitives.ReadInt64LittleEndian(happened.Payload[SavedHead.Size..]));
            }
            else if (saves)
            {
                byte[] state = new byte[48];
                BinaryPrimitives.WriteInt64LittleEndian(state.AsSpan(SavedHead.Size), Value);
                for (int word = 0; word < state.Length / 8; word++)
                {
                    long octets = BinaryPrimitives.ReadInt64LittleEndian(state.AsSpan(8 * word));
                    if (isLogged)
                    {
                        happened[FirstWord + word] = octets;
                    }
                    else
                    {
                        BinaryPrimitives.WriteInt64LittleEndian(self!.Memory[PlaceOf(word)..], octets);
                    }
                }
            }
        })
        {
            Afterwards = guest =>
            {
                if (saves)
                {
                    guest[ControlBlock.SavedBase] = (uint)PlaceOf(word: 0);
                    guest[ControlBlock.SavedSize] = SavedHead.Size + 8;
                    guest[ControlBlock.EventsCommitted] = 0;
                    guest[ControlBlock.UndoHead] = isLogged ? 512u + (32 * 5) : 0;
                    saves = false;
                }
            },
        };
        return self;
    }

    private static int PlaceOf(int word) => ScriptedGuest.State + (8 * (FirstWord + word));
}
