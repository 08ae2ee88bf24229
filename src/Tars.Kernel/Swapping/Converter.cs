using System.Diagnostics;
using Tars.Base;
using Tars.Bundle.Schema;

namespace Tars.Kernel.Swapping;

/// <summary>Carries out a conversion. Data plane: it allocates for records whose fields change places only.</summary>
/// <remarks>
/// What is read was checked against its type before, so reading cannot fail; hostile octets would be a fault of ours.
/// </remarks>
internal ref struct Converter
{
    private readonly ReadOnlySpan<byte> _from;
    private readonly ByteWriter _to;
    private ByteReader _reader;
    private bool _isTooLarge;

    private Converter(ReadOnlySpan<byte> from, ByteWriter to)
    {
        _from = from;
        _to = to;
        _reader = new ByteReader(from);
    }

    /// <summary>Appends what the value becomes.</summary>
    /// <param name="from">A valid value of the old type.</param>
    /// <returns>False when new fields make it larger than <see cref="Limits.ConvertedBytesMax"/>; what was
    /// appended is then no value.</returns>
    public static bool Run(Conversion how, ReadOnlySpan<byte> from, ByteWriter to)
    {
        if (how.IsCopy)
        {
            to.Bytes(from);
            return true;
        }

        var converter = new Converter(from, to);
        converter.Value(how);
        Invariant.Holds(converter._reader is { Failed: false, AtEnd: true });
        return !converter._isTooLarge;
    }

    private void Value(Conversion how)
    {
        switch (how)
        {
            case Conversion.Copy { Size: >= 0 } copy:
                _to.Bytes(_reader.Bytes(copy.Size));
                break;
            case Conversion.Copy copy:
                int start = _reader.Position;
                ValueEncoding.Skip(copy.Type, ref _reader);
                _to.Bytes(_from[start.._reader.Position]);
                break;
            case Conversion.Drop { Size: >= 0 } drop:
                _ = _reader.Bytes(drop.Size);
                break;
            case Conversion.Drop drop:
                ValueEncoding.Skip(drop.Type, ref _reader);
                break;
            case Conversion.Put put when Limits.ConvertedBytesMax < _to.Length + put.Octets.Length:
                _isTooLarge = true;
                break;
            case Conversion.Put put:
                _to.Bytes(put.Octets.AsSpan());
                break;
            case Conversion.Steps steps:
                foreach (var step in steps.All.AsSpan())
                {
                    Value(step);
                }

                break;
            case Conversion.Reorder reorder:
                Reorder(reorder);
                break;
            case Conversion.EachItem each:
                Items(each.Item);
                break;
            default:
                Tagged(how);
                break;
        }
    }

    private void Items(Conversion how)
    {
        uint count = _reader.U32();
        _to.U32(count);
        if (how is Conversion.Steps { Sizes: { From: > 0 } sizes } rows
            && _to.Length + ((long)sizes.To * count) <= Limits.ConvertedBytesMax)
        {
            var octets = _reader.Bytes((long)sizes.From * count);
            PlainRows.Rows((int)count, rows, octets, _to.Room(sizes.To * (int)count));
            return;
        }

        for (uint at = 0; at < count; at++)
        {
            Value(how);
        }
    }

    private void Tagged(Conversion how)
    {
        switch (how)
        {
            case Conversion.EachEntry each:
                uint count = _reader.U32();
                _to.U32(count);
                for (uint at = 0; at < count; at++)
                {
                    Value(each.KeyHow);
                    Value(each.Value);
                }

                break;
            case Conversion.IfSome some:
                byte isSome = _reader.U8();
                _to.U8(isSome);
                if (isSome == 1)
                {
                    Value(some.Inner);
                }

                break;
            case Conversion.IfGood good:
                byte isFailure = _reader.U8();
                _to.U8(isFailure);
                if (isFailure == 0)
                {
                    Value(good.Inner);
                    break;
                }

                int start = _reader.Position;
                ValueEncoding.Skip(BuiltInTypes.Failure, ref _reader);
                _to.Bytes(_from[start.._reader.Position]);
                break;
            case Conversion.EachCase each:
                var (index, fields) = each.Cases[_reader.U16()];
                _to.U16(index);
                Value(fields);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private void Reorder(Conversion.Reorder reorder)
    {
        int[] starts = new int[reorder.Old.Length + 1];
        for (int field = 0; field < reorder.Old.Length; field++)
        {
            starts[field] = _reader.Position;
            ValueEncoding.Skip(reorder.Old[field], ref _reader);
        }

        starts[^1] = _reader.Position;
        foreach (var (source, how) in reorder.New)
        {
            _isTooLarge |= !Run(how, source < 0 ? [] : _from[starts[source]..starts[source + 1]], _to);
        }
    }
}
