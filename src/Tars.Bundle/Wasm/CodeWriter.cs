using Tars.Base;

namespace Tars.Bundle.Wasm;

/// <summary>Writes the instructions of a body or constant expression, each in its shortest form.</summary>
/// <remarks>It knows the form of an instruction and not its types: the validator is the judge of those.</remarks>
public sealed class CodeWriter
{
    private readonly ByteWriter _bytes = new();

    /// <summary>Where the next instruction will begin: what a debug map notes down.</summary>
    public int Offset => _bytes.Length;

    /// <summary>How many blocks are open. A label is the depth now less the depth just after its block began.</summary>
    public int Depth { get; private set; }

    /// <summary>The code so far. It is a body once its own <c>end</c> has been written.</summary>
    public byte[] ToArray() => _bytes.ToArray();

    /// <summary>Writes an instruction without immediates.</summary>
    public CodeWriter Op(Opcode opcode)
    {
        Invariant.Holds(opcode.Info().Immediate is Immediate.None);
        return Start(opcode);
    }

    public CodeWriter Block(BlockType type) => Open(Opcode.Block, type);

    public CodeWriter Loop(BlockType type) => Open(Opcode.Loop, type);

    public CodeWriter If(BlockType type) => Open(Opcode.If, type);

    public CodeWriter Else() => Start(Opcode.Else);

    /// <summary>Ends the innermost block, or the body when none is open.</summary>
    public CodeWriter End()
    {
        Depth--;
        return Start(Opcode.End);
    }

    public CodeWriter Br(int label) => Indexed(Opcode.Br, label);

    public CodeWriter BrIf(int label) => Indexed(Opcode.BrIf, label);

    public CodeWriter BrTable(ReadOnlySpan<int> labels, int otherwise)
    {
        Indexed(Opcode.BrTable, labels.Length);
        foreach (int label in labels)
        {
            U32((uint)label);
        }

        return U32((uint)otherwise);
    }

    public CodeWriter Call(FuncIndex function) => Indexed(Opcode.Call, function.Value);

    public CodeWriter ReturnCall(FuncIndex function) => Indexed(Opcode.ReturnCall, function.Value);

    public CodeWriter CallIndirect(TypeIndex type, TableIndex table = default) =>
        Indexed(Opcode.CallIndirect, type.Value).U32((uint)table.Value);

    public CodeWriter ReturnCallIndirect(TypeIndex type, TableIndex table = default) =>
        Indexed(Opcode.ReturnCallIndirect, type.Value).U32((uint)table.Value);

    public CodeWriter LocalGet(LocalIndex local) => Indexed(Opcode.LocalGet, local.Value);

    public CodeWriter LocalSet(LocalIndex local) => Indexed(Opcode.LocalSet, local.Value);

    public CodeWriter LocalTee(LocalIndex local) => Indexed(Opcode.LocalTee, local.Value);

    public CodeWriter GlobalGet(GlobalIndex global) => Indexed(Opcode.GlobalGet, global.Value);

    public CodeWriter GlobalSet(GlobalIndex global) => Indexed(Opcode.GlobalSet, global.Value);

    public CodeWriter TableGet(TableIndex table) => Indexed(Opcode.TableGet, table.Value);

    public CodeWriter TableSet(TableIndex table) => Indexed(Opcode.TableSet, table.Value);

    public CodeWriter TableSize(TableIndex table) => Indexed(Opcode.TableSize, table.Value);

    public CodeWriter TableGrow(TableIndex table) => Indexed(Opcode.TableGrow, table.Value);

    public CodeWriter TableFill(TableIndex table) => Indexed(Opcode.TableFill, table.Value);

    public CodeWriter TableCopy(TableIndex to, TableIndex from) =>
        Indexed(Opcode.TableCopy, to.Value).U32((uint)from.Value);

    public CodeWriter TableInit(TableIndex table, ElemIndex segment) =>
        Indexed(Opcode.TableInit, segment.Value).U32((uint)table.Value);

    public CodeWriter ElemDrop(ElemIndex segment) => Indexed(Opcode.ElemDrop, segment.Value);

    public CodeWriter RefNull(ValType type)
    {
        Invariant.Holds(type.IsReference());
        return Start(Opcode.RefNull).U8((byte)type);
    }

    public CodeWriter RefFunc(FuncIndex function) => Indexed(Opcode.RefFunc, function.Value);

    /// <summary>The typed <c>select</c>, which references need.</summary>
    public CodeWriter SelectTyped(ValType type) => Start(Opcode.SelectTyped).U32(1).U8((byte)type);

    public CodeWriter Load(Opcode opcode, uint offset = 0) => Access(opcode, offset, NaturalAlign(opcode));

    /// <param name="align">Where the address is known to be a multiple of: a power of two, as its exponent.</param>
    public CodeWriter Load(Opcode opcode, uint offset, int align) => Access(opcode, offset, align);

    public CodeWriter Store(Opcode opcode, uint offset = 0) => Access(opcode, offset, NaturalAlign(opcode));

    /// <param name="align">Where the address is known to be a multiple of: a power of two, as its exponent.</param>
    public CodeWriter Store(Opcode opcode, uint offset, int align) => Access(opcode, offset, align);

    /// <summary>A load or store of one lane.</summary>
    public CodeWriter MemoryLane(Opcode opcode, uint offset, int align, byte lane)
    {
        Invariant.Holds(opcode.Info().Immediate is Immediate.MemoryLane);
        return Start(opcode).U32((uint)align).U32(offset).U8(lane);
    }

    public CodeWriter MemorySize() => Start(Opcode.MemorySize).U8(0);

    public CodeWriter MemoryGrow() => Start(Opcode.MemoryGrow).U8(0);

    public CodeWriter MemoryFill() => Start(Opcode.MemoryFill).U8(0);

    public CodeWriter MemoryCopy() => Start(Opcode.MemoryCopy).U8(0).U8(0);

    public CodeWriter MemoryInit(DataIndex segment) => Indexed(Opcode.MemoryInit, segment.Value).U8(0);

    public CodeWriter DataDrop(DataIndex segment) => Indexed(Opcode.DataDrop, segment.Value);

    public CodeWriter I32Const(int value)
    {
        Start(Opcode.I32Const);
        _bytes.LebI64(value);
        return this;
    }

    public CodeWriter I64Const(long value)
    {
        Start(Opcode.I64Const);
        _bytes.LebI64(value);
        return this;
    }

    public CodeWriter F32Const(float value)
    {
        Start(Opcode.F32Const);
        _bytes.U32(BitConverter.SingleToUInt32Bits(value));
        return this;
    }

    public CodeWriter F64Const(double value)
    {
        Start(Opcode.F64Const);
        _bytes.F64(value);
        return this;
    }

    public CodeWriter V128Const(ReadOnlySpan<byte> bytes) => Sixteen(Opcode.V128Const, bytes);

    public CodeWriter Shuffle(ReadOnlySpan<byte> lanes) => Sixteen(Opcode.I8x16Shuffle, lanes);

    /// <summary>An instruction that takes out or puts in one lane.</summary>
    public CodeWriter Lane(Opcode opcode, byte lane)
    {
        Invariant.Holds(opcode.Info().Immediate is Immediate.Lane);
        return Start(opcode).U8(lane);
    }

    private static int NaturalAlign(Opcode opcode) => opcode.Info().Align ?? 0;

    private CodeWriter Open(Opcode opcode, BlockType type)
    {
        Start(opcode);
        _bytes.LebI64(type.Code);
        Depth++;
        return this;
    }

    private CodeWriter Access(Opcode opcode, uint offset, int align)
    {
        Invariant.Holds(opcode.Info().Immediate is Immediate.Memory);
        return Start(opcode).U32((uint)align).U32(offset);
    }

    private CodeWriter Sixteen(Opcode opcode, ReadOnlySpan<byte> bytes)
    {
        Invariant.Holds(bytes.Length == 16);
        Start(opcode);
        _bytes.Bytes(bytes);
        return this;
    }

    private CodeWriter Indexed(Opcode opcode, int index) => Start(opcode).U32((uint)index);

    private CodeWriter Start(Opcode opcode)
    {
        int code = (int)opcode;
        if (code < 0x100)
        {
            return U8((byte)code);
        }

        return U8((byte)(code >> 8)).U32((uint)(code & 0xFF));
    }

    private CodeWriter U8(byte value)
    {
        _bytes.U8(value);
        return this;
    }

    private CodeWriter U32(uint value)
    {
        _bytes.LebU64(value);
        return this;
    }
}
