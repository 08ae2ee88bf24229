namespace Tars.Bundle.Wasm;

/// <summary>Checks that what an instruction names exists; labels are the validator's own business.</summary>
internal static class ImmediateChecks
{
    /// <param name="declared">The functions that <c>ref.func</c> may name.</param>
    /// <returns>What is wrong, in the specification's words, or null.</returns>
    public static string? ErrorIn(
        in InstructionReader at, ModuleSpaces spaces, int localCount, IReadOnlySet<int> declared)
    {
        switch (at.Info.Immediate)
        {
            case Immediate.None or Immediate.Label or Immediate.LabelTable or Immediate.I32 or Immediate.I64
                or Immediate.F32 or Immediate.F64 or Immediate.V128 or Immediate.RefType:
                return null;
            case Immediate.Block:
                return at.BlockType.Index is { } type ? Within(type.Value, spaces.Types.Length, "type") : null;
            case Immediate.Func:
                return Within(at.Index, spaces.Functions.Length, "function") ?? Declared(in at, declared);
            case Immediate.CallIndirect:
                return Within(at.SecondIndex, spaces.Tables.Length, "table")
                    ?? Within(at.Index, spaces.Types.Length, "type")
                    ?? Elements(ValType.FuncRef, spaces.Tables[at.SecondIndex].Element);
            case Immediate.Local:
                return Within(at.Index, localCount, "local");
            case Immediate.Global:
                return Within(at.Index, spaces.Globals.Length, "global") ?? Mutable(in at, spaces);
            case Immediate.Table:
                return Within(at.Index, spaces.Tables.Length, "table");
            case Immediate.TablePair:
                return Within(at.Index, spaces.Tables.Length, "table")
                    ?? Within(at.SecondIndex, spaces.Tables.Length, "table")
                    ?? Elements(spaces.Tables[at.Index].Element, spaces.Tables[at.SecondIndex].Element);
            case Immediate.Elem:
                return Within(at.Index, spaces.ElementTypes.Length, "elem segment");
            case Immediate.ElemTable:
                return Within(at.SecondIndex, spaces.Tables.Length, "table")
                    ?? Within(at.Index, spaces.ElementTypes.Length, "elem segment")
                    ?? Elements(spaces.Tables[at.SecondIndex].Element, spaces.ElementTypes[at.Index]);
            case Immediate.Data:
                return Within(at.Index, spaces.DataCount, "data segment");
            case Immediate.DataMemory:
                return Memory(spaces) ?? Within(at.Index, spaces.DataCount, "data segment");
            case Immediate.MemoryIndex or Immediate.MemoryPair:
                return Memory(spaces);
            case Immediate.Memory:
                return Memory(spaces) ?? Aligned(in at);
            case Immediate.MemoryLane:
                return Memory(spaces) ?? Aligned(in at) ?? Lane(at.Lane, at.Info.LaneCount);
            case Immediate.Lane:
                return Lane(at.Lane, at.Info.LaneCount);
            case Immediate.Lanes:
                return at.Bytes.ContainsAnyExceptInRange((byte)0, (byte)31) ? "invalid lane index" : null;
            case Immediate.SelectTypes:
                return at.Bytes.Length == 1 ? null : "invalid result arity";
        }

        return null;
    }

    /// <summary>Null when the place exists. An index is 32 bits, so it is compared unsigned.</summary>
    public static string? Within(int index, int count, string what) =>
        (uint)index < (uint)count ? null : $"unknown {what} {(uint)index}";

    private static string? Declared(in InstructionReader at, IReadOnlySet<int> declared) =>
        at.Opcode is not Opcode.RefFunc || declared.Contains(at.Index) ? null : "undeclared function reference";

    private static string? Mutable(in InstructionReader at, ModuleSpaces spaces) =>
        at.Opcode is not Opcode.GlobalSet || spaces.Globals[at.Index].Mutable ? null : "global is immutable";

    private static string? Elements(ValType expected, ValType actual) =>
        expected == actual ? null : $"type mismatch: elements of {actual.Name()} where {expected.Name()} is needed";

    private static string? Memory(ModuleSpaces spaces) => Within(0, spaces.Memories.Length, "memory");

    private static string? Aligned(in InstructionReader at) =>
        at.Align <= at.Info.Align ? null : "alignment must not be larger than natural";

    private static string? Lane(byte lane, int count) => lane < count ? null : "invalid lane index";
}
