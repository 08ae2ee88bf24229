using System.Runtime.InteropServices;

namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>The instructions that move and compute values.</summary>
internal sealed partial class Machine
{
    private WasmTrap? ExecuteData(in PreparedInstruction at)
    {
        switch (at.Opcode)
        {
            case Opcode.I32Const or Opcode.I64Const or Opcode.F32Const or Opcode.F64Const or Opcode.V128Const:
                Push(at.Constant);
                return null;
            case Opcode.LocalGet:
                Push(_stack[_now.Locals + at.Index]);
                return null;
            case Opcode.LocalSet:
                _stack[_now.Locals + at.Index] = Pop();
                return null;
            case Opcode.LocalTee:
                _stack[_now.Locals + at.Index] = _stack[^1];
                return null;
            case Opcode.GlobalGet:
                Push(Instance.Globals[at.Index].Value);
                return null;
            case Opcode.GlobalSet:
                Instance.Globals[at.Index].Value = Pop();
                return null;
            case Opcode.RefNull:
                Push(Value.OfReference(null));
                return null;
            case Opcode.RefFunc:
                Push(Value.OfReference(Instance.Functions[at.Index]));
                return null;
            case Opcode.I8x16Shuffle:
                var second = Pop();
                Push(VectorLaneOperations.Shuffle(Pop(), second, at.Constant));
                return null;
            default:
                return at.Opcode.Info().Immediate switch
                {
                    Immediate.Memory or Immediate.MemoryLane => Access(in at),
                    Immediate.None or Immediate.Lane => Compute(in at),
                    _ => ExecuteBulk(in at),
                };
        }
    }

    private WasmTrap? Compute(in PreparedInstruction at)
    {
        // Only ref.is_null has no fixed signature: it takes one operand of either reference type.
        int count = at.Opcode.Info().Signature?.Parameters.Length ?? 1;
        var operands = CollectionsMarshal.AsSpan(_stack)[^count..];
        if (Operations.Find(at.Opcode)!(operands, at.Lane) is { } trap)
        {
            return trap;
        }

        _stack.RemoveRange(_stack.Count - count + 1, count - 1);
        return null;
    }

    private WasmTrap? Access(in PreparedInstruction at)
    {
        var info = at.Opcode.Info();
        int width = 1 << info.Align!.Value;
        bool hasValue = info.Signature!.Parameters.Length == 2;
        var value = hasValue ? Pop() : default;
        ulong address = (ulong)Pop().U32 + at.MemoryOffset;
        var memory = Instance.Memory!;
        if (!memory.Holds(address, (ulong)width))
        {
            return WasmTrap.MemoryOutOfBounds;
        }

        var bytes = memory.Bytes.Slice((int)address, width);
        bool isLane = info.Immediate is Immediate.MemoryLane;
        if (info.Signature.Results.Length == 1)
        {
            Push(isLane ? MemoryAccesses.ReadLane(bytes, value, at.Lane) : MemoryAccesses.Read(at.Opcode, bytes));
        }
        else if (isLane)
        {
            MemoryAccesses.WriteLane(bytes, value, at.Lane);
        }
        else
        {
            MemoryAccesses.Write(bytes, value);
        }

        return null;
    }

    private WasmTrap? ExecuteBulk(in PreparedInstruction at)
    {
        switch (at.Opcode)
        {
            case Opcode.MemorySize:
                Push(Value.Of(Instance.Memory!.Pages));
                return null;
            case Opcode.MemoryGrow:
                Push(Value.Of((int?)Instance.Memory!.Grow(Pop().U32) ?? -1));
                return null;
            case Opcode.DataDrop:
                Instance.Data[at.Index] = default;
                return null;
            case Opcode.ElemDrop:
                Instance.Elements[at.Index] = [];
                return null;
            case Opcode.TableSize:
                Push(Value.Of(Instance.Tables[at.Index].Size));
                return null;
            case Opcode.TableGet:
                return TableGet(Instance.Tables[at.Index]);
            case Opcode.TableSet:
                return TableSet(Instance.Tables[at.Index]);
            case Opcode.TableGrow:
                return TableGrow(Instance.Tables[at.Index]);
            default:
                return MoveMany(in at);
        }
    }

    private WasmTrap? TableGet(OracleTable table)
    {
        uint place = Pop().U32;
        if (!table.Holds(place, 1))
        {
            return WasmTrap.TableOutOfBounds;
        }

        Push(Value.OfReference(table.Elements[(int)place]));
        return null;
    }

    private WasmTrap? TableSet(OracleTable table)
    {
        var value = Pop();
        uint place = Pop().U32;
        if (!table.Holds(place, 1))
        {
            return WasmTrap.TableOutOfBounds;
        }

        table.Elements[(int)place] = value.Reference;
        return null;
    }

    private WasmTrap? TableGrow(OracleTable table)
    {
        uint count = Pop().U32;
        var value = Pop();
        if (!table.CanGrow(count) || _limits.TableElements < Instance.OwnTableElements + count)
        {
            Push(Value.Of(-1));
            return null;
        }

        if (Charge(count) is { } trap)
        {
            return trap;
        }

        Push(Value.Of(table.Grow(count, value.Reference)));
        return null;
    }

    // All these take a place to write to, something to write, and a count.
    private WasmTrap? MoveMany(in PreparedInstruction at)
    {
        uint count = Pop().U32;
        var source = Pop();
        uint from = source.U32;
        uint to = Pop().U32;
        return at.Opcode switch
        {
            Opcode.MemoryFill => MemoryFill(to, (byte)from, count),
            Opcode.MemoryCopy => MemoryCopy(to, from, count),
            Opcode.MemoryInit => MemoryInit(at.Index, to, from, count),
            Opcode.TableFill => TableFill(Instance.Tables[at.Index], to, source, count),
            Opcode.TableCopy =>
                TableCopy(Instance.Tables[at.Index], Instance.Tables[at.SecondIndex], to, from, count),
            _ => TableInit(at.SecondIndex, at.Index, to, from, count),
        };
    }

    private WasmTrap? MemoryFill(uint to, byte value, uint count)
    {
        var memory = Instance.Memory!;
        if (Pay(memory.Holds(to, count), WasmTrap.MemoryOutOfBounds, BytesFuel(count)) is { } trap)
        {
            return trap;
        }

        memory.Bytes.Slice((int)to, (int)count).Fill(value);
        return null;
    }

    private WasmTrap? MemoryCopy(uint to, uint from, uint count)
    {
        var memory = Instance.Memory!;
        bool isInside = memory.Holds(to, count) && memory.Holds(from, count);
        if (Pay(isInside, WasmTrap.MemoryOutOfBounds, BytesFuel(count)) is { } trap)
        {
            return trap;
        }

        memory.Bytes.Slice((int)from, (int)count).CopyTo(memory.Bytes[(int)to..]);
        return null;
    }

    private WasmTrap? MemoryInit(int segment, uint to, uint from, uint count)
    {
        bool isInside = Bulk.CanInitMemory(Instance, segment, to, from, count);
        if (Pay(isInside, WasmTrap.MemoryOutOfBounds, BytesFuel(count)) is { } trap)
        {
            return trap;
        }

        Bulk.InitMemory(Instance, segment, to, from, count);
        return null;
    }

    private WasmTrap? TableFill(OracleTable table, uint to, Value value, uint count)
    {
        if (Pay(table.Holds(to, count), WasmTrap.TableOutOfBounds, count) is { } trap)
        {
            return trap;
        }

        table.Elements.Slice((int)to, (int)count).Fill(value.Reference);
        return null;
    }

    private WasmTrap? TableCopy(OracleTable target, OracleTable source, uint to, uint from, uint count)
    {
        bool isInside = target.Holds(to, count) && source.Holds(from, count);
        if (Pay(isInside, WasmTrap.TableOutOfBounds, count) is { } trap)
        {
            return trap;
        }

        source.Elements.Slice((int)from, (int)count).CopyTo(target.Elements[(int)to..]);
        return null;
    }

    private WasmTrap? TableInit(int table, int segment, uint to, uint from, uint count)
    {
        bool isInside = Bulk.CanInitTable(Instance, table, segment, to, from, count);
        if (Pay(isInside, WasmTrap.TableOutOfBounds, count) is { } trap)
        {
            return trap;
        }

        Bulk.InitTable(Instance, table, segment, to, from, count);
        return null;
    }

    /// <summary>The range first, then the fuel; only then is anything moved.</summary>
    private WasmTrap? Pay(bool isInside, WasmTrap outside, long fuel) => isInside ? Charge(fuel) : outside;

    private static long BytesFuel(uint count) => count >> Opcodes.BulkBytesPerFuelLog2;
}
