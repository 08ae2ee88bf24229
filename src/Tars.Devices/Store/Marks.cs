using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Devices.Store;

/// <summary>Which asks have changed one value: the newest of each process, as far as there is room.</summary>
/// <remarks>
/// They lie in the file of the value, so what was done and that it was done are on the disk together. A process has one
/// ask at a time, so its newest is the only one that can come again.
/// </remarks>
internal sealed class Marks
{
    private readonly List<Mark> _all = [];

    /// <summary>How the ask was answered when it came before; null when it did not.</summary>
    public DeviceAnswer? AnswerOf(EffectId? id)
    {
        foreach (var mark in _all)
        {
            if (id is not null && mark.Id == id)
            {
                return mark.WasNew is { } fresh ? Protocol.Fresh(fresh) : Protocol.Done;
            }
        }

        return null;
    }

    /// <param name="wasNew">What a `put_new` was answered; null for a `put`.</param>
    public void Add(EffectId id, bool? wasNew)
    {
        _all.RemoveAll(one => one.Id.Run == id.Run && one.Id.Process == id.Process);
        _all.Add(new Mark(id, wasNew));
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
            output.U8(mark.WasNew is { } fresh ? (byte)(fresh ? 2 : 1) : (byte)0);
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
            byte fresh = input.U8();
            marks._all.Add(new Mark(id, fresh == 0 ? null : fresh == 2));
        }

        return marks;
    }

    private readonly record struct Mark(EffectId Id, bool? WasNew);
}
