using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Journal;

/// <summary>The octets of a batch of lines. Reading believes nothing and never throws.</summary>
internal static class LineBatchCodec
{
    public static void Write(ByteWriter output, LineBatch batch)
    {
        output.U8((byte)batch.Form);
        output.U8(batch.IsLast ? (byte)1 : (byte)0);
        output.U32((uint)batch.Count);
        for (int index = 0; index < batch.Count; index++)
        {
            output.U32((uint)batch.Line(index).Length);
        }

        for (int index = 0; index < batch.Count; index++)
        {
            output.Bytes(batch.Line(index));
        }
    }

    public static LineBatch? Read(ref ByteReader input)
    {
        var form = (LineForm)input.U8();
        byte last = input.U8();
        uint count = input.U32();
        var sizes = input.Bytes(4L * count);
        if (input.Failed || !Enum.IsDefined(form) || 1 < last)
        {
            return null;
        }

        long total = 0;
        for (var reader = new ByteReader(sizes); !reader.AtEnd;)
        {
            total += reader.U32();
        }

        var octets = input.Bytes(total);
        if (input.Failed)
        {
            return null;
        }

        var batch = new LineBatch((int)total, form) { IsLast = last == 1 };
        octets.CopyTo(batch.Buffer);
        int start = 0;
        for (var reader = new ByteReader(sizes); !reader.AtEnd;)
        {
            int size = (int)reader.U32();
            batch.Add(start, size);
            start += size;
        }

        return batch;
    }
}
