namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>A function that can be called, exported and put into tables.</summary>
public abstract class OracleFunction
{
    private OracleFunction(FuncType type) => Type = type;

    public FuncType Type { get; }

    /// <summary>A function of an instance.</summary>
    public sealed class Own : OracleFunction
    {
        private PreparedCode? _code;

        internal Own(OracleInstance instance, ValidatedFunction function)
            : base(function.Type)
        {
            Instance = instance;
            Function = function;
        }

        public OracleInstance Instance { get; }

        public ValidatedFunction Function { get; }

        /// <summary>Made at the first call.</summary>
        internal PreparedCode Code => _code ??= CodePreparer.Prepare(Instance.Module, Function);
    }

    /// <summary>A function of the host.</summary>
    public sealed class Host(FuncType type, OracleHostCall call) : OracleFunction(type)
    {
        public OracleHostCall Call { get; } = call;
    }
}
