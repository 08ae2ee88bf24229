namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>Asks for the end of a call of the oracle, from whichever thread; it ends at its next region.</summary>
public sealed class OracleAbort
{
    private bool _isAsked;

    public bool IsAsked => Volatile.Read(ref _isAsked);

    /// <summary>A new call begins: what was asked of the one before is done.</summary>
    public void Begin() => Volatile.Write(ref _isAsked, false);

    public void Ask() => Volatile.Write(ref _isAsked, true);
}
