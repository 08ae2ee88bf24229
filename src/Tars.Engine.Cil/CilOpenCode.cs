using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Compiling;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil;

/// <summary>The code of a guest's module of which some functions can be replaced.</summary>
internal sealed class CilOpenCode(CompiledModule code) : IOpenCode
{
    private readonly CilCode _own = new(code);

    public IGuest? Instantiate(GuestLimits limits, out GuestFault? fault) => _own.Instantiate(limits, out fault);

    public ImmutableArray<IGuestCode> With(
        ImmutableArray<ImmutableArray<ValidatedFunction>> bodies, out string why)
    {
        Invariant.Holds(bodies.All(list => list.Length == code.OpenCount));
        return [.. code.With(bodies, out why).Select(one => new CilCode(one, _own))];
    }

    public void Dispose() => _own.Dispose();
}
