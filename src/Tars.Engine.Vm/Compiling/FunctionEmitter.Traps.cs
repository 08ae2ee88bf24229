using System.Collections.Immutable;
using System.Globalization;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Machine;
using Tars.Kernel.Ports;

namespace Tars.Engine.Vm.Compiling;

/// <summary>Fuel, and the checks of what the processor does not fault on.</summary>
internal sealed partial class FunctionEmitter
{
    private readonly Dictionary<(FaultKind Kind, int Offset), string> _traps = [];

    /// <summary>A block that ends the call with a fault.</summary>
    private string Trap(FaultKind kind, int offset)
    {
        if (!_traps.TryGetValue((kind, offset), out string? label))
        {
            string number = ((int)kind + 1).ToString(CultureInfo.InvariantCulture);
            _traps[(kind, offset)] = label = TrapWith(number, offset);
        }

        return label;
    }

    /// <summary>The same for a kind that a value tells: the number of the kind, and one.</summary>
    private string TrapWith(string kind, int offset)
    {
        string fuel = _ir.Name();
        ImmutableArray<string> charged = _facts.IsMetered
            ? [$"{fuel} = load i64, ptr {_fuel}", $"store volatile i64 {fuel}, {FuelCell}, align 8"]
            : [];
        return _ir.Cold(
        [
            .. charged, // I1
            $"store volatile i64 {PlaceOf(_function.Index.Value, offset)}, "
                + $"{ModuleFacts.Cell(GuestMap.Control.TrapPlace)}, align 8",
            $"store volatile i32 {kind}, {ModuleFacts.Cell(GuestMap.Control.Trap)}, align 4",
            "call void @llvm.trap()",
            "unreachable",
        ]);
    }

    /// <summary>How the place of an explicit trap stands in its cell.</summary>
    internal static string PlaceOf(int function, int offset) => Text(((long)function << 32) | (uint)offset);

    private static string FuelCell => ModuleFacts.Cell(GuestMap.Control.Fuel);

    private void ChargeRegion(int position)
    {
        var regions = _function.Regions;
        if (regions.Length <= _region || regions[_region].Offset != position)
        {
            return;
        }

        int cost = regions[_region++].Cost;
        Charge(Text(cost), position);
    }

    private void Charge(string cost, int offset)
    {
        _fuelIsStored = false;
        if (!_facts.IsMetered)
        {
            return;
        }

        string before = _ir.Value($"load i64, ptr {_fuel}");
        string after = _ir.Value($"sub i64 {before}, {cost}");
        _ir.Do($"store i64 {after}, ptr {_fuel}");
        _ir.Unlikely(_ir.Value($"icmp slt i64 {after}, 0"), Trap(FaultKind.OutOfFuel, offset));
    }

    private void StoreFuel()
    {
        if (_facts.IsMetered && !_fuelIsStored)
        {
            string fuel = _ir.Value($"load i64, ptr {_fuel}");
            _ir.Do($"store volatile i64 {fuel}, {FuelCell}, align 8, !tbaa !{Metadata.State}");
            _fuelIsStored = true;
        }
    }

    private bool Divides(in InstructionReader at)
    {
        (string type, bool isSigned, bool isRemainder)? found = at.Opcode switch
        {
            Opcode.I32DivS => ("i32", true, false),
            Opcode.I32DivU => ("i32", false, false),
            Opcode.I32RemS => ("i32", true, true),
            Opcode.I32RemU => ("i32", false, true),
            Opcode.I64DivS => ("i64", true, false),
            Opcode.I64DivU => ("i64", false, false),
            Opcode.I64RemS => ("i64", true, true),
            Opcode.I64RemU => ("i64", false, true),
            _ => null,
        };
        if (found is not var (type, isSigned, isRemainder))
        {
            return false;
        }

        string by = Pop().Text;
        string number = Pop().Text;
        _ir.Unlikely(
            _ir.Value($"icmp eq {type} {by}, 0"), Trap(FaultKind.IntegerDivideByZero, at.Position));
        if (isSigned)
        {
            string isMinusOne = _ir.Value($"icmp eq {type} {by}, -1");
            if (isRemainder)
            {
                // The remainder by 1 is the same, and the smallest number does not fault on it.
                by = _ir.Value($"select i1 {isMinusOne}, {type} 1, {type} {by}");
            }
            else
            {
                string smallest = type == "i32" ? Text(int.MinValue) : Text(long.MinValue);
                string isSmallest = _ir.Value($"icmp eq {type} {number}, {smallest}");
                _ir.Unlikely(
                    _ir.Value($"and i1 {isMinusOne}, {isSmallest}"), Trap(FaultKind.IntegerOverflow, at.Position));
            }
        }

        string operation = (isSigned ? "s" : "u") + (isRemainder ? "rem" : "div");
        Push(new IrValue(
            _ir.Value($"{operation} {type} {number}, {by}"), type == "i32" ? ValType.I32 : ValType.I64));
        return true;
    }

    private bool Truncates(in InstructionReader at)
    {
        // From what it is computed, to what, and between which doubles, both written by their bits, it must lie.
        (string From, string To, string Least, string Bound)? found = at.Opcode switch
        {
            Opcode.I32TruncF32S => ("float", "si32", "oge 0xC1E0000000000000", "0x41E0000000000000"),
            Opcode.I32TruncF32U => ("float", "ui32", "ogt 0xBFF0000000000000", "0x41F0000000000000"),
            Opcode.I32TruncF64S => ("double", "si32", "ogt 0xC1E0000000200000", "0x41E0000000000000"),
            Opcode.I32TruncF64U => ("double", "ui32", "ogt 0xBFF0000000000000", "0x41F0000000000000"),
            Opcode.I64TruncF32S => ("float", "si64", "oge 0xC3E0000000000000", "0x43E0000000000000"),
            Opcode.I64TruncF32U => ("float", "ui64", "ogt 0xBFF0000000000000", "0x43F0000000000000"),
            Opcode.I64TruncF64S => ("double", "si64", "oge 0xC3E0000000000000", "0x43E0000000000000"),
            Opcode.I64TruncF64U => ("double", "ui64", "ogt 0xBFF0000000000000", "0x43F0000000000000"),
            _ => null,
        };
        if (found is not var (from, to, least, bound))
        {
            return false;
        }

        string number = Pop().Text;
        string isAbove = _ir.Value($"fcmp {least.Replace(" ", $" {from} {number}, ", StringComparison.Ordinal)}");
        string isBelow = _ir.Value($"fcmp olt {from} {number}, {bound}");
        string fits = _ir.Value($"and i1 {isAbove}, {isBelow}");
        string isNaN = _ir.Name();
        string bad = _ir.Cold(
            $"{isNaN} = fcmp uno {from} {number}, {number}",
            $"br i1 {isNaN}, label %{Trap(FaultKind.InvalidConversion, at.Position)}, "
                + $"label %{Trap(FaultKind.IntegerOverflow, at.Position)}");
        _ir.Unlikely(_ir.Value($"xor i1 {fits}, true"), bad);
        string result = _ir.Value($"fpto{to[0]}i {from} {number} to {to[1..]}");
        Push(new IrValue(result, to[1..] == "i32" ? ValType.I32 : ValType.I64));
        return true;
    }
}
