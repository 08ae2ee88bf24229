using System.Buffers.Binary;
using System.Security.Cryptography;
using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Devices.Store;

/// <summary>Which asks have changed one value: the newest of each process, as far as there is room.</summary>
/// <remarks>
/// They lie in the file of the value, so what was done and that it was done are on the disk together. A process has one
/// ask at a time, so its newest is the only one that can come again.
///
/// An agent that is not durable asks before its event is on the disk. A crash takes the event back, and the number is
/// given to whatever it asks next: so a mark knows what was asked, and only the same is a repeat.
/// </remarks>
internal sealed class Marks
{
    private const byte HasSum = 4;

    private readonly List<Mark> _all = [];

    /// <summary>How the ask was answered when it came before; null when it did not.</summary>
    public DeviceAnswer? AnswerOf(DeviceAsk asked)
    {
        foreach (var mark in _all)
        {
            if (asked.Id is { } id && mark.Id == id && (mark.Sum is not { } sum || sum == SumOf(asked)))
            {
                return mark.WasNew is { } fresh ? Protocol.Fresh(fresh) : Protocol.Done;
            }
        }

        return null;
    }

    /// <summary>An ask changes the value; one without an id cannot come again.</summary>
    /// <param name="wasNew">What a `put_new` was answered; null for a `put`.</param>
    public void Add(DeviceAsk asked, bool? wasNew)
    {
        if (asked.Id is not { } id)
        {
            return;
        }

        _all.RemoveAll(one => one.Id.Run == id.Run && one.Id.Process == id.Process);
        _all.Add(new Mark(id, wasNew, SumOf(asked)));
        if (Limits.StoreMarksMax < _all.Count)
        {
            _all.RemoveAt(0);
        }
    }

    public void Write(ByteWriter output)
    {
        output.U8((byte)_all.Count);
        foreach (var mark in _all)
        {
            output.Text(mark.Id.Run);
            output.I64(mark.Id.Process.Value);
            output.I64(mark.Id.Number);
            byte answer = mark.WasNew is { } fresh ? (byte)(fresh ? 2 : 1) : (byte)0;
            output.U8((byte)(answer + (mark.Sum is null ? 0 : HasSum)));
            if (mark.Sum is { } sum)
            {
                output.U64(sum);
            }
        }
    }

    public static Marks Read(ref ByteReader input)
    {
        var marks = new Marks();
        if (input.AtEnd)
        {
            return marks; // It was written before there were any.
        }

        for (int left = input.U8(); 0 < left && !input.Failed; left--)
        {
            var id = new EffectId(input.Text(), new ProcessId(input.I64()), input.I64());
            byte answer = input.U8();
            ulong? sum = answer < HasSum ? null : input.U64(); // Older ones have none.
            int fresh = answer % HasSum;
            marks._all.Add(new Mark(id, fresh == 0 ? null : fresh == 2, sum));
        }

        return marks;
    }

    private static ulong SumOf(DeviceAsk asked) => BinaryPrimitives.ReadUInt64LittleEndian(
        SHA256.HashData([(byte)asked.Operation, .. asked.Arguments.AsSpan()]));

    /// <param name="Sum">Of what was asked; null in what was written before there were any.</param>
    private readonly record struct Mark(EffectId Id, bool? WasNew, ulong? Sum);
}
