using System.Collections.Immutable;
using System.Globalization;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Machine;

namespace Tars.Engine.Vm.Compiling;

/// <summary>What the translation of every function of a module needs to know of the module: names and places.</summary>
internal sealed class ModuleFacts
{
    private readonly ImmutableArray<long> _bases;
    private readonly int _importedTables;
    private readonly int _importedGlobals;

    public ModuleFacts(ModulePlan plan)
    {
        Plan = plan;
        var bases = ImmutableArray.CreateBuilder<long>();
        long at = 1;
        foreach (var function in plan.Module.Functions)
        {
            bases.Add(at);
            at += function.Body.Length + 1;
        }

        _bases = bases.DrainToImmutable();
        _importedTables = plan.Tables.Length;
        _importedGlobals = plan.Globals.Length;
        MemoryBytesMin = Module.Memories.IsEmpty
            ? 0
            : Module.Memories[0].Pages.Minimum * (long)WasmLimits.PageSize;
        Values = FunctionValues.Of(plan.Module);
        MemoryIsFixed = !plan.IsShared && !Grows(plan.Module);
    }

    public ModulePlan Plan { get; }

    public ValidatedModule Module => Plan.Module;

    public bool IsMetered => Plan.IsMetered;

    /// <summary>How functions are called.</summary>
    public string Convention => Plan.HasTailCalls ? "tailcc " : "";

    /// <summary>The memory never has fewer octets.</summary>
    public long MemoryBytesMin { get; }

    /// <summary>And never more.</summary>
    public bool MemoryIsFixed { get; }

    /// <summary>The functions that can become values, by ascending index.</summary>
    public ImmutableArray<int> Values { get; }

    /// <summary>The line, as <see cref="Metadata"/> counts them, of an instruction of a function of its own.</summary>
    public long LineOf(FuncIndex function, int offset) =>
        _bases[function.Value - Module.ImportedFunctionCount] + offset;

    /// <summary>The function and the offset in its body that a line stands for, or null.</summary>
    public (int Function, int Offset)? PlaceOf(long line)
    {
        int place = _bases.BinarySearch(line);
        place = place < 0 ? ~place - 1 : place;
        return place < 0
            ? null
            : (place + Module.ImportedFunctionCount, (int)(line - _bases[place]));
    }

    /// <summary>The symbol of a function's code.</summary>
    public string NameOf(int function) =>
        function < Plan.Functions.Length && Plan.Functions[function] is ImportedCode.Linked linked
            ? Symbol(linked.Instance, 'f', linked.Function)
            : Symbol(Plan.Instance, 'f', function);

    /// <summary>What the symbols of the code of its own functions begin with; their index follows.</summary>
    public string FunctionPrefix => string.Create(CultureInfo.InvariantCulture, $"i{Plan.Instance}.f");

    /// <summary>The symbol of the record that stands for a function as a value.</summary>
    public string RecordOf(int function) =>
        function < Plan.Functions.Length && Plan.Functions[function] is ImportedCode.Linked linked
            ? Symbol(linked.Instance, 'r', linked.Function)
            : Symbol(Plan.Instance, 'r', function);

    /// <summary>The symbol of what writes a deferred host call into the ring.</summary>
    public string WriterOf(int function) => Symbol(Plan.Instance, 'h', function);

    /// <summary>The symbol under which a function is entered from outside.</summary>
    public string EntryOf(int function) => EntryOf(Plan.Instance, function);

    /// <summary>The symbol of the octets of its passive data segments.</summary>
    public string DataSymbol => string.Create(CultureInfo.InvariantCulture, $"i{Plan.Instance}.data");

    public static string EntryOf(int instance, int function) => Symbol(instance, 'e', function);

    public static string RecordOf(int instance, int function) => Symbol(instance, 'r', function);

    /// <summary>The address of a place in the control area.</summary>
    public static string Cell(long offset) =>
        string.Create(CultureInfo.InvariantCulture, $"ptr getelementptr (i8, ptr @tars.control, i64 {offset})");

    /// <summary>The cell with the size of the memory.</summary>
    public string MemorySizeCell => Cell(GuestMap.Control.MemorySizes + (Plan.Window * 8L));

    public long WindowBase => GuestMap.WindowBase(Math.Max(Plan.Window, 0));

    /// <summary>The offset of a global in the control area.</summary>
    public int GlobalAt(int index) =>
        index < _importedGlobals ? Plan.Globals[index] : Plan.Layout.Globals[index - _importedGlobals];

    public TablePlace Table(int index) =>
        index < _importedTables ? Plan.Tables[index] : Plan.Layout.Tables[index - _importedTables];

    /// <summary>Its own, whose growth counts against its budget.</summary>
    public bool IsOwnTable(int index) => _importedTables <= index;

    /// <summary>Where a passive segment begins in the octets of all of them.</summary>
    public long DataAt(int segment)
    {
        long at = 0;
        for (int index = 0; index < segment; index++)
        {
            at += IsPassive(index) ? Module.Module.DataSegments[index].Bytes.Length : 0;
        }

        return at;
    }

    /// <summary>Code can copy out of it.</summary>
    public bool IsPassive(int segment) => Module.Module.DataSegments[segment].Mode is SegmentMode.Passive;

    /// <summary>The bits of a global that never changes and is written as one constant.</summary>
    public string? ConstantGlobal(int index)
    {
        if (Module.Globals[index].Mutable || index < _importedGlobals)
        {
            return null;
        }

        var reader = new InstructionReader(Module.Module.Globals[index - _importedGlobals].Initial.Span);
        reader.Next();
        string? text = reader.Opcode switch
        {
            Opcode.I32Const => reader.I32.ToString(CultureInfo.InvariantCulture),
            Opcode.I64Const => reader.I64.ToString(CultureInfo.InvariantCulture),
            _ => null,
        };
        return reader.Next() && reader.Opcode is Opcode.End ? text : null;
    }

    private static bool Grows(ValidatedModule module)
    {
        foreach (var function in module.Functions)
        {
            var reader = new InstructionReader(function.Body.Span);
            while (reader.Next())
            {
                if (reader.Opcode is Opcode.MemoryGrow)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static string Symbol(int instance, char kind, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"i{instance}.{kind}{number}");
}
