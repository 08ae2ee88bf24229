using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;

namespace Tars.Engine.Vm.Compiling;

/// <summary>What is done to tables of references.</summary>
internal sealed partial class FunctionEmitter
{
    private void WorkOnTable(in InstructionReader at)
    {
        int position = at.Position;
        switch (at.Opcode)
        {
            case Opcode.TableGet:
                Push(new IrValue(Element(at.Index, Pop().Text, position), _facts.Module.Tables[at.Index].Element));
                break;
            case Opcode.TableSet:
                var value = Pop();
                string place = ElementAddress(at.Index, Pop().Text, position);
                _ir.Do($"store volatile i64 {value.Text}, ptr {place}, align 8, !tbaa !{Metadata.State}");
                break;
            case Opcode.TableSize:
                Push(new IrValue(TableLength(at.Index), ValType.I32));
                break;
            case Opcode.TableGrow:
                GrowTable(at.Index, position);
                break;
            case Opcode.TableFill:
                FillTable(at.Index, position);
                break;
            case Opcode.TableCopy:
                CopyTable(at.Index, at.SecondIndex, position);
                break;
            case Opcode.TableInit:
                InitTable(at.SecondIndex, at.Index, position);
                break;
            default:
                _ir.Do($"store volatile i8 1, {ModuleFacts.Cell(_facts.Plan.Layout.ElementsDropped + at.Index)}");
                break;
        }
    }

    private string TableLength(int table) =>
        _ir.Value($"load i32, {ModuleFacts.Cell(_facts.Table(table).Length)}, align 8, !tbaa !{Metadata.State}");

    private string Element(int table, string place, int position)
    {
        string address = ElementAddress(table, place, position);
        return _ir.Value($"load i64, ptr {address}, align 8, !tbaa !{Metadata.State}");
    }

    private string ElementAddress(int table, string place, int position)
    {
        string outside = _ir.Value($"icmp uge i32 {place}, {TableLength(table)}");
        _ir.Unlikely(outside, Trap(FaultKind.TableOutOfBounds, position));
        string wide = _ir.Value($"zext i32 {place} to i64");
        return ElementAt(_facts.Table(table).Elements, wide);
    }

    private string ElementAt(int elements, string place) =>
        _ir.Value($"getelementptr i64, {ModuleFacts.Cell(elements)}, i64 {place}");

    private void FillTable(int table, int position)
    {
        string count = Wide(Pop());
        string value = Pop().Text;
        string to = Wide(Pop());
        string length = _ir.Value($"zext i32 {TableLength(table)} to i64");
        CheckRange(to, count, length, FaultKind.TableOutOfBounds, position);
        Charge(count, position);
        string address = ElementAt(_facts.Table(table).Elements, to);
        _ir.Do($"call void @tars.fill.references(ptr {address}, i64 {value}, i64 {count})");
    }

    private void CopyTable(int target, int source, int position)
    {
        string count = Wide(Pop());
        string from = Wide(Pop());
        string to = Wide(Pop());
        string targetLength = _ir.Value($"zext i32 {TableLength(target)} to i64");
        string sourceLength = _ir.Value($"zext i32 {TableLength(source)} to i64");
        CheckRange(to, count, targetLength, FaultKind.TableOutOfBounds, position);
        CheckRange(from, count, sourceLength, FaultKind.TableOutOfBounds, position);
        Charge(count, position);
        MoveReferences(
            ElementAt(_facts.Table(target).Elements, to), ElementAt(_facts.Table(source).Elements, from), count);
    }

    // An active or declared segment has been dropped when code runs, and its mark says so.
    private void InitTable(int table, int segment, int position)
    {
        string count = Wide(Pop());
        string from = Wide(Pop());
        string to = Wide(Pop());
        string isDropped = Dropped(_facts.Plan.Layout.ElementsDropped + segment);
        string all = Text(_facts.Module.Module.Elements[segment].Items.Count);
        string left = _ir.Value($"select i1 {isDropped}, i64 0, i64 {all}");
        string length = _ir.Value($"zext i32 {TableLength(table)} to i64");
        CheckRange(from, count, left, FaultKind.TableOutOfBounds, position);
        CheckRange(to, count, length, FaultKind.TableOutOfBounds, position);
        Charge(count, position);
        MoveReferences(
            ElementAt(_facts.Table(table).Elements, to),
            ElementAt(_facts.Plan.Layout.Segments[segment], from),
            count);
    }

    private void MoveReferences(string to, string from, string count)
    {
        string octets = _ir.Value($"shl i64 {count}, 3");
        _ir.Do($"call void @tars.move(ptr {to}, ptr {from}, i64 {octets})");
    }

    private void GrowTable(int table, int position)
    {
        var place = _facts.Table(table);
        string count = Wide(Pop());
        string value = Pop().Text;
        string before = TableLength(table);
        string length = _ir.Value($"zext i32 {before} to i64");
        string after = _ir.Value($"add i64 {length}, {count}");
        string budgetCell = ModuleFacts.Cell(_facts.Plan.Layout.TableBudget);
        string budget = _ir.Value($"load volatile i64, {budgetCell}, align 8");
        string isLong = _ir.Value($"icmp ugt i64 {after}, {Text(place.LengthMax)}");
        string isMuch = _ir.Value($"icmp ugt i64 {count}, {budget}");
        string refused = _ir.Value($"or i1 {isLong}, {isMuch}");
        string result = _ir.Variable("i32");
        _ir.Do($"store i32 -1, ptr {result}");
        string grows = _ir.Label();
        string next = _ir.Label();
        _ir.Branch(refused, next, grows);
        _ir.Begin(grows);
        Charge(count, position);
        string first = ElementAt(place.Elements, length);
        _ir.Do($"call void @tars.fill.references(ptr {first}, i64 {value}, i64 {count})");
        string shorter = _ir.Value($"trunc i64 {after} to i32");
        _ir.Do($"store volatile i32 {shorter}, {ModuleFacts.Cell(place.Length)}, align 8, !tbaa !{Metadata.State}");
        if (_facts.IsOwnTable(table))
        {
            string left = _ir.Value($"sub i64 {budget}, {count}");
            _ir.Do($"store volatile i64 {left}, {budgetCell}, align 8");
        }

        _ir.Do($"store i32 {before}, ptr {result}");
        _ir.Begin(next);
        Push(new IrValue(_ir.Value($"load i32, ptr {result}"), ValType.I32));
    }
}
