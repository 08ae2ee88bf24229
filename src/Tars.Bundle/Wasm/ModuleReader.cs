using System.Collections.Immutable;
using System.Text;
using System.Text.Unicode;

namespace Tars.Bundle.Wasm;

/// <summary>Reads the small parts of the binary format from hostile bytes: numbers, names, vectors, code.</summary>
/// <remarks>
/// Invariants:
///   I1  The first failure is kept; after it every read answers zero or empty and the position stays.
///   I2  A vector never holds more items than there are bytes left, so memory is bounded by the size of the input.
/// </remarks>
internal sealed class ModuleReader
{
    public const string UnexpectedEnd = "unexpected end of section or function";

    private readonly ReadOnlyMemory<byte> _bytes;

    // The open blocks of the code being read: true for an `if` that may still have its `else`.
    private readonly Stack<bool> _blocks = new();

    public ModuleReader(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    public int Position { get; private set; }

    public WasmError? Error { get; private set; }

    public bool Failed => Error is not null;

    public bool AtEnd => Position == _bytes.Length;

    private int Left => _bytes.Length - Position;

    public void Fail(string message, int at) => Error ??= new WasmError(message, at);

    public byte U8() => Take(1) is { Length: 1 } one ? one.Span[0] : (byte)0;

    /// <summary>Four bytes, the lowest first: the magic number and the version.</summary>
    public uint Fixed32() => Take(4) is { Length: 4 } four ? BitConverter.ToUInt32(four.Span) : 0;

    public uint U32() => (uint)Unsigned(bitCount: 32);

    /// <summary>A number of one bit.</summary>
    public bool Flag() => Unsigned(bitCount: 1) != 0;

    /// <summary>A number of seven bits: the tag before a type.</summary>
    public byte Tag() => (byte)Unsigned(bitCount: 7);

    /// <summary>How many items or bytes follow; there must be at least as many bytes.</summary>
    public int Length()
    {
        int start = Position;
        uint length = U32();
        if (!Failed && Left < length)
        {
            Fail("length out of bounds", start);
        }

        return Failed ? 0 : (int)length;
    }

    public ReadOnlyMemory<byte> Take(long count)
    {
        if (Failed)
        {
            return default; // I1
        }

        if (count < 0 || Left < count)
        {
            Fail(UnexpectedEnd, Position);
            return default;
        }

        Position += (int)count;
        return _bytes.Slice(Position - (int)count, (int)count);
    }

    public string Name()
    {
        int start = Position;
        var bytes = Take(Length()).Span;
        if (!Utf8.IsValid(bytes))
        {
            Fail("malformed UTF-8 encoding", start);
            return "";
        }

        return Encoding.UTF8.GetString(bytes);
    }

    public ImmutableArray<T> Vector<T>(int countMax, string what, Func<ModuleReader, T> item)
    {
        int start = Position;
        uint count = U32();
        if (Left < count)
        {
            Fail(UnexpectedEnd, start);
        }
        else if (countMax < count)
        {
            Fail($"too many {what}", start);
        }

        var items = ImmutableArray.CreateBuilder<T>(Failed ? 0 : (int)count); // I2
        for (int index = 0; index < count && !Failed; index++)
        {
            items.Add(item(this));
        }

        return items.DrainToImmutable();
    }

    public ValType ValueType()
    {
        int start = Position;
        byte code = U8();
        if (!ValTypes.IsDefined(code))
        {
            Fail("malformed value type", start);
        }

        return (ValType)code;
    }

    public ValType ReferenceType()
    {
        int start = Position;
        var type = (ValType)U8();
        if (!type.IsReference())
        {
            Fail("malformed reference type", start);
        }

        return type;
    }

    public WasmRange Range()
    {
        bool bounded = Flag();
        uint minimum = U32();
        return new WasmRange(minimum, bounded ? U32() : null);
    }

    /// <summary>Instructions up to and with the <c>end</c> that closes them. They are complete and balanced.</summary>
    /// <param name="needsDataCount">Set when the code names a data segment.</param>
    public ReadOnlyMemory<byte> Code(ref bool needsDataCount)
    {
        int start = Position;
        var reader = new InstructionReader(_bytes.Span, start);
        _blocks.Clear();
        _blocks.Push(false);
        while (!Failed && 0 < _blocks.Count && reader.Next())
        {
            Nest(reader.Opcode, reader.Position);
            needsDataCount |= reader.Opcode is Opcode.MemoryInit or Opcode.DataDrop;
        }

        if (0 < _blocks.Count)
        {
            Fail(reader.Error is null or "unexpected end" ? UnexpectedEnd : reader.Error, reader.Position);
        }

        return Take(reader.End - start);
    }

    private void Nest(Opcode opcode, int at)
    {
        if (opcode is Opcode.Block or Opcode.Loop or Opcode.If)
        {
            _blocks.Push(opcode is Opcode.If);
        }
        else if (opcode is Opcode.End)
        {
            _blocks.Pop();
        }
        else if (opcode is Opcode.Else)
        {
            if (!_blocks.Pop())
            {
                Fail("END opcode expected", at);
            }

            _blocks.Push(false);
        }
    }

    private ulong Unsigned(int bitCount)
    {
        if (Failed)
        {
            return 0; // I1
        }

        var read = Leb128.ReadUnsigned(_bytes.Span, Position, bitCount);
        if (read.Error is not null)
        {
            Fail(read.Error == "unexpected end" ? UnexpectedEnd : read.Error, Position);
            return 0;
        }

        Position = read.End;
        return read.Value;
    }
}
