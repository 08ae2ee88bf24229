using System.Buffers.Binary;

namespace Tars.Sim.Swarm;

/// <summary>What an agent of the swarm says of itself: the record `Seen` of its module.</summary>
internal readonly record struct Said(Saying What, long A, long B, long C)
{
    public static Said Read(ReadOnlySpan<byte> value) => new(
        (Saying)BinaryPrimitives.ReadInt64LittleEndian(value),
        BinaryPrimitives.ReadInt64LittleEndian(value[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(value[16..]),
        BinaryPrimitives.ReadInt64LittleEndian(value[24..]));
}

/// <summary>What it says; the numbers stand in the swarm's module. Those of handlers come first in each.</summary>
internal enum Saying
{
    Start = 1,
    Order = 2,
    Take = 3,
    Note = 4,
    Word = 5,
    Line = 6,
    Bell = 7,
    Tick = 8,
    Exit = 9,
    Tells = 10,
    Publishes = 11,
    Asks = 12,
    Answered = 13,
    Failed = 14,
    Spawns = 15,
    TellsChild = 16,
    SetsTimer = 17,
    CancelsTimer = 18,
    Draws = 19,
    Exits = 20,
    AsksDevice = 21,
    DeviceAnswered = 22,
    Sums = 23,
    Refused = 24,
    Stop = 25,
    Serve = 26,
    Request = 27,
}
