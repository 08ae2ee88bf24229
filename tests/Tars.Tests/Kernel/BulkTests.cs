using System.Buffers.Binary;
using Tars.Bundle.Abi;
using Tars.Kernel.Ports;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel;

/// <summary>Input in bulk passes through a kernel without allocation, each line its own transaction.</summary>
public sealed class BulkTests
{
    private const int LinesEach = 5_000;

    private readonly Counter _outside = new();

    [Fact]
    public void A_million_lines_allocate_nothing()
    {
        var manifest = Of("m", Agent("a", Lines("input"))) with
        {
            Devices = [new("input", "lines", Value: null, [])],
        };
        var code = new ScriptedCode(() => new CountingGuest(), later: null);
        var linked = SystemImage.Link(
            [new ModuleImage(manifest, code, Tars.Bundle.DebugMap.DebugInfo.None, default)]);
        var kernel = new Tars.Kernel.Kernel(Assert.IsType<LinkResult.Linked>(linked).System, _outside);
        kernel.Step(new KernelEvent.Boot(default, 1));
        _outside.Free = new LineBatch(1 << 20, LineForm.OptionalText);
        _outside.Free.Buffer.AsSpan().Fill((byte)'x');
        Feed(kernel, batches: 4);
        long before = GC.GetAllocatedBytesForCurrentThread();
        _outside.Total = 0;
        const int Batches = 1_000_000 / LinesEach;
        Feed(kernel, Batches);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(1_000_000, _outside.Total);

        // The events that bring the batches are objects; what is in them is not.
        Assert.InRange(allocated, 0, 2_000 * Batches);
    }

    private void Feed(Tars.Kernel.Kernel kernel, int batches)
    {
        for (int done = 0; done < batches; done++)
        {
            var batch = _outside.Free ?? throw new InvalidOperationException("the batch was not given back");
            _outside.Free = null;
            batch.Clear();
            for (int line = 0; line < LinesEach; line++)
            {
                batch.Add(line * 100, 100);
            }

            var result = kernel.Step(new KernelEvent.DeviceLines(default, new DeviceId(0), batch));
            while (result.MoreToDo)
            {
                result = kernel.Step(new KernelEvent.Turn(default));
            }
        }
    }

    /// <summary>Counts what is committed and takes the batch back.</summary>
    private sealed class Counter : SilentOutside
    {
        public long Total { get; set; }

        public LineBatch? Free { get; set; }

        public override void InputTaken(LineBatch batch) => Free = batch;

        public override void HandlerCommitted(int count) => Total += count;
    }

    /// <summary>Commits every event and allocates nothing.</summary>
    private sealed class CountingGuest : IGuest
    {
        private readonly byte[] _memory = new byte[1 << 17];

        public CountingGuest()
        {
            Set(ControlBlock.Version, ControlBlock.AbiVersion);
            Set(ControlBlock.EventsBase, 4096);
            Set(ControlBlock.EventsSize, 65536);
            Set(ControlBlock.EffectsBase, 1024);
            Set(ControlBlock.EffectsSize, 1024);
            Set(ControlBlock.StateBase, 2048);
            Set(ControlBlock.StateEnd, 4096);
            Set(ControlBlock.Flags, ControlBlock.KeepsUndoLog);
        }

        public Span<byte> Memory => _memory;

        public int ControlAddress => 0;

        public StartAnswer Start(GuestCall call)
        {
            uint events = 0;
            for (int at = 0; at < call.Argument; events++)
            {
                at += BinaryPrimitives.ReadInt32LittleEndian(_memory.AsSpan(4096 + at));
            }

            Set(ControlBlock.EventsCommitted, events);
            return StartAnswer.Done(new GuestResult(events, Fault: null));
        }

        public void Abort()
        {
        }

        public void Forget(int address, int size) => Memory.Slice(address, size).Clear();

        public GuestState Save() => throw new NotSupportedException("it keeps an undo log");

        public void Restore(GuestState state) => throw new NotSupportedException("it keeps an undo log");

        public void Dispose()
        {
        }

        private void Set(int field, uint value) =>
            BinaryPrimitives.WriteUInt32LittleEndian(_memory.AsSpan(field), value);
    }
}
