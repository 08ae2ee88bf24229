using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Tars.Bundle.Wasm;

/// <summary>Walks the instructions of a function body or constant expression without allocating (data plane).</summary>
/// <remarks>
/// Use:
///   while (reader.Next()) { switch (reader.Opcode) … }
///   Which property holds an immediate follows from <see cref="OpcodeInfo.Immediate"/>; the others are left over.
///
/// On hostile bytes Next answers false and Error tells why. In a module that was decoded every body is complete and
/// balanced, so there Next answers false only at the end and Error stays null.
/// </remarks>
public ref struct InstructionReader
{
    private readonly ReadOnlySpan<byte> _code;
    private int _at;

    public InstructionReader(ReadOnlySpan<byte> code, int start = 0)
    {
        _code = code;
        _at = start;
    }

    /// <summary>Where the instruction begins.</summary>
    public int Position { get; private set; }

    /// <summary>Where the next one begins.</summary>
    public readonly int End => _at;

    public Opcode Opcode { get; private set; }

    /// <summary>The row of the instruction.</summary>
    public readonly OpcodeInfo Info => Opcode.Info();

    /// <summary>The label, or the first index: local, global, function, type, table, segment.</summary>
    public int Index { get; private set; }

    /// <summary>The second index: the table of call_indirect, table.init and the source of table.copy.</summary>
    public int SecondIndex { get; private set; }

    public BlockType BlockType { get; private set; }

    /// <summary>Alignment of a memory access as a power of two.</summary>
    public uint Align { get; private set; }

    public uint Offset { get; private set; }

    public byte Lane { get; private set; }

    /// <summary>The bits of a constant of 32 or 64 bits; an i32 is sign-extended.</summary>
    public long Bits { get; private set; }

    public readonly int I32 => (int)Bits;

    public readonly long I64 => Bits;

    /// <summary>A float constant by its bits: through a float, some machines would quieten a signalling NaN.</summary>
    public readonly uint F32Bits => (uint)Bits;

    public readonly ulong F64Bits => (ulong)Bits;

    /// <summary>The 16 bytes of v128.const and i8x16.shuffle, or the types of the typed select.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>The labels of br_table, the default last.</summary>
    public LabelTable Labels { get; private set; }

    /// <summary>The type of ref.null.</summary>
    public ValType RefType { get; private set; }

    /// <summary>What is malformed, in the specification's words; null when nothing is.</summary>
    public string? Error { get; private set; }

    public bool Next()
    {
        Position = _at;
        if (_at == _code.Length || Error is not null)
        {
            return false;
        }

        int code = _code[_at++];
        if (code is 0xFC or 0xFD)
        {
            uint number = U32();
            code = number < 0x100 ? (code << 8) | (int)number : 0xFF;
        }

        if (Error is not null || Opcodes.Find(code) is not { } info)
        {
            return Fail("illegal opcode");
        }

        Opcode = info.Opcode;
        ReadImmediate(info.Immediate);
        return Error is null;
    }

    private void ReadImmediate(Immediate immediate)
    {
        switch (immediate)
        {
            case Immediate.None:
                break;
            case Immediate.Block:
                ReadBlockType();
                break;
            case Immediate.Label or Immediate.Func or Immediate.Local or Immediate.Global or Immediate.Table
                or Immediate.Elem or Immediate.Data:
                Index = (int)U32();
                break;
            case Immediate.CallIndirect or Immediate.ElemTable or Immediate.TablePair:
                Index = (int)U32();
                SecondIndex = (int)U32();
                break;
            case Immediate.DataMemory:
                Index = (int)U32();
                ReadZero();
                break;
            case Immediate.MemoryPair:
                ReadZero();
                ReadZero();
                break;
            case Immediate.MemoryIndex:
                ReadZero();
                break;
            case Immediate.LabelTable:
                ReadLabels();
                break;
            case Immediate.Memory:
                ReadMemory();
                break;
            case Immediate.MemoryLane:
                ReadMemory();
                Lane = U8();
                break;
            case Immediate.Lane:
                Lane = U8();
                break;
            case Immediate.I32:
                Bits = Signed(bitCount: 32);
                break;
            case Immediate.I64:
                Bits = Signed(bitCount: 64);
                break;
            case Immediate.F32:
                Bits = Take(4) is { Length: 4 } single ? BinaryPrimitives.ReadUInt32LittleEndian(single) : 0;
                break;
            case Immediate.F64:
                Bits = Take(8) is { Length: 8 } twice ? BinaryPrimitives.ReadInt64LittleEndian(twice) : 0;
                break;
            case Immediate.V128 or Immediate.Lanes:
                Bytes = Take(16);
                break;
            case Immediate.RefType:
                ReadRefType();
                break;
            case Immediate.SelectTypes:
                ReadSelectTypes();
                break;
        }
    }

    private void ReadBlockType()
    {
        if (BlockType.FromCode(Signed(bitCount: 33)) is { } type)
        {
            BlockType = type;
        }
        else
        {
            Fail("malformed block type");
        }
    }

    private void ReadLabels()
    {
        uint count = U32();
        int start = _at;
        // Each label takes at least a byte, so a count beyond the code ends at its end.
        for (long left = (long)count + 1; 0 < left && Error is null; left--)
        {
            U32();
        }

        Labels = Error is null ? new LabelTable(_code[start.._at], (int)count + 1) : default;
    }

    private void ReadMemory()
    {
        Align = U32();
        Offset = U32();
        if (Error is null && 32 <= Align)
        {
            Fail("malformed memop flags");
        }
    }

    private void ReadZero()
    {
        if (U8() != 0)
        {
            Fail("zero byte expected");
        }
    }

    private void ReadRefType()
    {
        RefType = (ValType)U8();
        if (!RefType.IsReference())
        {
            Fail("malformed reference type");
        }
    }

    private void ReadSelectTypes()
    {
        Bytes = Take(U32());
        foreach (byte type in Bytes)
        {
            if (!ValTypes.IsDefined(type))
            {
                Fail("malformed value type");
            }
        }
    }

    private byte U8() => Take(1) is [var value] ? value : (byte)0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint U32()
    {
        if (_at < _code.Length && _code[_at] < 0x80)
        {
            return _code[_at++];
        }

        return (uint)Finish(Leb128.ReadUnsigned(_code, _at, bitCount: 32));
    }

    private long Signed(int bitCount) => (long)Finish(Leb128.ReadSigned(_code, _at, bitCount));

    private ulong Finish(Leb128.Result result)
    {
        if (result.Error is not null)
        {
            Fail(result.Error);
            return 0;
        }

        _at = result.End;
        return result.Value;
    }

    private ReadOnlySpan<byte> Take(uint count)
    {
        if (_code.Length - _at < count)
        {
            Fail("unexpected end");
            return [];
        }

        _at += (int)count;
        return _code.Slice(_at - (int)count, (int)count);
    }

    private bool Fail(string error)
    {
        Error ??= error;
        return false;
    }
}
