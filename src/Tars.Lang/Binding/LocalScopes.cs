using Tars.Lang.Symbols;

namespace Tars.Lang.Binding;

/// <summary>The locals that are in scope, innermost block last.</summary>
internal sealed class LocalScopes
{
    private readonly List<LocalSymbol> _locals = [];
    private readonly Dictionary<string, LocalSymbol> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<LocalSymbol, LocalSymbol> _hidden = new(ReferenceEqualityComparer.Instance);

    public IEnumerable<string> Names => _byName.Keys;

    public int Open() => _locals.Count;

    /// <summary>Forgets what was declared since the matching <see cref="Open"/>.</summary>
    public void Close(int mark)
    {
        for (int index = _locals.Count - 1; mark <= index; index--)
        {
            LocalSymbol local = _locals[index];
            _locals.RemoveAt(index);
            _byName.Remove(local.Name);
            if (_hidden.Remove(local, out LocalSymbol? outer))
            {
                _byName[local.Name] = outer;
            }
        }
    }

    public bool Has(string name) => _byName.ContainsKey(name);

    /// <summary>A name that is taken is an error, but what follows means the newer one.</summary>
    public void Add(LocalSymbol local)
    {
        if (_byName.TryGetValue(local.Name, out LocalSymbol? outer))
        {
            _hidden[local] = outer;
        }

        _locals.Add(local);
        _byName[local.Name] = local;
    }

    public LocalSymbol? Find(string name) => _byName.GetValueOrDefault(name);
}
