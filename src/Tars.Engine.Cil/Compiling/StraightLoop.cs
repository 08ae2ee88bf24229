using Tars.Bundle.Wasm;

namespace Tars.Engine.Cil.Compiling;

/// <summary>A loop without a branch but the one back, as its float locals see it.</summary>
/// <remarks>
/// In such a loop a local can hold a loose result of arithmetic though elsewhere it holds exact bits: it is made exact
/// once, after the loop. The next turn must then overwrite it before it is read, or read it for arithmetic only, to
/// which a NaN of the turn before is as good as the one that the local came with.
/// </remarks>
internal sealed class StraightLoop
{
    private readonly Dictionary<int, FloatShape> _readFirst = [];
    private readonly HashSet<int> _exact = [];
    private readonly HashSet<int> _set = [];

    // Of each operand the local that it was read from before a turn had set it, or -1.
    private readonly List<int> _stack = [];

    /// <summary>Null when the loop branches elsewhere, or not back.</summary>
    public static StraightLoop? Of(ValidatedFunction function, int start)
    {
        var loop = new StraightLoop();
        var reader = new InstructionReader(function.Body.Span, start);
        while (reader.Next())
        {
            if (reader.Opcode is Opcode.BrIf && reader.Index == 0)
            {
                return loop;
            }

            if (!loop.Step(in reader, function))
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>Whether a turn may leave such a result in the local.</summary>
    public bool MayHold(int local, FloatShape shape) =>
        !_exact.Contains(local) && _readFirst.GetValueOrDefault(local, shape) == shape;

    private bool Step(in InstructionReader at, ValidatedFunction function)
    {
        switch (at.Opcode)
        {
            case Opcode.LocalGet:
                bool isFloat = function.Locals[at.Index] is ValType.F32 or ValType.F64 or ValType.V128;
                _stack.Add(isFloat && !_set.Contains(at.Index) ? at.Index : -1);
                return true;
            case Opcode.LocalSet or Opcode.LocalTee:
                Take(1, FloatShape.None);
                _set.Add(at.Index);
                Give(at.Opcode is Opcode.LocalTee ? 1 : 0);
                return true;
            case Opcode.GlobalGet or Opcode.I32Const or Opcode.I64Const or Opcode.F32Const or Opcode.F64Const
                or Opcode.V128Const:
                Give(1);
                return true;
            case Opcode.GlobalSet or Opcode.Drop:
                Take(1, FloatShape.None);
                return true;
            case Opcode.Select or Opcode.SelectTyped:
                Take(3, FloatShape.None);
                Give(1);
                return true;
            default:
                if (at.Info.Signature is not { } signature)
                {
                    return false;
                }

                Apply(signature, Translations.Find(at.Opcode) is { Passes: false } row ? row.Takes : FloatShape.None);
                return true;
        }
    }

    private void Apply(FuncType type, FloatShape takes)
    {
        Take(type.Parameters.Length, takes);
        Give(type.Results.Length);
    }

    private void Take(int count, FloatShape shape)
    {
        for (; 0 < count; count--)
        {
            int local = _stack[^1];
            _stack.RemoveAt(_stack.Count - 1);
            if (local < 0)
            {
                continue;
            }

            if (shape is FloatShape.None || _readFirst.GetValueOrDefault(local, shape) != shape)
            {
                _exact.Add(local);
            }

            _readFirst[local] = shape;
        }
    }

    private void Give(int count) => _stack.AddRange(Enumerable.Repeat(-1, count));
}
