using System.Collections.Immutable;
using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Journal;

/// <summary>What the calls into guests did, as one running digest, and where a replay has to cut them short.</summary>
/// <remarks>
/// Invariants:
///   I1  Two runs that have done the same have the same digest; which process ran, how far it came and what fuel it
///       took are in it, so nearly every difference shows here first.
///   I2  Calls and transactions are counted whether or not anyone records them.
/// </remarks>
internal sealed class CallTrace
{
    private readonly List<AbortedCall> _aborted = [];
    private ImmutableArray<AbortedCall> _planned = [];

    public ulong Digest { get; private set; }

    /// <summary>Calls into guests so far.</summary>
    public long Calls { get; private set; }

    /// <summary>Events that processes have handled so far, committed or rolled back.</summary>
    public long Transactions { get; private set; }

    /// <summary>After so many the kernel stands still: one who looks backwards asks for it.</summary>
    public long TransactionsMax { get; set; } = long.MaxValue;

    /// <summary>What guests have burnt so far.</summary>
    public long Fuel { get; private set; }

    public bool IsFull => TransactionsMax <= Transactions;

    public Transaction? Last { get; private set; }

    /// <summary>What the wall clock ended in this Step.</summary>
    public ImmutableArray<AbortedCall> Aborted => _aborted.Count == 0 ? [] : [.. _aborted];

    public void Begin(KernelEvent? happened)
    {
        _aborted.Clear();
        _planned = happened?.Aborted ?? [];
    }

    /// <summary>Counts a call; answers how the recorded run aborted it, or null.</summary>
    public AbortedCall? Next()
    {
        Calls++;
        foreach (var planned in _planned)
        {
            if (planned.Call == Calls)
            {
                return planned;
            }
        }

        return null;
    }

    /// <summary>How many events of a batch may run before the kernel stands still.</summary>
    public int RoomFor(int prelude, int count) => prelude + (int)Math.Min(count, TransactionsMax - Transactions);

    public void Returned(ProcessId process, GuestResult result)
    {
        Fuel += result.FuelUsed;
        Mix((ulong)process.Value);
        Mix((ulong)result.FuelUsed);
        Mix(result.Fault is { } fault ? (ulong)fault.Kind + 1 : 0);
    }

    /// <summary>A policy module gave a turn; what a built-in one does needs no record.</summary>
    public void Picked(ProcessId process) => Mix((ulong)process.Value);

    /// <param name="count">Of the events that one call came through, trapped ones included.</param>
    public void Handled(ProcessId process, int handler, int count, uint site, DeadLetter? letter)
    {
        Mix((ulong)count);
        Transactions += count;
        if (0 < count)
        {
            Last = new Transaction(Transactions, process, handler, site, letter?.Fault);
        }
    }

    public void Save(ByteWriter output)
    {
        output.U64(Digest);
        output.I64(Calls);
        output.I64(Transactions);
        output.I64(Fuel);
        output.U8(Last is null ? (byte)0 : (byte)1);
        if (Last is { } last)
        {
            output.I64(last.Number);
            output.I64(last.Process.Value);
            output.U32((uint)last.Handler);
            output.U32(last.Site);
            output.U8(last.Fault is { } fault ? (byte)(fault + 1) : (byte)0);
        }
    }

    public void Load(ref ByteReader input)
    {
        Digest = input.U64();
        Calls = input.I64();
        Transactions = input.I64();
        Fuel = input.I64();
        if (input.U8() != 0)
        {
            var (number, process) = (input.I64(), new ProcessId(input.I64()));
            var (handler, site, fault) = ((int)input.U32(), input.U32(), input.U8());
            Last = new Transaction(number, process, handler, site, fault == 0 ? null : (FaultKind)(fault - 1));
        }

        if (Calls < 0 || Transactions < 0 || Last is { Fault: { } kind } && !Enum.IsDefined(kind))
        {
            input.Fail();
        }
    }

    public void Add(AbortedCall aborted) => _aborted.Add(aborted);

    private void Mix(ulong value)
    {
        ulong mixed = Digest ^ value;
        Digest = SplitMix64.Next(ref mixed);
    }
}
