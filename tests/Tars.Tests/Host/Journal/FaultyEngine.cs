using System.Buffers.Binary;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Host.Journal;

/// <summary>An engine with a mistake: handling a line of a certain size takes it one unit of fuel more.</summary>
internal sealed class FaultyEngine(IEngine inner, int size) : IEngine
{
    public string Name => "faulty";

    public EngineLoad Load(ValidatedModule module) =>
        new EngineLoad.Loaded(new Code(Assert.IsType<EngineLoad.Loaded>(inner.Load(module)).Code, size));

    private sealed class Code(IGuestCode inner, int size) : IGuestCode
    {
        public IGuest? Instantiate(GuestLimits limits, out GuestFault? fault) =>
            inner.Instantiate(limits, out fault) is { } guest ? new Guest(guest, size) : null;

        public void Dispose() => inner.Dispose();
    }

    private sealed class Guest(IGuest inner, int size) : IGuest
    {
        public Span<byte> Memory => inner.Memory;

        public int ControlAddress => inner.ControlAddress;

        public StartAnswer Start(GuestCall call)
        {
            List<bool> lines = call.Entry == GuestEntry.Run ? Lines(call.Argument) : [];
            var answer = inner.Start(call);
            int committed = BinaryPrimitives.ReadInt32LittleEndian(
                inner.Memory[(inner.ControlAddress + ControlBlock.EventsCommitted)..]);
            int handled = committed + (answer.Result.Fault is null ? 0 : 1);
            int more = lines.Take(handled).Count(isOfThatSize => isOfThatSize);
            return answer with { Result = answer.Result with { FuelUsed = answer.Result.FuelUsed + more } };
        }

        public void Abort() => inner.Abort();

        public void Forget(int address, int size) => inner.Forget(address, size);

        public GuestState Save() => inner.Save();

        public void Restore(GuestState state) => inner.Restore(state);

        public void Dispose() => inner.Dispose();

        // Whether each event is a `text?` of that size: an octet, its size, its octets.
        private List<bool> Lines(int bytes)
        {
            var block = inner.Memory[inner.ControlAddress..];
            int ring = BinaryPrimitives.ReadInt32LittleEndian(block[ControlBlock.EventsBase..]);
            var lines = new List<bool>();
            for (int at = 0; at < bytes;)
            {
                var record = inner.Memory[(ring + at)..];
                lines.Add(BinaryPrimitives.ReadInt32LittleEndian(record[EventRecord.PayloadSize..]) == size + 5);
                at += BinaryPrimitives.ReadInt32LittleEndian(record);
            }

            return lines;
        }
    }
}
