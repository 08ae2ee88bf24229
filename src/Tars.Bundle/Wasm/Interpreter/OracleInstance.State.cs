using System.Collections.Immutable;

namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>The state of an instance that shares nothing with another, taken out and put back.</summary>
public sealed partial class OracleInstance
{
    /// <summary>A copy of all that the instance is now.</summary>
    /// <remarks>References are functions of the instance itself: a module with others has no such state.</remarks>
    public OracleState Save() => new(
        Memory is { } memory ? memory.Bytes.ToArray() : [],
        [.. _globals.Select(global => BitsOf(global.Value))],
        [.. _tables.Select(table => ImmutableArray.Create([.. table.Elements.ToArray().Select(NumberOf)]))],
        [.. _data.Select((left, index) => left.Length < Module.Module.DataSegments[index].Bytes.Length)],
        [.. _elements.Select((left, index) => left.Length < References(Module.Module.Elements[index].Items).Length)]);

    /// <param name="state">Of an instance of the same module.</param>
    public void Restore(OracleState state)
    {
        Memory?.Replace(state.Memory.Span);
        for (int index = 0; index < _globals.Length; index++)
        {
            var bits = state.Globals[index];
            _globals[index].Value = _globals[index].Type.Type is ValType.FuncRef
                ? Value.OfReference(FunctionOf((int)bits))
                : new Value((ulong)bits, (ulong)(bits >> 64));
        }

        for (int index = 0; index < _tables.Length; index++)
        {
            _tables[index].Replace([.. state.Tables[index].Select(FunctionOf)]);
        }

        for (int index = 0; index < _data.Length; index++)
        {
            _data[index] = state.DroppedData[index] ? default : Module.Module.DataSegments[index].Bytes;
        }

        for (int index = 0; index < _elements.Length; index++)
        {
            _elements[index] = state.DroppedElements[index] ? [] : References(Module.Module.Elements[index].Items);
        }
    }

    private UInt128 BitsOf(Value value) => value.Reference is null
        ? new UInt128(value.High, value.Low)
        : (uint)NumberOf(value.Reference);

    private int NumberOf(object? reference) => Array.IndexOf(_functions, reference) + 1;

    private object? FunctionOf(int number) => number == 0 ? null : _functions[number - 1];
}
