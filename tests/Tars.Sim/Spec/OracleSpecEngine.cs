using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;

namespace Tars.Sim.Spec;

/// <summary>The oracle, as the suite sees it.</summary>
public sealed class OracleSpecEngine : ISpecEngine
{
    private static readonly OracleLimits _limits = OracleLimits.Wide with { DepthSlots = 1 << 16 };

    public string Name => "oracle";

    public SpecInstance Instantiate(ValidatedModule module, Func<Import, object?> imports)
    {
        var made = OracleInstance.Instantiate(module, import => (OracleExtern?)imports(import), _limits);
        return made switch
        {
            Instantiation.Ready ready => new SpecInstance(ready.Instance.Export),
            Instantiation.Trapped trapped => new SpecInstance(null, Trap: trapped.Trap),
            _ => new SpecInstance(null, Unlinkable: ((Instantiation.Unlinkable)made).Message),
        };
    }

    public OracleResult? Act(object export, ReadOnlySpan<Value> arguments) => export switch
    {
        OracleExtern.OfFunc func => OracleInstance.Call(func.Function, arguments, _limits),
        OracleExtern.OfGlobal global => new OracleResult.Returned([global.Variable.Value], FuelUsed: 0),
        _ => null,
    };
}
