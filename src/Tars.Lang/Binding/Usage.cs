namespace Tars.Lang.Binding;

/// <summary>Which declared things are used. A thing is a symbol, so identity decides.</summary>
internal sealed class Usage
{
    private readonly HashSet<object> _used = new(ReferenceEqualityComparer.Instance);

    public void Mark(object symbol) => _used.Add(symbol);

    public bool IsUsed(object symbol) => _used.Contains(symbol);
}
