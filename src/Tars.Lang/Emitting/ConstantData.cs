using System.Buffers.Binary;
using Tars.Lang.Binding;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Lowering;
using Tars.Lang.Types;

namespace Tars.Lang.Emitting;

/// <summary>Literal values as they lie in memory, put among the constants of the code once for each symbol.</summary>
/// <remarks>
/// A block there has the header of a block of the heap, which is never looked at: what lies below the state region is
/// neither freed nor saved, and constants are not written.
/// </remarks>
internal sealed class ConstantData(ModuleWriter module, Layouts layouts)
{
    private const int HeaderSize = 8;
    private const int ItemsAt = HeaderSize + Lists.Items;

    private readonly Dictionary<object, int?> _places = new(ReferenceEqualityComparer.Instance);

    /// <summary>The address of a symbol's value, or null when it is not literal or holds a map.</summary>
    public Term? TryPlace(object symbol, BoundExpr value)
    {
        if (!_places.TryGetValue(symbol, out int? place))
        {
            place = null;
            if (CanWrite(value))
            {
                var layout = layouts.Of(value.Type);
                byte[] bytes = new byte[layout.Size];
                Write(value, layout, bytes);
                place = module.DataAt(bytes);
            }

            _places.Add(symbol, place);
        }

        return place is { } at ? Term.I32(at) : null;
    }

    private static bool CanWrite(BoundExpr value) => value switch
    {
        BoundExpr.BoolLiteral or BoundExpr.IntLiteral or BoundExpr.FloatLiteral or BoundExpr.TextLiteral => true,
        BoundExpr.BytesLiteral or BoundExpr.None => true,
        BoundExpr.Some some => CanWrite(some.Value),
        BoundExpr.ListLiteral list => list.Items.All(CanWrite),
        BoundExpr.MapLiteral map => map.Entries.IsEmpty,
        BoundExpr.MakeRecord record => record.Fields.All(field => CanWrite(field.Value)),
        BoundExpr.MakeCase one => one.Fields.All(field => CanWrite(field.Value)),
        _ => false,
    };

    private void Write(BoundExpr value, Layout layout, Span<byte> to)
    {
        switch (value)
        {
            case BoundExpr.BoolLiteral literal:
                BinaryPrimitives.WriteInt32LittleEndian(to, literal.Value ? 1 : 0);
                break;
            case BoundExpr.IntLiteral literal:
                BinaryPrimitives.WriteInt64LittleEndian(to, literal.Value);
                break;
            case BoundExpr.FloatLiteral literal:
                BinaryPrimitives.WriteDoubleLittleEndian(to, literal.Value);
                break;
            case BoundExpr.TextLiteral literal:
                BinaryPrimitives.WriteInt64LittleEndian(to, module.TextValue(literal.Value));
                break;
            case BoundExpr.BytesLiteral literal:
                BinaryPrimitives.WriteInt32LittleEndian(to, WriteBytes(literal.Value.AsSpan()));
                break;
            case BoundExpr.Some some:
                BinaryPrimitives.WriteInt32LittleEndian(to, 1);
                Write(some.Value, layout.Parts[0].Layout, to[layout.Parts[0].Offset..]);
                break;
            case BoundExpr.ListLiteral list:
                BinaryPrimitives.WriteInt32LittleEndian(to, WriteList(list, layout));
                break;
            case BoundExpr.MakeRecord record:
                WriteFields(record.Fields, layout.Parts, to);
                break;
            case BoundExpr.MakeCase one:
                BinaryPrimitives.WriteInt32LittleEndian(to, one.Case.Index);
                if (layout.Shape == Shape.Variant)
                {
                    WriteFields(one.Fields, layout.Cases[one.Case.Index], to);
                }

                break;
            default:
                // none and the empty map are zeros.
                break;
        }
    }

    private void WriteFields(IEnumerable<BoundFieldValue> fields, IReadOnlyList<Part> parts, Span<byte> to)
    {
        foreach (var field in fields)
        {
            var part = parts[field.FieldIndex];
            Write(field.Value, part.Layout, to[part.Offset..]);
        }
    }

    /// <summary>The address of a block with the items.</summary>
    private int WriteList(BoundExpr.ListLiteral list, Layout layout)
    {
        if (list.Items.IsEmpty)
        {
            return 0;
        }

        var element = layouts.Of(((LangType.List)layout.Type).Element);
        byte[] block = NewBlock(list.Items.Length, element.Size);
        for (int place = 0; place < list.Items.Length; place++)
        {
            Write(list.Items[place], element, block.AsSpan(ItemsAt + (element.Size * place), element.Size));
        }

        return module.DataAt(block) + HeaderSize;
    }

    private int WriteBytes(ReadOnlySpan<byte> octets)
    {
        if (octets.IsEmpty)
        {
            return 0;
        }

        byte[] block = NewBlock(octets.Length, stride: 1);
        octets.CopyTo(block.AsSpan(ItemsAt));
        return module.DataAt(block) + HeaderSize;
    }

    private static byte[] NewBlock(int count, int stride)
    {
        byte[] block = new byte[ItemsAt + (stride * count)];
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(HeaderSize + Lists.Length), count);
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(HeaderSize + Lists.Capacity), count);
        return block;
    }
}
