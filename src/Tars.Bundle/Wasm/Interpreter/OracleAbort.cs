namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>Asks for the end of a call of the oracle, from whichever thread; it ends at its next region.</summary>
public sealed class OracleAbort
{
    private bool _isAsked;

    public bool IsAsked => Volatile.Read(ref _isAsked);

    public void Ask() => Volatile.Write(ref _isAsked, true);
}
