using System.Reflection;
using System.Reflection.Emit;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Runtime;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil.Compiling;

/// <summary>Translates one function to CIL in one pass over its code.</summary>
/// <remarks>
/// The method's parameters are the state block, the depth and the fuel that are left, and the function's own.
/// Expressions are held back on the <see cref="OperandStack"/> and emitted where they are used, so the JIT sees trees
/// and locals and no stack traffic. What can trap jumps to a block at the method's end that ends in a throw: the JIT
/// takes such a block for cold, and nothing lives across it.
///
/// Invariants:
///   I1  Fuel is in the parameter, which calls of wasm functions hand on. It is in the state block at every return and
///       trap, and before whatever else can read it there; after a call it is read back.
///   I2  A region's fuel is charged before its first instruction, and nowhere else; that of a loop whose turns
///       are counted for all of them before the first.
/// </remarks>
internal sealed partial class FunctionCompiler
{
    private const byte StateArgument = 0;
    private const byte DepthArgument = 1;
    private const byte FuelArgument = 2;

    private readonly ModuleFacts _module;
    private readonly ValidatedFunction _function;
    private readonly FunctionFacts _facts;
    private readonly ILGenerator _il;
    private readonly ExpressionEmitter _emitter;
    private readonly OperandStack _stack;
    private readonly List<ControlFrame> _frames = [];
    private readonly LocalBuilder? _limit;
    private readonly LocalBuilder? _memory;
    private readonly CheckedRanges _checked = new();
    private int _region;
    private int _loopStart = -1;

    private FunctionCompiler(ModuleFacts module, ValidatedFunction function, ILGenerator il)
    {
        _module = module;
        _function = function;
        _il = il;
        _facts = FunctionFacts.Of(function);
        _emitter = new ExpressionEmitter(il, function, _facts);
        _stack = new OperandStack(_emitter);
        bool keepsLimit = _facts.HasLoop && _facts.UsesMemory && !module.MemoryIsFixed;
        _limit = keepsLimit ? _emitter.Declare(typeof(nint)) : null;
        _memory = module.ImportsMemory ? _emitter.Declare(typeof(nint)) : null;
    }

    /// <summary>Writes the method's body.</summary>
    /// <returns>Null, or why the function cannot be translated.</returns>
    public static string? Compile(ModuleFacts module, ValidatedFunction function, ILGenerator il)
    {
        var compiler = new FunctionCompiler(module, function, il);
        compiler.EmitEntry();
        string? refusal = compiler.EmitBody();
        compiler._seldom.ForEach(emit => emit());
        compiler.EmitTraps();
        return refusal ?? (Limits.MethodLocalCountMax < compiler._emitter.LocalCount ? "it has too many locals" : null);
    }

    private void EmitEntry()
    {
        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Ldc_I4, _function.DepthSlots);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Starg_S, DepthArgument);
        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Blt, TrapAt(FaultKind.StackExhausted, offset: 0));
        if (_facts.HasCall)
        {
            EmitStackCheck();
        }

        if (_memory is not null)
        {
            EmitLoadState(StateLayout.ImportedMemory, OpCodes.Ldind_I);
            _il.Emit(OpCodes.Stloc, _memory);
        }

        LoadLimit();
    }

    // The depth limit comes first on every thread that GuestRun chooses, unless the JIT made frames far larger than
    // slots suggest. Only then does this answer, and it ends the call where .NET would end the process.
    private void EmitStackCheck()
    {
        _il.Emit(OpCodes.Ldloca, _emitter.Declare(typeof(byte)));
        _il.Emit(OpCodes.Conv_U);
        EmitLoadState(StateLayout.StackLimit, OpCodes.Ldind_I);
        _il.Emit(OpCodes.Blt_Un, TrapAt(FaultKind.StackExhausted, offset: 0));
    }

    private string? EmitBody()
    {
        _frames.Add(new ControlFrame(Opcode.Block, _function.Type, height: 0, _il.DefineLabel()) { IsFunction = true });
        var reader = new InstructionReader(_function.Body.Span);
        while (0 < _frames.Count && reader.Next())
        {
            ChargeRegion(reader.Position);
            if (!Emit(ref reader))
            {
                return $"it has the instruction {reader.Info.Name}";
            }
        }

        return null;
    }

    // False when there is no translation.
    private bool Emit(ref InstructionReader at)
    {
        if (Translations.Find(at.Opcode) is { } row)
        {
            EmitExpression(row, in at);
            return true;
        }

        return EmitControl(ref at)
            || EmitVariable(in at)
            || EmitMemory(in at)
            || EmitVector(in at)
            || EmitChecked(in at)
            || EmitTable(in at);
    }

    private void EmitExpression(Translation row, in InstructionReader at)
    {
        var signature = row.Opcode.Info().Signature!;
        Operand[] parts = [.. _stack.Pop(signature.Parameters.Length), .. ImmediateParts(in at)];
        _stack.Push(ExpressionEmitter.Expression(row, signature.Results[0], parts));
    }

    private void ChargeRegion(int position)
    {
        var regions = _function.Regions;
        if (_region == regions.Length || regions[_region].Offset != position)
        {
            return;
        }

        int cost = regions[_region++].Cost; // I2
        if (!_module.IsMetered)
        {
            return;
        }

        EmitCharge(cost);
        if (_plan is not null)
        {
            return; // I4
        }

        _il.Emit(OpCodes.Ldarg_2);
        if (position == 0 || position == _loopStart)
        {
            EmitStateAddress(StateLayout.Floor);
            _il.Emit(OpCodes.Volatile);
            _il.Emit(OpCodes.Ldind_I8);
        }
        else
        {
            // Whoever aborts the call is heard at the next loop or function: code between them ends by itself.
            _il.Emit(OpCodes.Ldc_I4_0);
            _il.Emit(OpCodes.Conv_I8);
        }

        _il.Emit(OpCodes.Blt, BurntTrap());
    }

    private void EmitCharge(int cost)
    {
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Ldc_I4, cost);
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Starg_S, FuelArgument);
    }

    private void StoreFuel()
    {
        if (!_module.IsMetered)
        {
            return;
        }

        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Stind_I8); // The fuel is the first word of the state block.
    }

    private void LoadFuel()
    {
        if (!_module.IsMetered)
        {
            return;
        }

        EmitLoadState(StateLayout.Fuel, OpCodes.Ldind_I8);
        _il.Emit(OpCodes.Starg_S, FuelArgument);
    }

    private void LoadLimit()
    {
        if (_limit is not null)
        {
            EmitLoadMemorySize();
            _il.Emit(OpCodes.Stloc, _limit);
        }
    }

    private void EmitLoadState(int offset, OpCode load)
    {
        EmitStateAddress(offset);
        _il.Emit(load);
    }

    private void EmitStateAddress(int offset)
    {
        _il.Emit(OpCodes.Ldarg_0);
        if (offset != 0)
        {
            _il.Emit(OpCodes.Ldc_I4, offset);
            _il.Emit(OpCodes.Add);
        }
    }

    private void EmitLoadMemorySize()
    {
        if (_module.ImportsMemory)
        {
            EmitLoadState(StateLayout.MemoryOwner, OpCodes.Ldind_I);
            _il.Emit(OpCodes.Ldc_I4, StateLayout.MemorySize);
            _il.Emit(OpCodes.Add);
            _il.Emit(OpCodes.Ldind_I);
        }
        else
        {
            EmitLoadState(StateLayout.MemorySize, OpCodes.Ldind_I);
        }
    }

    private static MethodInfo Method(Type type, string name) =>
        type.GetMethod(name, BindingFlags.Public | BindingFlags.Static)!;
}
