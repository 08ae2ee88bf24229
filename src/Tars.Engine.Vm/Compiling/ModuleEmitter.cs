using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Machine;

namespace Tars.Engine.Vm.Compiling;

/// <summary>Translates a module into LLVM's text, in groups of functions that are compiled one by one.</summary>
/// <remarks>
/// A module of one group keeps its functions to itself, so that LLVM may put them in line and leave them out. Of more
/// groups each names the functions of all others.
/// </remarks>
internal static class ModuleEmitter
{
    /// <summary>Why a module is refused that has a group without a text.</summary>
    public static string TooLong { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"it is too much code for the compiler; {Limits.CodeTextBytesMax:N0} octets of it are allowed at a time, "
        + $"{Limits.ModuleTextBytesMax:N0} in all");

    /// <summary>The text of each group, as octets; null for one of which it would be too long, and then no
    /// more.</summary>
    /// <param name="bytesMax">Of all texts together.</param>
    public static IEnumerable<byte[]?> Emit(ModuleFacts facts, long bytesMax = Limits.ModuleTextBytesMax)
    {
        long left = bytesMax;
        var groups = Groups(facts.Module);
        string linkage = groups.Length == 1 && !facts.Plan.IsShared ? "internal" : "dso_local";
        for (int group = 0; group < groups.Length; group++)
        {
            var text = Emit(facts, groups, group, linkage);
            left -= text.Length;
            if (IsTooLong(text) || left < 0)
            {
                yield return null;
                yield break;
            }

            yield return Encoding.UTF8.GetBytes(text.ToString());
        }
    }

    /// <summary>How many pieces <see cref="Emit(ModuleFacts, long)"/> gives.</summary>
    public static int GroupCount(ValidatedModule module) => Groups(module).Length;

    /// <summary>How many functions each group has.</summary>
    private static ImmutableArray<Range> Groups(ValidatedModule module)
    {
        var groups = ImmutableArray.CreateBuilder<Range>();
        int first = 0;
        long octets = 0;
        for (int place = 0; place < module.Functions.Length; place++)
        {
            octets += module.Functions[place].Body.Length;
            if (Limits.GroupBytesMax <= octets)
            {
                groups.Add(first..(place + 1));
                first = place + 1;
                octets = 0;
            }
        }

        if (first < module.Functions.Length || groups.Count == 0)
        {
            groups.Add(first..module.Functions.Length);
        }

        return groups.DrainToImmutable();
    }

    // Few octets of a module can be very much text: writing it ends where nobody would take it any more.
    private static bool IsTooLong(StringBuilder text) => Limits.CodeTextBytesMax < text.Length;

    private static StringBuilder Emit(ModuleFacts facts, ImmutableArray<Range> groups, int group, string linkage)
    {
        var text = new StringBuilder(RuntimeText.Head(facts.Plan.Level));
        var metadata = new Metadata();
        var (first, count) = groups[group].GetOffsetAndLength(facts.Module.Functions.Length);
        int imported = facts.Module.ImportedFunctionCount;
        Declare(facts, imported + first, imported + first + count, isFirst: group == 0, text);
        if (group == 0)
        {
            EmitImports(facts, linkage, text);
        }

        foreach (var function in facts.Module.Functions[groups[group]])
        {
            if (IsTooLong(text))
            {
                return text;
            }

            FunctionEmitter.Emit(facts, metadata, function, linkage, text);
        }

        EmitRecords(facts, imported + first, imported + first + count, isFirst: group == 0, text);
        EmitEntries(facts, imported + first, imported + first + count, text);
        text.Append(RuntimeText.Tail);
        metadata.CopyTo(text);
        return text;
    }

    // What is defined elsewhere: functions of other groups and instances, and the octets of segments.
    private static void Declare(ModuleFacts facts, int first, int end, bool isFirst, StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"@{facts.DataSymbol} = external dso_local constant i8\n");
        var values = facts.Values.ToHashSet();
        var declared = new HashSet<string>(); // The same function can be imported more than once.
        for (int index = 0; index < facts.Module.FunctionTypes.Length && !IsTooLong(text); index++)
        {
            bool isImport = index < facts.Plan.Functions.Length;
            bool isLinked = isImport && facts.Plan.Functions[index] is ImportedCode.Linked;
            bool isHere = isImport ? isFirst && !isLinked : first <= index && index < end;
            if (!isHere && declared.Add(facts.NameOf(index)))
            {
                DeclareFunction(facts, index, hasRecord: values.Contains(index) || isLinked, text);
            }
        }
    }

    private static void DeclareFunction(ModuleFacts facts, int index, bool hasRecord, StringBuilder text)
    {
        var type = facts.Module.FunctionTypes[index];
        text.Append("declare dso_local ").Append(facts.Convention)
            .Append(IrTypes.ReturnOf(type, facts.IsMetered))
            .Append(" @").Append(facts.NameOf(index)).Append('(')
            .Append(ParameterText.Types(facts, type)).Append(") #0\n");
        if (hasRecord)
        {
            text.Append(CultureInfo.InvariantCulture, $"@{facts.RecordOf(index)} = external dso_local constant i8\n");
        }

        if (index < facts.Plan.Functions.Length && facts.Plan.Functions[index] is ImportedCode.Deferred)
        {
            string types = string.Join(", ", type.Parameters.Select(IrTypes.Of));
            text.Append(
                CultureInfo.InvariantCulture, $"declare dso_local i32 @{facts.WriterOf(index)}({types}) #1\n");
        }
    }

    private static void EmitImports(ModuleFacts facts, string linkage, StringBuilder text)
    {
        for (int index = 0; index < facts.Plan.Functions.Length && !IsTooLong(text); index++)
        {
            switch (facts.Plan.Functions[index])
            {
                case ImportedCode.Deferred deferred:
                    HostCallEmitter.EmitDeferred(facts, index, deferred.Row, linkage, text);
                    break;
                case ImportedCode.Answered answered:
                    HostCallEmitter.EmitAnswered(facts, index, answered.Number, linkage, text);
                    break;
                default:
                    break;
            }
        }
    }

    private static void EmitRecords(ModuleFacts facts, int first, int end, bool isFirst, StringBuilder text)
    {
        foreach (int index in facts.Values)
        {
            bool isImport = index < facts.Plan.Functions.Length;
            bool isHere = isImport
                ? isFirst && facts.Plan.Functions[index] is not ImportedCode.Linked
                : first <= index && index < end;
            if (isHere)
            {
                int type = facts.Plan.TypeNumber(facts.Module.FunctionTypes[index]);
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"@{facts.RecordOf(index)} = dso_local constant {{ ptr, i32, i32 }} ")
                    .Append(
                        CultureInfo.InvariantCulture,
                        $"{{ ptr @{facts.NameOf(index)}, i32 {type}, i32 {index} }}, align 16\n");
            }
        }
    }

    private static void EmitEntries(ModuleFacts facts, int first, int end, StringBuilder text)
    {
        foreach (int index in EntriesOf(facts.Module).Where(index => first <= index && index < end))
        {
            if (IsTooLong(text))
            {
                return;
            }

            EmitEntry(facts, index, text);
        }
    }

    /// <summary>What is entered from outside: its own functions that are exported, and the start function.</summary>
    public static IEnumerable<int> EntriesOf(ValidatedModule module)
    {
        var entries = new SortedSet<int>(module.Module.Exports
            .Where(export => export.Kind is ExternKind.Func).Select(export => export.Index));
        if (module.Module.Start is { } start)
        {
            entries.Add(start.Value);
        }

        return entries.Where(index => module.ImportedFunctionCount <= index);
    }

    // Arguments come from the call block, results go there; fuel and depth from and to their cells.
    private static void EmitEntry(ModuleFacts facts, int index, StringBuilder text)
    {
        var type = facts.Module.FunctionTypes[index];
        var ir = new IrText();
        string fuelCell = ModuleFacts.Cell(GuestMap.Control.Fuel);
        string fuel = facts.IsMetered ? ir.Value($"load volatile i64, {fuelCell}, align 8") : "";
        string depth = ir.Value($"load volatile i32, {ModuleFacts.Cell(GuestMap.Control.Depth)}, align 8");
        string[] values =
        [
            .. type.Parameters.Select((parameter, place) => ir.Value(
                $"load volatile {IrTypes.Of(parameter)}, {FunctionEmitter.SlotCell(place)}, align 8")),
        ];
        string arguments = ParameterText.Given(facts, type, fuel, depth, values, ir);
        string given = IrTypes.ReturnOf(type, facts.IsMetered);
        string call = $"call {facts.Convention}{given} @{facts.NameOf(index)}({arguments})";
        string result = given == "void" ? "" : ir.Value(call);
        if (given == "void")
        {
            ir.Do(call);
        }

        StoreResults(facts, type, given, result, ir);
        ir.Do(RuntimeText.LeaveBy(GuestMap.Port.Done, "0"));
        ir.Do("call void @llvm.trap()");
        ir.End("unreachable");
        text.Append(CultureInfo.InvariantCulture, $"define dso_local void @{facts.EntryOf(index)}() #2 {{\n");
        ir.CopyTo(text);
        text.Append("}\n\n");
    }

    private static void StoreResults(ModuleFacts facts, FuncType type, string given, string result, IrText ir)
    {
        string fuelCell = ModuleFacts.Cell(GuestMap.Control.Fuel);
        bool isSingle = type.Results.Length == 1;
        if (facts.IsMetered)
        {
            string fuel = isSingle ? ir.Value($"extractvalue {given} {result}, 0") : result;
            ir.Do($"store volatile i64 {fuel}, {fuelCell}, align 8");
        }

        if (isSingle)
        {
            string value = facts.IsMetered ? ir.Value($"extractvalue {given} {result}, 1") : result;
            string written = IrTypes.Of(type.Results[0]);
            ir.Do($"store volatile {written} {value}, {FunctionEmitter.SlotCell(0)}, align 8");
        }
    }
}
