using System.Globalization;
using System.Text;
using Tars.Bundle.Abi;
using Tars.Engine.Vm.Machine;
using Tars.Kernel.Ports;

namespace Tars.Engine.Vm.Compiling;

/// <summary>Writes the functions that make imported functions of a module what they are.</summary>
/// <remarks>
/// A deferred call writes its record into the ring in the guest's memory, as docs/abi.md says. Nothing is written
/// unless the whole record fits and every argument lies inside the memory. The control block is the guest's: each of
/// its fields is read once, and checked before it is used.
/// </remarks>
internal sealed class HostCallEmitter
{
    private const int BadCall = (int)FaultKind.BadHostCall + 1;
    private const int Full = (int)FaultKind.EffectsFull + 1;

    private readonly ModuleFacts _facts;
    private readonly IrText _ir = new();

    private HostCallEmitter(ModuleFacts facts) => _facts = facts;

    /// <summary>The function that writes a call into the ring, and the one that stands for it in tables.</summary>
    public static void EmitDeferred(ModuleFacts facts, int function, HostCallRow row, string linkage, StringBuilder to)
    {
        var emitter = new HostCallEmitter(facts);
        emitter.Write(row);
        var types = facts.Module.FunctionTypes[function].Parameters.Select(IrTypes.Of).ToArray();
        to.Append(CultureInfo.InvariantCulture, $"define {linkage} i32 @{facts.WriterOf(function)}(")
            .Append(Named(types)).Append(") #1 {\n");
        emitter._ir.CopyTo(to);
        to.Append("}\n\n");
        EmitWrapper(facts, function, types, linkage, to);
    }

    /// <summary>The function that asks the host and takes its answer.</summary>
    public static void EmitAnswered(ModuleFacts facts, int function, int number, string linkage, StringBuilder to)
    {
        var type = facts.Module.FunctionTypes[function];
        var ir = new IrText();
        string[] values = ParameterText.Taken(facts, type, ir);
        for (int place = 0; place < values.Length; place++)
        {
            string written = IrTypes.Of(type.Parameters[place]);
            ir.Do($"store volatile {written} {values[place]}, {FunctionEmitter.SlotCell(place)}, align 8");
        }

        if (facts.IsMetered)
        {
            ir.Do($"store volatile i64 {ParameterText.Fuel}, {ModuleFacts.Cell(GuestMap.Control.Fuel)}, align 8");
        }

        ir.Do(RuntimeText.LeaveBy(
            GuestMap.Port.HostCall,
            (GuestMap.HostCall.FirstOfImage + number).ToString(CultureInfo.InvariantCulture)));
        string given = IrTypes.ReturnOf(type, facts.IsMetered);
        if (type.Results.Length == 1)
        {
            string written = IrTypes.Of(type.Results[0]);
            string value = ir.Value($"load volatile {written}, {FunctionEmitter.SlotCell(0)}, align 8");
            if (facts.IsMetered)
            {
                string half = ir.Value($"insertvalue {given} poison, i64 {ParameterText.Fuel}, 0");
                value = ir.Value($"insertvalue {given} {half}, {written} {value}, 1");
            }

            ir.End($"ret {given} {value}");
        }
        else
        {
            ir.End(facts.IsMetered ? $"ret i64 {ParameterText.Fuel}" : "ret void");
        }

        EmitHead(facts, function, linkage, to);
        ir.CopyTo(to);
        to.Append("}\n\n");
    }

    private static void EmitHead(ModuleFacts facts, int function, string linkage, StringBuilder to)
    {
        var type = facts.Module.FunctionTypes[function];
        to.Append(CultureInfo.InvariantCulture, $"define {linkage} {facts.Convention}")
            .Append(IrTypes.ReturnOf(type, facts.IsMetered))
            .Append(CultureInfo.InvariantCulture, $" @{facts.NameOf(function)}(")
            .Append(ParameterText.Named(facts, type)).Append(") #2 {\n");
    }

    private static void EmitWrapper(
        ModuleFacts facts, int function, string[] types, string linkage, StringBuilder to)
    {
        EmitHead(facts, function, linkage, to);
        string fuel = facts.IsMetered
            ? $"  store volatile i64 {ParameterText.Fuel}, {ModuleFacts.Cell(GuestMap.Control.Fuel)}, align 8\n"
            : "";
        string place = FunctionEmitter.PlaceOf(function, offset: -1);
        to.Append(CultureInfo.InvariantCulture, $"""
            begin:
              %status = call i32 @{facts.WriterOf(function)}({Named(types)})
              %isFine = icmp eq i32 %status, 0
              br i1 %isFine, label %fine, label %bad
            fine:
              ret {(facts.IsMetered ? $"i64 {ParameterText.Fuel}" : "void")}
            bad:
            {fuel}  store volatile i64 {place}, {ModuleFacts.Cell(GuestMap.Control.TrapPlace)}, align 8
              store volatile i32 %status, {ModuleFacts.Cell(GuestMap.Control.Trap)}, align 4
              call void @llvm.trap()
              unreachable
            """).Append("\n}\n\n");
    }

    private static string Named(string[] types) => string.Join(", ", types.Select(
        (type, place) => string.Create(CultureInfo.InvariantCulture, $"{type} %p{place}")));

    private void Write(HostCallRow row)
    {
        string bad = _ir.Cold($"ret i32 {BadCall}");
        string full = _ir.Cold($"ret i32 {Full}");
        string size = _ir.Value($"load volatile i64, {_facts.MemorySizeCell}, align 8");
        string control = _ir.Value($"zext i32 {ControlAddress()} to i64");
        CheckInside(control, ControlBlock.Size.ToString(CultureInfo.InvariantCulture), size, bad);
        string ring = Field(control, ControlBlock.EffectsBase);
        string ringSize = Field(control, ControlBlock.EffectsSize);
        string used = Field(control, ControlBlock.EffectsUsed);
        string record = RecordSize(row, size, bad);
        CheckInside(ring, ringSize, size, bad);
        string after = _ir.Value($"add i64 {used}, {record}");
        _ir.Unlikely(_ir.Value($"icmp ult i64 {ringSize}, {after}"), full);
        string committed = Field(control, ControlBlock.EventsCommitted);
        string at = _ir.Value($"add i64 {ring}, {used}");
        StoreField(at, EffectRecord.Size, _ir.Value($"trunc i64 {record} to i32"));
        StoreField(at, EffectRecord.Call, ((int)row.Call).ToString(CultureInfo.InvariantCulture));
        StoreField(at, EffectRecord.Event, _ir.Value($"trunc i64 {committed} to i32"));
        StoreField(at, EffectRecord.Reserved2, "0");
        WriteArguments(row, at);
        StoreField(control, ControlBlock.EffectsUsed, _ir.Value($"trunc i64 {after} to i32"));
        _ir.End("ret i32 0");
    }

    private string ControlAddress()
    {
        int index = GuestShape.Find(
            _facts.Module, ControlBlock.AddressExport, Tars.Bundle.Wasm.ExternKind.Global)!.Value;
        return _facts.ConstantGlobal(index)
            ?? _ir.Value($"load i32, {ModuleFacts.Cell(_facts.GlobalAt(index))}, align 8");
    }

    private string RecordSize(HostCallRow row, string size, string bad)
    {
        int known = EffectRecord.Arguments + (row.Arguments.Length * 8);
        string record = known.ToString(CultureInfo.InvariantCulture);
        int place = 0;
        foreach (var argument in row.Arguments)
        {
            if (argument.Kind is HostArgumentKind.Bytes)
            {
                string from = _ir.Value($"zext i32 %p{place} to i64");
                string count = _ir.Value($"zext i32 %p{place + 1} to i64");
                CheckInside(from, count, size, bad);
                record = _ir.Value($"add i64 {record}, {Padded(count)}");
                place++;
            }

            place++;
        }

        return record;
    }

    private void WriteArguments(HostCallRow row, string at)
    {
        string to = _ir.Value($"add i64 {at}, {EffectRecord.Arguments}");
        int place = 0;
        foreach (var argument in row.Arguments)
        {
            switch (argument.Kind)
            {
                case HostArgumentKind.I32:
                    StoreWord(to, _ir.Value($"zext i32 %p{place} to i64"));
                    break;
                case HostArgumentKind.I64:
                    StoreWord(to, $"%p{place}");
                    break;
                case HostArgumentKind.F64:
                    string isNaN = _ir.Value($"fcmp uno double %p{place}, %p{place}");
                    string bits = _ir.Value($"bitcast double %p{place} to i64");
                    StoreWord(to, _ir.Value($"select i1 {isNaN}, i64 9221120237041090560, i64 {bits}"));
                    break;
                case HostArgumentKind.Bytes:
                    to = WriteBytes(to, $"%p{place}", $"%p{place + 1}");
                    place++;
                    break;
            }

            to = _ir.Value($"add i64 {to}, 8");
            place++;
        }
    }

    private string WriteBytes(string to, string address, string size)
    {
        string from = _ir.Value($"zext i32 {address} to i64");
        string count = _ir.Value($"zext i32 {size} to i64");
        StoreWord(to, count);
        string first = _ir.Value($"add i64 {to}, 8");
        _ir.Do($"call void @tars.move(ptr {Pointer(first)}, ptr {Pointer(from)}, i64 {count})");
        string padded = Padded(count);
        string end = _ir.Value($"add i64 {first}, {count}");
        string rest = _ir.Value($"sub i64 {padded}, {count}");
        _ir.Do($"call void @tars.fill(ptr {Pointer(end)}, i8 0, i64 {rest})");
        return _ir.Value($"add i64 {to}, {padded}");
    }

    private string Padded(string count)
    {
        string more = _ir.Value($"add i64 {count}, 7");
        return _ir.Value($"and i64 {more}, -8");
    }

    private string Field(string control, int offset)
    {
        string address = _ir.Value($"add i64 {control}, {offset}");
        string value = _ir.Value($"load volatile i32, ptr {Pointer(address)}, align 1");
        return _ir.Value($"zext i32 {value} to i64");
    }

    private void StoreField(string start, int offset, string value)
    {
        string address = _ir.Value($"add i64 {start}, {offset}");
        _ir.Do($"store volatile i32 {value}, ptr {Pointer(address)}, align 1");
    }

    private void StoreWord(string address, string value) =>
        _ir.Do($"store volatile i64 {value}, ptr {Pointer(address)}, align 1");

    private string Pointer(string address) => _ir.Value($"inttoptr i64 {address} to ptr");

    private void CheckInside(string start, string count, string size, string bad)
    {
        string end = _ir.Value($"add i64 {start}, {count}");
        _ir.Unlikely(_ir.Value($"icmp ugt i64 {end}, {size}"), bad);
    }
}
