using System.Buffers.Binary;
using Tars.Base;
using Tars.Bundle.Abi;

namespace Tars.Sim.Rings;

/// <summary>Draws rings of effects: records mostly whole, with slots, lengths and values that mostly are not.</summary>
/// <remarks>
/// It remembers the slots that its guests were told of, so that hostile calls often come near to what is held: slots of
/// others, of what was revoked, of what was never made, used twice and in cycles.
/// </remarks>
internal sealed class RingMaker
{
    private const int SeenMax = 64;

    private readonly ByteWriter _ring = new();
    private readonly long[] _seen = new long[SeenMax];
    private int _seenCount;
    private long _next = 1L << 62;

    /// <summary>How many rings were drawn.</summary>
    public long Drawn { get; private set; }

    /// <summary>Reads the events of a batch as a guest does; answers how many there are.</summary>
    public int Look(ReadOnlySpan<byte> events)
    {
        int count = 0;
        while (EventRecord.Payload <= events.Length)
        {
            int size = BinaryPrimitives.ReadInt32LittleEndian(events);
            _next = BinaryPrimitives.ReadInt64LittleEndian(events[EventRecord.NextSlot..]);
            for (int at = EventRecord.Payload; at + 8 <= size; at += 8)
            {
                Note(BinaryPrimitives.ReadInt64LittleEndian(events[at..]));
            }

            events = events[size..];
            count++;
        }

        return count;
    }

    public ReadOnlySpan<byte> Draw(Xoshiro256 random, int events, int sizeMax)
    {
        Drawn++;
        _ring.Clear();
        long next = _next;
        for (int records = random.Next(6); 0 < records && _ring.Length + 256 < sizeMax; records--)
        {
            int start = _ring.Length;
            int call = Call(random);
            _ring.U32(0);
            _ring.U16((ushort)call);
            _ring.U16(0);
            _ring.U32(random.Next(2_000) == 0 ? (uint)random.Next() : (uint)(events - 1));
            _ring.U32(0);
            foreach (var argument in HostCalls.Find(call)?.Arguments ?? [])
            {
                if (argument.Kind == HostArgumentKind.Bytes)
                {
                    Bytes(random);
                }
                else
                {
                    bool isMade = argument.Name == "derived"
                        || (call == (int)HostCall.Spawn && argument.Name == "slot");
                    _ring.I64(isMade && random.Next(5) != 0 ? next++ : Number(random, argument.Name));
                }
            }

            _ring.PatchU32(start, random.Next(2_000) == 0 ? (uint)random.Next() : (uint)(_ring.Length - start));
        }

        return _ring.Written;
    }

    // An end ends what can be tried, so it is rare; what capabilities are about is frequent.
    private static int Call(Xoshiro256 random) => random.Next(16) switch
    {
        < 4 => (int)HostCall.Narrow,
        4 => (int)HostCall.Revoke,
        < 9 => (int)HostCall.Send,
        9 when random.Next(40) == 0 => (int)HostCall.Exit,
        9 when random.Next(4) == 0 => (int)HostCall.Ask,
        _ => 3 + random.Next(random.Next(400) == 0 ? 40 : 14),
    };

    private void Bytes(Xoshiro256 random)
    {
        int at = _ring.Length;
        _ring.I64(0);
        switch (random.Next(9))
        {
            case 0:
                break;
            case 1:
                _ring.U8(0);
                break;
            case 2:
                _ring.U8(1);
                _ring.I64(random.Next(4));
                break;
            case 3 or 7:
                _ring.Text("out");
                break;
            case 4:
                _ring.Bytes("out"u8);
                break;
            case 5:
                _ring.I64(Word(random));
                break;
            case 6:
                _ring.U32(0);
                break;
            default:
                _ring.I64(Word(random));
                _ring.I64(Word(random));
                break;
        }

        int size = _ring.Length - at - 8;
        _ring.PatchU32(at, random.Next(2_000) == 0 ? (uint)random.Next() : (uint)size);
        _ring.Align(8);
    }

    // Often what stands in such a place, so that many calls are nearly right and some are.
    private long Number(Xoshiro256 random, string argument) => argument switch
    {
        "slot" when random.Next(2) == 0 => random.Next(2) == 0 ? random.Next(5) : _next - 1 - random.Next(4),
        "operation" or "continuation" when random.Next(8) != 0 => random.Next(8),
        _ => Word(random),
    };

    private long Word(Xoshiro256 random) => random.Next(6) switch
    {
        0 => random.Next(8),
        1 => (1L << 62) + random.Next(6),
        2 when 0 < _seenCount => _seen[random.Next(Math.Min(_seenCount, SeenMax))],
        3 => ((long)random.Next(3) << 32) + random.Next(3),
        4 => _next,
        _ => random.Next(20) == 0 ? (long)random.Next() : random.Next(5),
    };

    private void Note(long value) => _seen[_seenCount++ % SeenMax] = value;
}
