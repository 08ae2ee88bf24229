using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Machine;
using Tars.Kernel.Ports;

namespace Tars.Engine.Vm.Compiling;

/// <summary>Loads, stores and what else is done to linear memory.</summary>
internal sealed partial class FunctionEmitter
{
    // Of two blocks that end by a load each and meet behind it, LLVM makes one load, which has no place. It does not
    // where something behind the load may write memory.
    private const string KeepApart =
        "call void asm sideeffect \"\", \"i\"(ptr null) nounwind willreturn memory(argmem: write)";

    private void Access(in InstructionReader at)
    {
        var row = MemoryRows.Of(at.Opcode);
        bool isLane = at.Info.Immediate is Immediate.MemoryLane;
        bool isLoad = at.Info.Signature!.Results.Length == 1;
        string? vector = isLoad && isLane ? Exact(Pop()).Text : null;
        var value = isLoad ? default : Stored(Pop(), at.Position);
        var index = Pop();
        if (!isLoad && row.Steps is not null)
        {
            value = value with { Text = _ir.Steps(row.Lines, at.Lane, value.Text) };
        }

        var covered = _plan?.Covered[at.Position];
        string address = covered is null
            ? Address(index, at.Offset)
            : Displaced(_pointers[covered.Walk], covered.Distance + at.Offset);
        bool isInside = covered is not null || index.Constant is { } place
            && place + (ulong)at.Offset + (1UL << at.Info.Align!.Value) <= (ulong)_facts.MemoryBytesMin;
        if (!isInside)
        {
            StoreFuel(); // I1
            _ir.At(_metadata.Location(_debug, _facts.LineOf(_function.Index, at.Position)));
        }

        string kind = covered is null ? " volatile" : "";
        string notes = Notes(covered?.Walk);
        if (!isLoad)
        {
            _ir.Do($"store{kind} {row.Type} {value.Text}, ptr {address}, {notes}");
            _ir.At(null);
            _ir.BeforeGoto = null;
            return;
        }

        kind = isInside ? "" : kind; // I2
        string read = _ir.Value($"load{kind} {row.Type}, ptr {address}, {notes}");
        _ir.At(null);
        _ir.BeforeGoto = isInside ? _ir.BeforeGoto : KeepApart;
        if (row.Steps is not null)
        {
            read = vector is null
                ? _ir.Steps(row.Lines, at.Lane, read)
                : _ir.Steps(row.Lines, at.Lane, read, vector);
        }

        Push(new IrValue(read, at.Info.Signature.Results[0]));
    }

    // Index and offset are 32 bits each: their sum stays inside the window, and what is not memory there faults.
    private string Address(IrValue index, uint offset)
    {
        string wide = _ir.Value($"zext i32 {index.Text} to i64");
        return Displaced(_ir.Value($"getelementptr i8, {WindowPointer}, i64 {wide}"), offset);
    }

    // What LLVM is told of an access.
    private string Notes(int? walk) =>
        $"align 1, !tbaa !{Metadata.Memory}{(walk is { } number ? _apart[number] : "")}";

    private string WindowPointer =>
        _facts.WindowBase == 0 ? "ptr null" : $"ptr inttoptr (i64 {Text(_facts.WindowBase)} to ptr)";

    private string Displaced(string pointer, long distance) =>
        distance == 0 ? pointer : _ir.Value($"getelementptr i8, ptr {pointer}, i64 {Text(distance)}");

    private void WorkOnMemory(in InstructionReader at)
    {
        switch (at.Opcode)
        {
            case Opcode.MemorySize:
                string bytes = _ir.Value($"lshr i64 {MemorySize()}, 16");
                Push(new IrValue(_ir.Value($"trunc i64 {bytes} to i32"), ValType.I32));
                break;
            case Opcode.MemoryGrow:
                GrowMemory();
                break;
            case Opcode.DataDrop:
                _ir.Do($"store volatile i8 1, {ModuleFacts.Cell(_facts.Plan.Layout.DataDropped + at.Index)}");
                break;
            case Opcode.MemoryFill:
                FillMemory(at.Position);
                break;
            case Opcode.MemoryCopy:
                CopyMemory(at.Position);
                break;
            default:
                InitMemory(at.Index, at.Position);
                break;
        }
    }

    private string MemorySize() =>
        _ir.Value($"load volatile i64, {_facts.MemorySizeCell}, align 8, !tbaa !{Metadata.State}");

    // The host maps the pages and writes the new size.
    private void GrowMemory()
    {
        string pages = Pop().Text;
        _ir.Do($"store volatile i32 {Text(_facts.Plan.Window)}, {SlotCell(0)}, align 8");
        _ir.Do($"store volatile i32 {pages}, {SlotCell(1)}, align 8");
        StoreFuel();
        _ir.Do(RuntimeText.LeaveBy(GuestMap.Port.HostCall, Text(GuestMap.HostCall.MemoryGrow)));
        Push(new IrValue(_ir.Value($"load volatile i32, {SlotCell(0)}, align 8"), ValType.I32));
    }

    private void FillMemory(int position)
    {
        string count = Wide(Pop());
        string value = _ir.Value($"trunc i32 {Pop().Text} to i8");
        string to = Wide(Pop());
        CheckRange(to, count, MemorySize(), FaultKind.MemoryOutOfBounds, position);
        ChargeBytes(count, position);
        _ir.Do($"call void @tars.fill(ptr {Pointer(to)}, i8 {value}, i64 {count})");
    }

    private void CopyMemory(int position)
    {
        string count = Wide(Pop());
        string from = Wide(Pop());
        string to = Wide(Pop());
        string size = MemorySize();
        CheckRange(to, count, size, FaultKind.MemoryOutOfBounds, position);
        CheckRange(from, count, size, FaultKind.MemoryOutOfBounds, position);
        ChargeBytes(count, position);
        _ir.Do($"call void @tars.move(ptr {Pointer(to)}, ptr {Pointer(from)}, i64 {count})");
    }

    // Of an active segment nothing is left when code runs.
    private void InitMemory(int segment, int position)
    {
        string count = Wide(Pop());
        string from = Wide(Pop());
        string to = Wide(Pop());
        bool isPassive = _facts.IsPassive(segment);
        string length = "0";
        if (isPassive)
        {
            string isDropped = Dropped(_facts.Plan.Layout.DataDropped + segment);
            string all = Text(_facts.Module.Module.DataSegments[segment].Bytes.Length);
            length = _ir.Value($"select i1 {isDropped}, i64 0, i64 {all}");
        }

        CheckRange(from, count, length, FaultKind.MemoryOutOfBounds, position);
        CheckRange(to, count, MemorySize(), FaultKind.MemoryOutOfBounds, position);
        ChargeBytes(count, position);
        if (isPassive)
        {
            string start = _ir.Value(
                $"getelementptr i8, ptr @{_facts.DataSymbol}, i64 {Text(_facts.DataAt(segment))}");
            string source = _ir.Value($"getelementptr i8, ptr {start}, i64 {from}");
            _ir.Do($"call void @tars.move(ptr {Pointer(to)}, ptr {source}, i64 {count})");
        }
    }

    private string Dropped(int offset)
    {
        string octet = _ir.Value($"load volatile i8, {ModuleFacts.Cell(offset)}, align 1");
        return _ir.Value($"icmp ne i8 {octet}, 0");
    }

    private string Wide(IrValue value) => _ir.Value($"zext i32 {value.Text} to i64");

    private string Pointer(string address) => _facts.WindowBase == 0
        ? _ir.Value($"inttoptr i64 {address} to ptr")
        : _ir.Value($"getelementptr i8, {WindowPointer}, i64 {address}");

    // All three are 32 bits in 64: their sum cannot wrap.
    private void CheckRange(string start, string count, string size, FaultKind outside, int position)
    {
        string end = _ir.Value($"add i64 {start}, {count}");
        _ir.Unlikely(_ir.Value($"icmp ugt i64 {end}, {size}"), Trap(outside, position));
    }

    private void ChargeBytes(string count, int position)
    {
        string cost = _ir.Value($"lshr i64 {count}, {Text(Opcodes.BulkBytesPerFuelLog2)}");
        Charge(cost, position);
    }
}
