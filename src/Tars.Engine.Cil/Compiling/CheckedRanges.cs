namespace Tars.Engine.Cil.Compiling;

/// <summary>What is known, where code is being translated, to lie inside the memory.</summary>
/// <remarks>
/// A check that was passed holds for what follows it: a memory never shrinks. It is forgotten where its local is set
/// and where control flow meets.
/// </remarks>
internal sealed class CheckedRanges
{
    // For a wasm local: so many bytes from the address that it holds lie inside the memory.
    private readonly Dictionary<int, long> _ends = [];

    public bool Covers(Operand address, long end) =>
        address.Kind is OperandKind.Local && _ends.TryGetValue(address.Index, out long known) && end <= known;

    public void Note(Operand address, long end)
    {
        if (address.Kind is OperandKind.Local)
        {
            _ends[address.Index] = end;
        }
    }

    /// <summary>The local is set to a value.</summary>
    public void Set(int local, Operand value)
    {
        if (value.Kind is OperandKind.Local && _ends.TryGetValue(value.Index, out long known))
        {
            _ends[local] = known;
        }
        else
        {
            _ends.Remove(local);
        }
    }

    public void Clear() => _ends.Clear();
}
