using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Tars.Bundle.Wasm;

namespace Tars.Engine.Cil.Compiling;

/// <summary>What one look over a function's code tells, before it is translated.</summary>
/// <remarks>
/// A float local is exact when some value is put into it whose bits must be kept: a parameter, something loaded,
/// returned or reinterpreted. A local that only ever holds results of arithmetic need not be made canonical each time
/// that it is set; where its bits are looked at is soon enough. Of a local that holds a vector the same is true when
/// all arithmetic sees the same lanes in it.
/// </remarks>
internal sealed class FunctionFacts
{
    private readonly bool[] _isExact;
    private readonly FloatShape[] _shapes;
    private readonly List<(int From, int To)> _copies = [];

    private FunctionFacts(ValidatedFunction function)
    {
        _isExact = new bool[function.Locals.Length];
        for (int local = 0; local < _isExact.Length; local++)
        {
            _isExact[local] = local < function.Type.Parameters.Length
                || function.Locals[local] is not (ValType.F32 or ValType.F64 or ValType.V128);
        }

        _shapes = new FloatShape[_isExact.Length];
    }

    public bool HasLoop { get; private set; }

    public bool UsesMemory { get; private set; }

    public bool HasCall { get; private set; }

    public bool IsExact(int local) => _isExact[local];

    /// <summary>What reading the local gives; see <see cref="Operand.Loose"/>.</summary>
    public FloatShape ShapeOf(int local) => _isExact[local] ? FloatShape.None : _shapes[local];

    public static FunctionFacts Of(ValidatedFunction function)
    {
        var facts = new FunctionFacts(function);
        facts.Look(function.Body.Span, function.Locals);
        facts.Spread();
        return facts;
    }

    private void Look(ReadOnlySpan<byte> body, ImmutableArray<ValType> locals)
    {
        var reader = new InstructionReader(body);
        var last = Opcode.Nop;
        int source = -1;
        while (reader.Next())
        {
            var opcode = reader.Opcode;
            HasLoop |= opcode is Opcode.Loop;
            HasCall |= opcode is Opcode.Call or Opcode.CallIndirect;
            UsesMemory |= reader.Info.Immediate is Immediate.Memory or Immediate.MemoryLane;
            if (opcode is Opcode.LocalSet or Opcode.LocalTee
                && locals[reader.Index] is ValType.F32 or ValType.F64 or ValType.V128)
            {
                Note(last, source, reader.Index);
            }

            source = opcode is Opcode.LocalGet or Opcode.LocalTee ? reader.Index
                : opcode is Opcode.F32Const or Opcode.F64Const or Opcode.V128Const && HasNaN(in reader) ? -1
                : -2;
            last = source == -1 ? Opcode.Nop : opcode;
        }
    }

    // What was just before the instruction that sets a local has made the value, or the value is not known here.
    private void Note(Opcode maker, int source, int target)
    {
        if (0 <= source)
        {
            _copies.Add((source, target));
        }
        else if (maker is not (Opcode.F32Const or Opcode.F64Const or Opcode.V128Const))
        {
            Take(target, Translations.Find(maker) is { Passes: false } row ? row.Gives : FloatShape.None);
        }
    }

    private void Take(int target, FloatShape shape)
    {
        _isExact[target] |= shape is FloatShape.None
            || (_shapes[target] is not FloatShape.None && _shapes[target] != shape);
        _shapes[target] = shape;
    }

    private void Spread()
    {
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (var (from, to) in _copies)
            {
                if (_isExact[to])
                {
                    continue;
                }

                var before = _shapes[to];
                if (_isExact[from])
                {
                    _isExact[to] = true;
                }
                else if (_shapes[from] is not FloatShape.None)
                {
                    Take(to, _shapes[from]);
                }

                changed |= _isExact[to] || _shapes[to] != before;
            }
        }
    }

    // A vector counts as one if it does either way of looking at it.
    private static bool HasNaN(in InstructionReader reader) => reader.Opcode switch
    {
        Opcode.F32Const => float.IsNaN(BitConverter.UInt32BitsToSingle(reader.F32Bits)),
        Opcode.F64Const => double.IsNaN(BitConverter.UInt64BitsToDouble(reader.F64Bits)),
        _ => MemoryMarshal.Cast<byte, float>(reader.Bytes).ContainsAnyExceptInRange(float.MinValue, float.MaxValue)
            || MemoryMarshal.Cast<byte, double>(reader.Bytes)
                .ContainsAnyExceptInRange(double.MinValue, double.MaxValue),
    };
}
