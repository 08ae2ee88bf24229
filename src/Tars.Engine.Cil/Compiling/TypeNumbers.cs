using Tars.Bundle.Wasm;

namespace Tars.Engine.Cil.Compiling;

/// <summary>Gives equal function types equal numbers, so that an indirect call compares one word.</summary>
/// <remarks>Shared by the modules of an engine, whose instances may call one another.</remarks>
internal sealed class TypeNumbers
{
    private readonly Dictionary<FuncType, int> _numbers = [];
    private readonly Lock _gate = new();

    public int this[FuncType type]
    {
        get
        {
            lock (_gate)
            {
                if (!_numbers.TryGetValue(type, out int number))
                {
                    _numbers[type] = number = _numbers.Count;
                }

                return number;
            }
        }
    }
}
