using System.Buffers.Binary;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Scenarios;

/// <summary>One core in virtual time: it runs guests one after the other, and what they burn is time.</summary>
/// <remarks>
/// It stands between the kernel and an engine's guests. Where it answers later, the end of a call is due when the core
/// has come to it; where it answers at once, the time is spent when the Step is over.
///
/// Invariants:
///   I1  Calls end in the order in which they began; the core is never used by two at once.
///   I2  Looking at a state costs nothing, so that judging a run does not change it.
/// </remarks>
internal sealed class VirtualCore(long nanosecondsPerFuel, bool answersLater)
{
    private readonly Queue<CallEnd> _ends = new();
    private long _freeAt;

    /// <summary>The clock of the Step that is being made.</summary>
    public long Now { get; set; }

    /// <summary>What all guests have burnt.</summary>
    public long Fuel { get; private set; }

    /// <summary>When everything that has begun is over.</summary>
    public long FreeAt => Math.Max(Now, _freeAt);

    public IGuestCode Wrap(IGuestCode code) => new CoreCode(this, code);

    /// <summary>The next call that has begun and was not taken yet.</summary>
    public bool TryTake(out CallEnd end) => _ends.TryDequeue(out end);

    private StartAnswer Run(IGuest guest, GuestCall call)
    {
        bool isLook = IsLook(guest, call);
        var answer = guest.Start(call);
        Invariant.Holds(!answer.Running);
        long fuel = isLook ? 0 : answer.Result.FuelUsed; // I2
        Fuel += fuel;
        Int128 free = FreeAt + ((Int128)fuel * nanosecondsPerFuel);
        _freeAt = (long)Int128.Min(free, long.MaxValue); // I1
        if (!answersLater)
        {
            return answer;
        }

        _ends.Enqueue(new CallEnd(call.Process, answer.Result, _freeAt));
        return StartAnswer.Later;
    }

    // The kernel has written the record and checked where it lies before it calls.
    private static bool IsLook(IGuest guest, GuestCall call)
    {
        if (call.Entry != GuestEntry.Run)
        {
            return false;
        }

        var memory = guest.Memory;
        uint ring = BinaryPrimitives.ReadUInt32LittleEndian(
            memory[(guest.ControlAddress + ControlBlock.EventsBase)..]);
        var kind = (EventKind)BinaryPrimitives.ReadUInt16LittleEndian(memory[((int)ring + EventRecord.Kind)..]);
        return kind == EventKind.Save;
    }

    /// <param name="Due">When the core is done with it.</param>
    internal readonly record struct CallEnd(ProcessId Process, GuestResult Result, long Due);

    private sealed class CoreCode(VirtualCore core, IGuestCode code) : IGuestCode
    {
        public IGuest? Instantiate(GuestLimits limits, out GuestFault? fault) =>
            code.Instantiate(limits, out fault) is { } guest ? new CoreGuest(core, guest) : null;

        public void Dispose()
        {
            // The code outlives the run; whoever loaded it disposes of it.
        }
    }

    private sealed class CoreGuest(VirtualCore core, IGuest guest) : IGuest
    {
        public Span<byte> Memory => guest.Memory;

        public int ControlAddress => guest.ControlAddress;

        public StartAnswer Start(GuestCall call) => core.Run(guest, call);

        public void Abort() => guest.Abort();

        public void Forget(int address, int size) => guest.Forget(address, size);

        public GuestState Save() => guest.Save();

        public void Restore(GuestState state) => guest.Restore(state);

        public void Dispose() => guest.Dispose();
    }
}
