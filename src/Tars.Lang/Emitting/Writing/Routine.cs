using Tars.Base;
using Tars.Bundle.Wasm;

namespace Tars.Lang.Emitting.Writing;

/// <summary>A function of the bundle, written when it is first asked for.</summary>
internal sealed class Routine(string name, FuncType type, Action<Body> write)
{
    private FuncIndex? _index;

    /// <summary>What the name section and traces call it; two may have the same.</summary>
    public string Name { get; } = name;

    public FuncType Type { get; } = type;

    /// <summary>Set when the module is put together.</summary>
    public FuncIndex Index
    {
        get
        {
            Invariant.Holds(_index is not null);
            return _index.Value;
        }
        set => _index = value;
    }

    public void Write(Body body) => write(body);

    /// <summary>The call as an expression; only of a routine with one result.</summary>
    public Term Call(params Term[] arguments) => Term.Of(Type.Results[0], body => body.Call(this, arguments));
}
