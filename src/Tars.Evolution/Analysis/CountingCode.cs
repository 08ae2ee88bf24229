using System.Runtime.InteropServices;
using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;
using Tars.Lang;

namespace Tars.Evolution.Analysis;

/// <summary>Code that counts its branches, in the place of the same code that does not.</summary>
/// <remarks>
/// What its guests count is taken out of their memory after each call, and each gets the page more that the counters
/// take. So a run goes as it would without; whoever looks at the counts makes sure of it.
/// </remarks>
internal sealed class CountingCode(IGuestCode code, BranchCounters counters) : IGuestCode
{
    private readonly long[] _counts = new long[counters.Count];

    /// <summary>How often each branch that is counted was come to.</summary>
    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>Says true for each branch that was come to.</summary>
    public void MarkIn(bool[] reached)
    {
        for (int place = 0; place < _counts.Length; place++)
        {
            reached[place] |= 0 < _counts[place];
        }
    }

    public IGuest? Instantiate(GuestLimits limits, out GuestFault? fault)
    {
        var more = limits with { MemoryBytesMax = limits.MemoryBytesMax + BranchCounters.AreaSize };
        return code.Instantiate(more, out fault) is { } guest ? new CountingGuest(this, guest) : null;
    }

    public void Dispose()
    {
        // The code is whoever's that loaded it.
    }

    // What a guest left is a number, whatever it is.
    private void Take(IGuest guest)
    {
        var memory = guest.Memory;
        if (memory.Length - counters.Address < BranchCounters.AreaSize)
        {
            return;
        }

        var counts = MemoryMarshal.Cast<byte, uint>(
            memory.Slice(counters.Address, MemoryCounter.Size * counters.Count));
        for (int place = counts.IndexOfAnyExcept(0u); 0 <= place;)
        {
            _counts[place] += counts[place];
            counts[place] = 0;
            int next = counts[place..].IndexOfAnyExcept(0u);
            place = next < 0 ? next : place + next;
        }
    }

    private sealed class CountingGuest(CountingCode owner, IGuest guest) : IGuest
    {
        public Span<byte> Memory => guest.Memory;

        public int ControlAddress => guest.ControlAddress;

        public StartAnswer Start(GuestCall call)
        {
            var answer = guest.Start(call);
            Invariant.Holds(!answer.Running);
            owner.Take(guest);
            return answer;
        }

        public void Abort() => guest.Abort();

        public void Forget(int address, int size) => guest.Forget(address, size);

        public GuestState Save() => guest.Save();

        public void Restore(GuestState state) => guest.Restore(state);

        public void Dispose() => guest.Dispose();
    }
}
