using System.Text;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Engine;

/// <summary>
/// A guest of ABI v1 and its engine understand each other: events in, effects out, faults as values.
/// </summary>
public sealed class EchoGuestTests
{
    [Fact]
    public void Every_event_comes_back_as_one_effect_of_its_own_event()
    {
        using var guest = Guests.Start(EchoGuest.Module());

        var result = Run(guest, ["one"u8.ToArray(), "sixteen octets !"u8.ToArray(), []]);

        Assert.Null(result.Fault);
        Assert.Equal(
            "send event 0 slot 7 operation 3 'one'; send event 1 slot 7 operation 3 'sixteen octets !'; "
            + "send event 2 slot 7 operation 3 ''",
            Effects(guest));
        Assert.Equal(3u, Field(guest, ControlBlock.EventsCommitted));
        Assert.Equal(Field(guest, ControlBlock.EffectsUsed), Field(guest, ControlBlock.EffectsCommitted));
    }

    [Fact]
    public void Fuel_is_what_the_regions_of_the_code_cost()
    {
        using var guest = Guests.Start(EchoGuest.Module());
        long none = Run(guest, []).FuelUsed;
        long one = Run(guest, [[]]).FuelUsed;
        long two = Run(guest, [[], []]).FuelUsed;

        Assert.Equal(one - none, two - one);
        Assert.True(0 < none);
        Assert.Equal(one, Run(guest, [[1, 2, 3]]).FuelUsed);
    }

    [Fact]
    public void A_guest_without_fuel_stops_and_what_it_committed_stands()
    {
        using var guest = Guests.Start(EchoGuest.Module());
        long two = Run(guest, [[], []]).FuelUsed;

        var result = Run(guest, [[1], [2], [3]], fuel: two);

        Assert.Equal(FaultKind.OutOfFuel, result.Fault!.Kind);
        Assert.True(two < result.FuelUsed);
        Assert.Equal(2u, Field(guest, ControlBlock.EventsCommitted));
    }

    [Fact]
    public void A_full_ring_is_a_fault_and_nothing_is_written()
    {
        using var guest = Guests.Start(EchoGuest.Module());

        var result = Run(guest, [new byte[2000], new byte[1900], new byte[100]]);

        Assert.Equal(FaultKind.EffectsFull, result.Fault!.Kind);
        Assert.Equal(2u, Field(guest, ControlBlock.EventsCommitted));
        Assert.Equal(Field(guest, ControlBlock.EffectsCommitted), Field(guest, ControlBlock.EffectsUsed));
    }

    [Theory]
    [InlineData(ControlBlock.EffectsBase, 0xFFFFFFF0)]
    [InlineData(ControlBlock.EffectsSize, 0xFFFFFFFF)]
    [InlineData(ControlBlock.EffectsBase, 65_528)]
    public void A_ring_outside_the_memory_is_a_bad_host_call(int field, uint value)
    {
        using var guest = Guests.Start(EchoGuest.Module());
        BitConverter.TryWriteBytes(guest.Memory[(EchoGuest.Control + field)..], value);

        Assert.Equal(FaultKind.BadHostCall, Run(guest, [[1]]).Fault!.Kind);
    }

    [Fact]
    public void Bytes_outside_the_memory_are_a_bad_host_call()
    {
        using var guest = Guests.Start(EchoGuest.Module());
        var events = EchoGuest.Events([1]);
        BitConverter.TryWriteBytes(events.AsSpan(EventRecord.PayloadSize), 100_000);
        events.CopyTo(guest.Memory[EchoGuest.EventsBase..]);

        var result = guest.Start(new GuestCall(GuestEntry.Run, events.Length, 10_000)).Result;

        Assert.Equal(FaultKind.BadHostCall, result.Fault!.Kind);
        Assert.Equal(1, result.Fault.Function);
    }

    [Fact]
    public void A_module_that_imports_anything_else_is_refused_by_name()
    {
        var builder = new ModuleBuilder();
        builder.ImportFunc("env", "open", builder.Type([], []));

        var refused = Assert.IsType<EngineLoad.Refused>(Guests.Load(builder.Build()));

        Assert.Equal("it imports 'env.open', which is no host call with that type", refused.Reason);
    }

    [Fact]
    public void A_host_call_with_another_type_is_refused()
    {
        var builder = new ModuleBuilder();
        builder.ImportFunc("tars", "send", builder.Type([ValType.I32], []));

        Assert.IsType<EngineLoad.Refused>(Guests.Load(builder.Build()));
    }

    // As the kernel does before a batch.
    private static GuestResult Run(IGuest guest, byte[][] payloads, long fuel = 10_000)
    {
        var events = EchoGuest.Events(payloads);
        events.CopyTo(guest.Memory[EchoGuest.EventsBase..]);
        guest.Memory.Slice(EchoGuest.Control + ControlBlock.EffectsUsed, 12).Clear();
        Assert.Equal(EchoGuest.Control, guest.ControlAddress);
        return guest.Start(new GuestCall(GuestEntry.Run, events.Length, fuel)).Result;
    }

    private static uint Field(IGuest guest, int field) =>
        BitConverter.ToUInt32(guest.Memory[(EchoGuest.Control + field)..]);

    private static string Effects(IGuest guest)
    {
        var shown = new List<string>();
        var ring = guest.Memory.Slice(EchoGuest.EffectsBase, (int)Field(guest, ControlBlock.EffectsUsed));
        while (!ring.IsEmpty)
        {
            var row = HostCalls.Find(BitConverter.ToUInt16(ring[EffectRecord.Call..]))!;
            var arguments = ring[EffectRecord.Arguments..];
            int size = BitConverter.ToInt32(arguments[16..]);
            shown.Add($"{row.Name} event {BitConverter.ToInt32(ring[EffectRecord.Event..])} "
                + $"slot {BitConverter.ToInt64(arguments)} operation {BitConverter.ToInt64(arguments[8..])} "
                + $"'{Encoding.UTF8.GetString(arguments.Slice(24, size))}'");
            Assert.True(arguments.Slice(24 + size, (-size) & 7).IndexOfAnyExcept((byte)0) < 0);
            ring = ring[BitConverter.ToInt32(ring)..];
        }

        return string.Join("; ", shown);
    }
}
